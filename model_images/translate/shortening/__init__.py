"""Saying a line in fewer syllables by rules: contractions, plainer phrases, then without fillers.

Rules never touch numbers, names or negation: a rule that would is not applied at that place. For
languages without rules a line stays as it is.
"""

from model_images.translate.shortening.shortener import shorten

__all__ = ["shorten"]
