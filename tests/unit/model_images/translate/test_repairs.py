"""A failed line gets other words; all other lines keep their bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from airdub.engines import find_engine, resolve_engine
from airdub.errors import InvalidInput
from airdub.transcript import Line, Lines
from model_images.runner.environment import detect
from model_images.translate.repairs import LineChange, Wording, reworded
from model_images.translate.stage import run
from tests.builders import stage_context, transcript

SOURCE = transcript(
    (1, 2, "Buenos días."), (3, 4, "La casa es grande."), (5, 6, "No hay 20 perros."), language="es"
)
SCRIPT = """1
00:00:01,000 --> 00:00:02,000
Good morning to each and every one of you, wherever you are.

2
00:00:03,000 --> 00:00:04,000
Well, I am quite sure that the house is really very big.

3
00:00:05,000 --> 00:00:06,000
There are not 20 dogs.
"""


def apertium() -> dict[str, Any]:
    spec = find_engine("translate", "apertium")
    return resolve_engine("translate", "apertium", detect([spec])).model_dump(mode="json")


def written(folder: Path, repairs: dict[str, Any]) -> tuple[Line, ...]:
    folder.mkdir(exist_ok=True)
    script = folder / "film.en.srt"
    script.write_text(SCRIPT)
    parameters: dict[str, Any] = {"source_language": "es", "target_language": "en"}
    if repairs:
        parameters["repairs"] = repairs
    inputs = {"transcript": SOURCE, "target_script": script}
    context = stage_context(folder, "translate", "script", parameters, inputs)
    run(context)
    return Lines.model_validate_json(context.output("lines", ".json").read_bytes()).lines


def test_a_line_is_shortened_by_its_own_words_first(tmp_path: Path) -> None:
    first = written(tmp_path, {})
    change = {"s0002": {"engine": apertium(), "syllable_factor": 0.7}}
    lines = written(tmp_path, change)
    assert lines[1].text == "I'm sure the house is very big."
    assert lines[1].method == "script, shortened"
    assert lines[1].syllables <= 0.7 * first[1].syllables
    assert (lines[0], lines[2]) == (first[0], first[2])


def test_a_line_that_no_rule_can_shorten_enough_is_the_next_engine_s(tmp_path: Path) -> None:
    lines = written(tmp_path, {"s0001": {"engine": apertium(), "syllable_factor": 0.5}})
    assert (lines[0].text, lines[0].method) == ("Good morning.", "apertium")
    assert {line.method for line in lines[1:]} == {"script"}


def test_a_line_may_be_another_engine_s_whatever_its_length(tmp_path: Path) -> None:
    lines = written(tmp_path, {"s0003": {"engine": apertium()}})
    assert lines[2].method == "apertium"
    assert "20" in lines[2].text


def test_without_another_engine_the_shortest_that_rules_reach(tmp_path: Path) -> None:
    lines = written(tmp_path, {"s0001": {"syllable_factor": 0.3}})
    assert lines[0].text == "Good morning to every one of you, wherever you are."
    lines = written(tmp_path, {"s0003": {"syllable_factor": 0.3}})
    assert lines[2].text == "There aren't 20 dogs."


def test_a_repair_of_no_line_or_by_other_versions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="'s0009', which is no spoken segment"):
        written(tmp_path, {"s0009": {"syllable_factor": 0.5}})
    stale = {**apertium(), "version": "0"}
    with pytest.raises(InvalidInput, match="this environment has"):
        written(tmp_path, {"s0001": {"engine": stale}})


@pytest.mark.parametrize(
    ("first", "other", "factor", "said"),
    [
        ("", "Hello.", 0.5, "Hello."),
        ("Hello.", "", 0.5, "Hello."),
        ("Hello.", "", None, "Hello."),
        ("Hello.", "Hi.", None, "Hi."),
        ("", "", 0.5, ""),
        ("Hello there you.", "Hello there, dear old friend.", 0.4, "Hello there you."),
    ],
)
def test_a_line_never_disappears(first: str, other: str, factor: float | None, said: str) -> None:
    change = LineChange(syllable_factor=factor)
    made = reworded(Wording(first, "script"), Wording(other, "apertium"), change, "en", len)
    assert made.text == said
