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
        slot_s: seconds of slots: a process takes one for each core that it uses, a pod one.
        gpu_s: seconds of GPUs.
    """

    wall_s: float = 0.0
    slot_s: float = 0.0
    gpu_s: float = 0.0

    def __add__(self, other: Workload) -> Workload:
        return Workload(
            self.wall_s + other.wall_s, self.slot_s + other.slot_s, self.gpu_s + other.gpu_s
        )

    def __mul__(self, count: float) -> Workload:
        return Workload(self.wall_s * count, self.slot_s * count, self.gpu_s * count)


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
    left: Mapping[str, int],
    samples: Iterable[StageSample],
    *,
    slots: int,
    active: int,
    gpus: int = 0,
) -> Remaining:
    """How long the dubs that are left will take, if the next are as the latest were.

    The longest of the bounds: all slots are busy all the time, or all GPUs, or as many dubs as may
    be active are each at one stage all the time. Quotas, pauses and people's answers come on top.

    Args:
        left: dubs by language; those that run now count as a whole.
        samples: stages of the latest runs.
        slots: cores that stages have (the pool `airdub_cpu`); where they are pods, how many of
            those there may be.
        active: dubs that may run at once.
        gpus: GPUs that pods have; 0: stages are no pods.
    """
    by_language: dict[str, list[Workload]] = defaultdict(list)
    for language, load in _dubs(samples, pods=gpus > 0):
        by_language[language].append(load)
    known = [load for loads in by_language.values() for load in loads]
    dubs = sum(left.values())
    if not known or not dubs:
        return Remaining(None if dubs else 0.0, dubs, len(known))
    rest = Workload()
    for language, count in left.items():
        rest += _mean(by_language.get(language) or known) * count
    seconds = max(rest.slot_s / slots, rest.wall_s / active, rest.gpu_s / max(1, gpus))
    guessed = tuple(sorted(name for name in left if left[name] and name not in by_language))
    return Remaining(seconds, dubs, len(known), guessed)


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


def _dubs(samples: Iterable[StageSample], *, pods: bool) -> list[tuple[str, Workload]]:
    """Each dub's language and load: all attempts of it are one dub."""
    found: dict[str, tuple[str, Workload]] = {}
    for sample in samples:
        first = attempt_run_id(sample.run_id, 1)
        language, load = found.get(first, (sample.language, Workload()))
        if not sample.cached:
            load += _load(sample, pods=pods)
        found[first] = (language, load)
    return list(found.values())


def _load(sample: StageSample, *, pods: bool) -> Workload:
    """What a stage took; a pod with a GPU takes a slot of another pool."""
    if pods:
        return Workload(sample.wall_s, 0.0 if sample.gpu_s else sample.wall_s, sample.gpu_s)
    cores = math.ceil(STAGES[sample.stage].resources.cpus) if sample.stage in STAGES else 1
    return Workload(sample.wall_s, sample.wall_s * cores)


def _mean(loads: list[Workload]) -> Workload:
    return sum(loads, Workload()) * (1 / len(loads))
