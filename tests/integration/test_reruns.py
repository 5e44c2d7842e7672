"""Nothing is computed twice: runs, edits and further languages redo only what changed."""

from __future__ import annotations

from pathlib import Path

from airdub.failures import failures
from airdub.stages import STAGES
from tests.integration.conftest import Studio

SPOKEN = ("es", "en")


def test_a_second_run_computes_nothing(studio: Studio, short: Path) -> None:
    first = studio.dub(short, SPOKEN)
    second = studio.dub(short, SPOKEN)
    assert second.computed == set()
    assert second.draft == first.draft


def test_editing_one_line_redoes_that_line(studio: Studio, short: Path) -> None:
    script = short.with_suffix(".srt")
    studio.dub(short, SPOKEN)
    before = script.read_text()
    edited = before.replace(before.splitlines()[-1], "La biblioteca es grande.")
    assert edited != before
    script.write_text(edited)
    dub = studio.dub(short, SPOKEN)
    redone = {"transcribe", "translate", "synthesize", "convert_voice", "mix", "lipsync", "mux"}
    redone |= {"evaluate"}
    assert dub.computed - {"ingest"} == redone
    for stage in ("synthesize", "convert_voice"):
        measured = dub.draft.stages[stage].measurements
        assert (measured["items_computed"], measured["items_cached"]) == (1, 1)


def test_another_language_shares_what_does_not_depend_on_it(studio: Studio, short: Path) -> None:
    studio.dub(short, SPOKEN)
    short.with_suffix(".fr.srt").write_text(
        "1\n00:00:00,500 --> 00:00:04,500\nBonjour, ceci est un essai.\n"
    )
    french = studio.dub(short, ("es", "fr"))
    shared = {"probe", "extract_audio", "track_faces", "separate", "transcribe"}
    assert french.computed - {"ingest"} == set(STAGES) - shared
    assert french.result("translate").provenance.engine.name == "script"


def test_what_cannot_be_dubbed_is_refused_and_nothing_is_delivered(
    studio: Studio, tmp_path: Path
) -> None:
    film = tmp_path / "notes 🎬 'final'.mp4"
    film.write_text("this is no film")
    drafts = studio.store.list("drafts")
    state, run_id = studio.run(film, ("en", "es"))
    assert state == "failed"
    [record] = failures(studio.store, run_id, "prepare.probe")
    assert record.error == "InvalidInput"
    assert "What to do" in record.text
    assert studio.store.list("drafts") == drafts
