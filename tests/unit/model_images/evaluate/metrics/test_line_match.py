"""What is heard at a line's place is that line, or something else."""

import numpy as np
import pytest

from model_images.evaluate.metrics import line_match
from model_images.mix.stretch import stretch
from tests.builders import seconds
from tests.unit.model_images.evaluate.dubs import (
    SPOKEN,
    STARTS_S,
    bed,
    finish,
    number,
    numbers,
    span,
    three_lines,
)
from tests.unit.model_images.evaluate.titles import Said, spoken

OTHER_WORDS = 0.45


@pytest.mark.parametrize(
    ("background", "least"),
    [(bed(11.0), 0.99), (bed(11.0, 1), 0.99), (bed(11.0, 6), 0.97), (bed(11.0, level=0.08), 0.95)],
    ids=["stereo", "mono", "surround", "loud"],
)
def test_a_clean_dub_matches_all_its_lines(tmp_path, background, least):
    measured = line_match.measure(finish(tmp_path, three_lines(background=background)))
    assert min(numbers(measured).values()) > least


def test_swapped_lines_match_no_longer_and_the_third_does(tmp_path):
    title = three_lines()
    stem = title.stem.copy()
    stem[span("s0001")] = title.stem[span("s0003")][: len(stem[span("s0001")])]
    stem[span("s0003")] = 0
    stem[span("s0003")][: len(stem[span("s0001")])] = title.stem[span("s0001")]
    found = numbers(line_match.measure(finish(tmp_path, title, stem=stem)))
    assert max(found["s0001"], found["s0003"]) < OTHER_WORDS
    assert found["s0002"] > 0.99


@pytest.mark.parametrize("piece_ms", [50, 200])
def test_a_line_whose_pieces_are_in_disorder_does_not_match(tmp_path, piece_ms):
    title = three_lines()
    said, piece = title.stem[span("s0002")], seconds(piece_ms / 1000)
    pieces = [said[at : at + piece] for at in range(0, len(said), piece)]
    order = np.random.default_rng(1).permutation(len(pieces))
    stem = title.stem.copy()
    stem[span("s0002")] = np.concatenate([pieces[at] for at in order])
    found = numbers(line_match.measure(finish(tmp_path, title, stem=stem)))
    assert found["s0002"] < OTHER_WORDS
    assert min(found["s0001"], found["s0003"]) > 0.99


def test_a_missing_line_matches_nothing(tmp_path):
    title = three_lines()
    stem = title.stem.copy()
    stem[span("s0001")] = 0
    assert numbers(line_match.measure(finish(tmp_path, title, stem=stem)))["s0001"] < 0.4


def test_a_stretched_line_still_matches(tmp_path):
    title = three_lines()
    take = spoken(SPOKEN["s0002"])
    planned = round(0.8 * len(take))
    title.lines[1] = Said(STARTS_S[1], take=take, planned=planned)
    stem = title.stem.copy()
    stem[span("s0002")] = 0
    stem[span("s0002")][:planned] = stretch(take, planned, tmp_path)
    found = numbers(line_match.measure(finish(tmp_path / "dub", title, stem=stem)))
    assert found["s0002"] > 0.9


def test_only_what_is_spoken_alone_counts(tmp_path):
    one, other = spoken(SPOKEN["s0001"]), spoken(SPOKEN["s0002"])
    lines = [
        Said(0.6, take=one),
        Said(2.0, take=other, speaker="speaker_2"),
        Said(2.1, take=spoken("No."), speaker="speaker_3"),
    ]
    measured = line_match.measure(finish(tmp_path, three_lines(lines=lines)))
    found = numbers(measured)
    assert min(found["s0001"], found["s0002"]) > 0.99
    assert found["s0003"] == "too little of the line is spoken alone"
    assert number(measured) > 0.99
