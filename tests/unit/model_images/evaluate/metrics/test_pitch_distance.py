"""A line in another voice lies far from its speaker's pitch."""

from model_images.evaluate.metrics import pitch_distance
from tests.unit.model_images.evaluate.dubs import SPOKEN, finish, number, numbers, three_lines
from tests.unit.model_images.evaluate.titles import Said, spoken


def test_the_same_voice_is_near(tmp_path):
    assert number(pitch_distance.measure(finish(tmp_path, three_lines()))) < 1.5


def test_a_womans_voice_for_a_man_is_far_and_alone_to_blame(tmp_path):
    title = three_lines()
    other = spoken(SPOKEN["s0002"], "slt")
    title.lines[1] = Said(3.9, take=other, original=title.lines[1].original)
    found = numbers(pitch_distance.measure(finish(tmp_path, title)))
    assert 7 < found["s0002"] < 14
    assert max(found["s0001"], found["s0003"]) < 1.5


def test_a_silent_line_and_an_unheard_speaker_have_none(tmp_path):
    title = three_lines()
    title.lines[0] = Said(0.6, take=0 * title.lines[0].take, original=title.lines[0].original)
    title.lines[2] = Said(
        7.7, take=title.lines[2].take, original=0 * title.lines[2].original, speaker="guest"
    )
    found = numbers(pitch_distance.measure(finish(tmp_path, title)))
    assert found["s0001"] == "the line has too little voiced speech"
    assert found["s0003"] == "the speaker has no clear voiced speech in the source"
