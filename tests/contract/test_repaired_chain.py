"""A real weakness, found by real metrics and mended by a real repair: the demo's second title."""

from __future__ import annotations

import pytest

from airdub.stages import STAGES
from airdub.transcript import Lines, Takes
from tests.attempts import Judged, attempts
from tests.builders import local_store
from tests.chain import Chain
from tests.media.make import make

TOO_LONG = "s0003"
BEFORE_THE_REPAIR = (
    "probe", "extract_audio", "track_faces", "separate", "transcribe",
)  # fmt: skip


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> list[Judged]:
    """All attempts at the station sample, up to their verdicts."""
    folder = tmp_path_factory.mktemp("station")
    make(folder, lambda line: None, ("station",))
    return list(attempts(Chain.begin(folder / "station.mp4", ("es", "en"), local_store(folder))))


def takes(one: Judged) -> dict[str, str]:
    """sha256 of each line's sound before its voice is converted."""
    outputs = one.chain.runs["synthesize"].result.outputs
    path = one.chain.store.local_path(outputs["takes"].key)
    found = Takes.model_validate_json(path.read_bytes())
    return {take.segment_id: take.audio.sha256 for take in found.takes}


def lines(one: Judged) -> dict[str, tuple[str, str]]:
    """Text and method of each line."""
    found = Lines.model_validate_json(one.chain.path("lines").read_bytes())
    return {line.segment_id: (line.text, line.method) for line in found.lines}


def test_a_line_that_is_too_long_is_found_and_mended(station: list[Judged]) -> None:
    assert [one.settlement.verdict.decision for one in station] == ["RETRY", "APPROVED"]
    blocking = [reason for reason in station[0].attempt.verdict.reasons if reason.blocking]
    assert {(reason.metric, reason.scope) for reason in blocking} == {
        ("overflow", "title"),
        ("overflow", TOO_LONG),
    }
    assert lines(station[1])[TOO_LONG] == (
        "Today is a great day for all of us.",
        "script, shortened",
    )


def test_nothing_else_is_made_again(station: list[Judged]) -> None:
    first, second = station
    cached = {name for name, run in second.chain.runs.items() if run.cached}
    assert cached == set(BEFORE_THE_REPAIR)
    assert set(second.chain.runs) == set(STAGES)
    for stage in ("synthesize", "convert_voice"):
        assert second.chain.runs[stage].result.measurements["items_computed"] == 1
    for made in (takes, lines):
        changed = {name for name in made(first) if made(first)[name] != made(second)[name]}
        assert changed == {TOO_LONG}
