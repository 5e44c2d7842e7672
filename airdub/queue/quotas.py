"""Quotas: whether a day has room for another dub. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from airdub.queue.documents import Quota

Group = tuple[str, str]
"""A target language and a profile."""


def covers(quota: Quota, group: Group) -> bool:
    """Whether dubs of a language and profile count against a quota."""
    kind, _, name = quota.scope.partition(":")
    language, profile = group
    if kind == "language":
        return language == name or language.startswith(f"{name}-")
    return kind == "all" or profile == name


class Budget:
    """What a day's quotas leave.

    Args:
        quotas: those that hold.
        used: by unit, what each language and profile has used of the day.
    """

    def __init__(
        self, quotas: Iterable[Quota], used: Mapping[str, Mapping[Group, float]] | None = None
    ) -> None:
        self._left = {quota: quota.per_day - used_of(quota, used or {}) for quota in quotas}

    def admits(self, group: Group) -> bool:
        """Whether another dub may be started: a whole one, or any of the GPU seconds is left."""
        return all(
            left >= 1 if quota.unit == "dubs" else left > 0
            for quota, left in self._left.items()
            if covers(quota, group)
        )

    def take(self, group: Group) -> None:
        """Count a dub that is started."""
        for quota in self._left:
            if quota.unit == "dubs" and covers(quota, group):
                self._left[quota] -= 1


def used_of(quota: Quota, used: Mapping[str, Mapping[Group, float]]) -> float:
    """How much of a quota is used."""
    return sum(much for group, much in used.get(quota.unit, {}).items() if covers(quota, group))
