"""How long what is queued will take, from what the latest dubs took. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from airdub.repair import attempt_run_id
from airdub.reports.documents import StageSample
from airdub.stages import STAGES


@dataclass(frozen=True)
class Workload:
    """What a dub takes, repairs included and what was found in the store left out.

    Attributes:
        wall_s: seconds of its stages, one after the other.
        slot_s: seconds of slots: a stage takes a slot for each core that it uses.
    """

    wall_s: float
    slot_s: float


@dataclass(frozen=True)
class Remaining:
    """How long the queue will take.

    Attributes:
        seconds: None when nothing was measured, or nothing is left to measure.
        dubs: how many are left.
        measured: how many dubs it is estimated from.
        guessed: languages that no dub was measured in: all languages' mean stands for them.
    """

    seconds: float | None
    dubs: int
    measured: int
    guessed: tuple[str, ...] = ()


def remaining(
    left: Mapping[str, int], samples: Iterable[StageSample], *, slots: int, active: int
) -> Remaining:
    """How long the dubs that are left will take, if the next are as the latest were.

    The longer of two bounds: all slots are busy all the time, or as many dubs as may be active are
    each at one stage all the time. Quotas, pauses and people's answers come on top.

    Args:
        left: dubs by language; those that run now count as a whole.
        samples: stages of the latest runs.
        slots: cores that stages have (the pool `airdub_cpu`).
        active: dubs that may run at once.
    """
    by_language: dict[str, list[Workload]] = defaultdict(list)
    for language, load in _dubs(samples):
        by_language[language].append(load)
    known = [load for loads in by_language.values() for load in loads]
    dubs = sum(left.values())
    if not known or not dubs:
        return Remaining(None if dubs else 0.0, dubs, len(known))
    wall_s = slot_s = 0.0
    for language, count in left.items():
        mean = _mean(by_language.get(language) or known)
        wall_s += count * mean.wall_s
        slot_s += count * mean.slot_s
    guessed = tuple(sorted(name for name in left if left[name] and name not in by_language))
    return Remaining(max(slot_s / slots, wall_s / active), dubs, len(known), guessed)


def told(seconds: float) -> str:
    """`3 days 4 hours`, `2 hours 5 minutes`, `40 seconds`."""
    units = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
    words: list[str] = []
    left = math.ceil(seconds)
    for name, length in units:
        count, left = divmod(left, length)
        if count or (words and len(words) < 2):
            words.append(f"{count} {name}{'' if count == 1 else 's'}")
        if len(words) == 2:
            break
    return " ".join(word for word in words if not word.startswith("0 ")) or "no time"


def _dubs(samples: Iterable[StageSample]) -> list[tuple[str, Workload]]:
    """Each dub's language and load: all attempts of it are one dub."""
    found: dict[str, tuple[str, Workload]] = {}
    for sample in samples:
        first = attempt_run_id(sample.run_id, 1)
        language, load = found.get(first, (sample.language, Workload(0.0, 0.0)))
        if not sample.cached:
            cores = math.ceil(STAGES[sample.stage].resources.cpus) if sample.stage in STAGES else 1
            load = Workload(load.wall_s + sample.wall_s, load.slot_s + sample.wall_s * cores)
        found[first] = (language, load)
    return list(found.values())


def _mean(loads: list[Workload]) -> Workload:
    count = len(loads)
    return Workload(
        sum(load.wall_s for load in loads) / count, sum(load.slot_s for load in loads) / count
    )
