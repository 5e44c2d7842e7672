"""How long the queue takes follows from what dubs took, and says what it doesn't know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.reports.documents import StageSample
from airdub.reports.remaining import remaining, told


def sample(
    run_id: str,
    stage: str,
    wall_s: float,
    *,
    language: str = "es",
    cached: bool = False,
    gpu_s: float = 0.0,
) -> StageSample:
    return StageSample(
        run_id=run_id, language=language, stage=stage, engine="it", cached=cached,
        wall_s=wall_s, gpu_s=gpu_s,
    )  # fmt: skip


def test_busy_slots_bound_it() -> None:
    samples = [sample("a", "probe", 10.0), sample("a", "mux", 30.0), sample("b", "probe", 20.0)]
    found = remaining({"es": 100}, samples, slots=4, active=1000)
    assert (found.seconds, found.dubs, found.measured) == (100 * 30.0 / 4, 100, 2)


def test_few_active_dubs_bound_it_too() -> None:
    found = remaining({"es": 100}, [sample("a", "probe", 30.0)], slots=64, active=2)
    assert found.seconds == 100 * 30.0 / 2


def test_a_stage_of_many_cores_takes_as_many_slots() -> None:
    from airdub.stages import STAGES

    stage, spec = max(STAGES.items(), key=lambda item: item[1].resources.cpus)
    found = remaining({"es": 1}, [sample("a", stage, 10.0)], slots=1, active=100)
    assert found.seconds == pytest.approx(10.0 * spec.resources.cpus)
    assert spec.resources.cpus > 1


def test_a_pod_takes_one_slot_or_gpus_whatever_cores_it_asks_for() -> None:
    samples = [sample("a", "evaluate", 10.0), sample("a", "lipsync", 30.0, gpu_s=30.0)]
    many = {"slots": 5, "active": 1000}
    assert remaining({"es": 100}, samples, **many, gpus=100).seconds == pytest.approx(200.0)
    assert remaining({"es": 100}, samples, **many, gpus=2).seconds == pytest.approx(1500.0)


def test_repairs_belong_to_their_dub_and_cache_hits_cost_nothing() -> None:
    samples = [
        sample("a.es.1", "probe", 10.0),
        sample("a.es.1.a2", "probe", 10.0, cached=True),
        sample("a.es.1.a2", "synthesize", 5.0),
    ]
    found = remaining({"es": 2}, samples, slots=1, active=1)
    assert (found.seconds, found.measured) == (30.0, 1)


def test_languages_cost_what_they_cost() -> None:
    samples = [sample("a", "probe", 10.0), sample("b", "probe", 50.0, language="ja")]
    found = remaining({"es": 1, "ja": 1, "fr": 1}, samples, slots=1, active=1)
    assert found.seconds == 10.0 + 50.0 + 30.0
    assert found.guessed == ("fr",)


def test_nothing_measured_is_no_estimate() -> None:
    found = remaining({"es": 5}, [], slots=4, active=16)
    assert (found.seconds, found.dubs, found.measured) == (None, 5, 0)
    assert remaining({}, [], slots=4, active=16).seconds == 0.0


@given(
    st.dictionaries(st.sampled_from(["es", "fr", "ja"]), st.integers(1, 10**6), min_size=1),
    st.lists(st.floats(0.1, 1e4), min_size=1, max_size=20),
    st.integers(1, 64),
    st.integers(1, 64),
)
def test_more_dubs_take_longer_and_more_slots_never_do(
    left: dict[str, int], walls: list[float], slots: int, active: int
) -> None:
    samples = [sample(f"run-{number}", "mux", wall) for number, wall in enumerate(walls)]
    seconds = remaining(left, samples, slots=slots, active=active).seconds
    assert seconds is not None
    more = remaining(left | {"de": 1}, samples, slots=slots, active=active).seconds
    wider = remaining(left, samples, slots=slots + 1, active=active + 1).seconds
    assert more is not None
    assert wider is not None
    assert more > seconds
    assert wider <= seconds


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "no time"),
        (0.2, "1 second"),
        (59.0, "59 seconds"),
        (3600.0, "1 hour"),
        (3725.0, "1 hour 2 minutes"),
        (86400 * 3 + 3600 * 4 + 59, "3 days 4 hours"),
    ],
)
def test_it_is_told_in_two_units(seconds: float, words: str) -> None:
    assert told(seconds) == words
