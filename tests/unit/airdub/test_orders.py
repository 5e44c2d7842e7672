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
    assert (script.name if script else None) == found


def test_a_target_script_is_no_source_script(folder: Path) -> None:
    (folder / "film.es.srt").write_text("1")
    files = find_files(order(folder))
    assert files == {"source": folder / "film.mp4", "target_script": folder / "film.es.srt"}


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
