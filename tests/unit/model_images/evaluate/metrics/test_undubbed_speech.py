"""Speech that the script lacks is told, although every line of the script is there."""

from airdub.metrics import NOT_APPLICABLE
from airdub.speech import SpeechSpans
from model_images.evaluate.metrics import undubbed_speech
from model_images.evaluate.protocol import Value
from tests.builders import seconds
from tests.unit.model_images.evaluate.dubs import finish, three_lines


def measured(folder, *spans):
    title = three_lines()
    title.changes = {"speech": SpeechSpans(spans=spans, method="test")}
    return undubbed_speech.measure(finish(folder, title)).title


def test_what_every_line_stands_for_is_all_that_is_said(tmp_path):
    assert undubbed_speech.measure(finish(tmp_path, three_lines())).title == Value(0, 3)


def test_the_longest_speech_without_a_line_counts(tmp_path):
    first, *_, last = finish(tmp_path / "clean", three_lines()).transcript.segments
    before = (first.start - seconds(0.4), first.start)
    after = (last.start, last.end + seconds(1.25))
    assert measured(tmp_path / "more", before, after) == Value(1.25, 2)


def test_a_title_in_which_nobody_speaks_lacks_nothing(tmp_path):
    assert measured(tmp_path) == Value(NOT_APPLICABLE)
