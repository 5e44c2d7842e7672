"""Translate with the real engines."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from airdub.errors import InvalidInput
from airdub.transcript import Action, Kind, Lines, Segment, Transcript
from model_images.runner.context import StageContext
from model_images.translate.engines.apertium import choose_pair, tidy
from model_images.translate.numbers import lost_numbers
from model_images.translate.stage import run
from tests.builders import seconds, stage_context, transcript

ES = transcript((1, 2, "Buenos días."), (3, 4, "La casa es grande."), language="es")


def translated(context: StageContext) -> Lines:
    run(context)
    return Lines.model_validate_json(context.output("lines", ".json").read_bytes())


def job(folder: Path, source: Transcript, to: str, engine: str = "apertium", **inputs: Path):  # type: ignore[no-untyped-def]
    languages = {"source_language": source.language, "target_language": to}
    return stage_context(folder, "translate", engine, languages, {"transcript": source, **inputs})


def test_apertium_translates_each_line(tmp_path: Path) -> None:
    context = job(tmp_path, ES, "en")
    lines = translated(context).lines
    assert [line.text for line in lines] == ["Good morning.", "The house is big."]
    assert [line.syllables for line in lines] == [3, 4]
    assert all(line.syllable_budget and not line.over_budget for line in lines)
    assert context.n_scored == 2


def test_editing_one_line_changes_that_line_alone(tmp_path: Path) -> None:
    before = translated(job(tmp_path / "a", ES, "en")).lines
    edited = transcript((1, 2, "Hola, amigos."), (3, 4, "La casa es grande."), language="es")
    after = translated(job(tmp_path / "b", edited, "en")).lines
    assert after[0].text != before[0].text
    assert after[1] == before[1]


def test_a_glossary_is_obeyed(tmp_path: Path) -> None:
    glossary = tmp_path / "film.glossary.csv"
    glossary.write_text("source,target\ncasa,manor\nBuenos días,\n")
    context = job(tmp_path, ES, "en", glossary=glossary)
    assert [line.text for line in translated(context).lines] == [
        "Buenos días.",
        "The manor is big.",
    ]
    assert context.warnings == []


def test_what_is_kept_has_no_line_and_odd_text_does_no_harm(tmp_path: Path) -> None:
    odd = ("^lem<n>$ [x] {y} \\/ @z", "👍", "a\n\nb", "مرحبا", "*star #tag 1/2")
    segments = [
        Segment(id=f"s{number:04}", start=seconds(number), end=seconds(number + 1), text=text)
        for number, text in enumerate(odd, 1)
    ]
    song = Segment(
        id="s0009",
        start=seconds(9),
        end=seconds(10),
        text="la la",
        kind=Kind.SONG,
        action=Action.KEEP,
    )
    source = Transcript(
        language="en", duration=seconds(20), method="test", segments=(*segments, song)
    )
    lines = translated(job(tmp_path, source, "es")).lines
    assert [line.segment_id for line in lines] == [segment.id for segment in segments]
    assert lines[1].text == "👍"
    assert "مرحبا" in lines[3].text
    assert "1/2" in lines[4].text


def test_a_target_script_gives_the_lines(tmp_path: Path) -> None:
    script = tmp_path / "film.en.srt"
    script.write_text(
        "1\n00:00:01,100 --> 00:00:02,100\nGood morning.\n\n"
        "2\n00:00:03,000 --> 00:00:03,500\nThe house\n\n"
        "3\n00:00:03,500 --> 00:00:04,000\nis large.\n\n"
        "4\n00:00:30,000 --> 00:00:31,000\nNobody says this.\n"
    )
    context = job(tmp_path, ES, "en", "script", target_script=script)
    assert [line.text for line in translated(context).lines] == [
        "Good morning.",
        "The house is large.",
    ]
    assert len(context.warnings) == 1
    assert "30.00 s" in context.warnings[0]


def test_a_segment_without_a_target_line_is_told(tmp_path: Path) -> None:
    script = tmp_path / "film.en.srt"
    script.write_text("1\n00:00:01,100 --> 00:00:02,100\nGood morning.\n")
    context = job(tmp_path, ES, "en", "script", target_script=script)
    assert translated(context).lines[1].text == ""
    assert "s0002 has no line in en" in context.warnings[0]
    assert context.measurements["lines_empty"] == 1


def test_a_pair_that_is_not_installed_names_the_package() -> None:
    assert choose_pair("en-GB", "es-419", ["eng-spa"]) == "eng-spa"
    assert choose_pair("en", "gl", ["eng-spa", "en-gl"]) == "en-gl"
    with pytest.raises(InvalidInput, match=r"'ko' to 'en'.*apertium-kor-eng"):
        choose_pair("ko", "en", ["eng-spa"])


def test_marks_of_unknown_inflections_go_and_tags_stay() -> None:
    assert tidy("Dr. Herrero . @be #tag ¿ qué ?", "be #tag") == "Dr. Herrero. be #tag ¿qué?"


def test_an_endless_segment_is_refused(tmp_path: Path) -> None:
    endless = transcript((0, 1, "word " * 2000), language="es")
    with pytest.raises(InvalidInput, match="s0001"):
        run(job(tmp_path, endless, "en"))


def test_no_segments_give_no_lines(tmp_path: Path) -> None:
    assert translated(job(tmp_path, transcript(language="es"), "en")).lines == ()


def test_segments_without_text_do_not_move_the_others(tmp_path: Path) -> None:
    gaps = transcript((1, 2, ""), (3, 4, "La casa es grande."), (5, 6, "\u200b"), language="es")
    context = job(tmp_path, gaps, "en")
    assert [line.text for line in translated(context).lines] == ["", "The house is big.", ""]


def test_each_line_is_translated_as_if_it_were_alone(tmp_path: Path) -> None:
    said = ("his dog", "Mary came", "her mother saw them", "what did you say", "...", "- no")
    spans = [(float(at), at + 0.9, text) for at, text in enumerate(said)]
    together = translated(job(tmp_path, transcript(*spans), "ca")).lines
    for number, (line, span) in enumerate(zip(together, spans, strict=True)):
        (alone,) = translated(job(tmp_path / str(number), transcript(span), "ca")).lines
        assert line.text == alone.text


def test_numbers_are_compared_without_their_separators() -> None:
    assert lost_numbers("1,234.50 at 3:30", "1.234,50 a las 3:30") == []
    assert lost_numbers("5 and 5 and 12", "5 y doce") == ["5", "12"]
    assert lost_numbers("XQZ0J has 2", "2 tiene XQZ0J") == []


def test_a_glossary_of_thousands_of_terms_takes_no_time(tmp_path: Path) -> None:
    glossary = tmp_path / "film.glossary.csv"
    rows = "".join(f"palabra{number},word{number}\n" for number in range(5_000))
    glossary.write_text(f"source,target\n{rows}casa,manor\n")
    spans = [(float(at), at + 0.9, "La casa es grande.") for at in range(200)]
    source = transcript(*spans, language="es", duration_s=300)
    start = time.process_time()
    with pytest.raises(InvalidInput, match="5001 terms"):
        run(job(tmp_path / "a", source, "en", glossary=glossary))
    glossary.write_text(f"source,target\n{rows[: rows.rindex('palabra4999')]}casa,manor\n")
    lines = translated(job(tmp_path / "b", source, "en", glossary=glossary)).lines
    assert {line.text for line in lines} == {"The manor is big."}
    assert time.process_time() - start < 15
