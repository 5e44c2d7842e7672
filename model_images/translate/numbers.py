"""Numbers that must come out of a translation as they went in. Pure."""

from __future__ import annotations

import re
from collections import Counter

from model_images.translate.glossary import STAND_IN

_NUMBER = re.compile(r"\d+(?:[.,:\u00a0\u202f]\d+)*")


def lost_numbers(source: str, target: str) -> list[str]:
    """Numbers of the source (stand-ins apart) that the target lacks or has less often, in order.

    Separators don't count: 1,234.50 is 1.234,50.
    """
    left = Counter(_digits(target))
    lost = []
    for number in _digits(STAND_IN.sub(" ", source)):
        if left[number] > 0:
            left[number] -= 1
        else:
            lost.append(number)
    return lost


def _digits(text: str) -> list[str]:
    return [re.sub(r"\D", "", number) for number in _NUMBER.findall(text)]
