"""Without a model of voices there is no likeness, and the reason says what is missing."""

from model_images.evaluate.metrics import speaker_similarity
from model_images.evaluate.protocol import Absent
from tests.unit.model_images.evaluate.dubs import finish, three_lines


def test_it_is_absent_and_says_what_it_needs(tmp_path):
    measured = speaker_similarity.measure(finish(tmp_path, three_lines()))
    assert isinstance(measured.title, Absent)
    assert "weights of a speaker embedding" in measured.title.reason
    assert not measured.lines
