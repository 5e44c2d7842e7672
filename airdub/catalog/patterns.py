"""Patterns of title ids, as SQL compares them on every database."""

from __future__ import annotations

ESCAPE = "!"
"""Of `LIKE`, in every query that takes a pattern: `LIKE :pattern ESCAPE '!'`."""


def like_pattern(pattern: str) -> str:
    """A pattern such as `maria-*` for `LIKE`: `*` is anything, `?` one character.

    Ids are lower case; so is the pattern, since databases disagree about the case in `LIKE`.
    """
    signs = {"*": "%", "?": "_", "%": f"{ESCAPE}%", "_": f"{ESCAPE}_", ESCAPE: ESCAPE * 2}
    return "".join(signs.get(sign, sign) for sign in pattern.lower())
