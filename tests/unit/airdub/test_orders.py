"""Orders are normalised and checked; files beside the source are found by their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from airdub.engines import Environment
from airdub.errors import InvalidInput
from airdub.orders import DubOrder, check_plan, find_files
from airdub.stages import STAGES
from tests.fakes.stage_python import complete


def order(folder: Path, **changes: Any) -> DubOrder:
    params = {
        "source": str(folder / "film.mp4"),
        "source_language": "en",
        "target_language": "es",
    }
    return DubOrder.parse(params | changes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "film.mp4").write_bytes(b"x")
    return tmp_path


def test_languages_are_normalised_and_the_id_is_made(folder: Path) -> None:
    made = order(folder, source_language="EN-us", target_language="spa", title_id=None)
    assert (made.source_language, made.target_language) == ("en-US", "es")
    assert made.title_id.startswith("film-")


def test_a_missing_parameter_is_named(folder: Path) -> None:
    with pytest.raises(InvalidInput, match="source_language: Field required"):
        order(folder, source_language=None)


@pytest.mark.parametrize(
    ("beside", "source", "found"),
    [
        (["film.srt"], "en", "film.srt"),
        (["film.srt", "film.en.srt"], "en", "film.en.srt"),
        (["film.srt", "film.vtt", "film.ttml"], "en", "film.srt"),
        (["film.en.vtt", "film.srt"], "en-GB", "film.en.vtt"),
        (["film.en.vtt", "film.en-GB.ttml"], "en-GB", "film.en-GB.ttml"),
        (["film.EN.SRT"], "en", "film.EN.SRT"),
        (["film.fr.srt"], "en", None),
        (["film.es.srt"], "en", None),
        (["film2.srt", "afilm.srt", "film.mp4.srt"], "en", None),
    ],
)
def test_the_script_beside_the_source(
    folder: Path, beside: list[str], source: str, found: str | None
) -> None:
    for name in beside:
        (folder / name).write_text("1")
    script = find_files(order(folder, source_language=source)).get("script")
    assert (Path(script).name if script else None) == found


def test_a_target_script_is_no_source_script(folder: Path) -> None:
    (folder / "film.es.srt").write_text("1")
    files = find_files(order(folder))
    assert files == {
        "source": str(folder / "film.mp4"),
        "target_script": str(folder / "film.es.srt"),
    }


@pytest.mark.parametrize("name", ["film.es.reference.srt", "film.ES.Reference.ttml"])
def test_a_reference_is_no_script(folder: Path, name: str) -> None:
    (folder / name).write_text("1")
    assert find_files(order(folder)) == {
        "source": str(folder / "film.mp4"),
        "reference": str(folder / name),
    }
    assert "reference" not in find_files(order(folder, target_language="fr"))


def test_a_plan_names_an_engine_for_every_stage(folder: Path) -> None:
    plan = check_plan(order(folder), {"source"}, complete())
    assert set(plan) == set(STAGES)
    assert (plan["transcribe"], plan["translate"]) == ("pocketsphinx", "apertium")
    with_scripts = check_plan(
        order(folder, source_language="ko", target_language="en"),
        {"source", "script", "target_script", "background_stem"},
        complete(),
    )
    assert [with_scripts[s] for s in ("transcribe", "translate", "separate", "synthesize")] == [
        "script",
        "script",
        "supplied",
        "flite",
    ]


def test_a_plan_that_cannot_run_here_says_what_is_missing(folder: Path) -> None:
    with pytest.raises(InvalidInput, match=r"probe/ffprobe.*Debian package ffmpeg.*make setup"):
        check_plan(order(folder), {"source"}, Environment())


REPAIR = {"attempt": 2, "based_on": "run", "lines": [{"segment_id": "s0002", "take": 1}]}


def test_a_repair_is_read_from_parameters(folder: Path) -> None:
    made = order(folder, attempt=2, repair=REPAIR, parent_run_id="run")
    assert made.repair is not None
    assert (made.repair.line("s0002").take, made.parent_run_id) == (1, "run")
    assert order(folder, repair=None, parent_run_id=None) == order(folder)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"attempt": 1, "repair": REPAIR}, "attempt, repair"),
        ({"attempt": 0}, "attempt"),
        ({"attempt": 2, "repair": {**REPAIR, "lines": [{"segment_id": "../x"}]}}, "segment_id"),
        ({"attempt": 2, "repair": "yes"}, "repair"),
        ({"attempt": 2, "repair": {**REPAIR, "stages": {"mix": 7}}}, "repair.stages.mix"),
        ({"parent_run_id": "x" * 1000}, "parent_run_id"),
    ],
)
def test_a_repair_that_is_none_is_refused(
    folder: Path, changes: dict[str, Any], where: str
) -> None:
    with pytest.raises(InvalidInput, match=where):
        order(folder, **changes)


def test_a_repair_plans_with_its_own_engines(folder: Path) -> None:
    repair = {**REPAIR, "stages": {"convert_voice": "none"}}
    made = order(folder, attempt=2, repair=repair)
    assert check_plan(made, {"source"}, complete())["convert_voice"] == "none"


@pytest.mark.parametrize(
    "change",
    [
        {"stages": {"synthesize": "flite"}},
        {"lines": [{"segment_id": "s0001", "engine": "flite"}]},
        {"lines": [{"segment_id": "s0001", "text_engine": "script"}]},
    ],
)
def test_a_repair_by_an_engine_that_does_not_serve_is_refused(
    folder: Path, change: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput, match="cannot"):
        check_plan(order(folder, attempt=2, repair={**REPAIR, **change}), {"source"}, complete())
