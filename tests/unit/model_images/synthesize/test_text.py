import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.errors import InvalidInput
from model_images.synthesize.text import checked_length, speakable


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Hello, world!", "Hello, world!"),
        ("  two\nlines\t here ", "two lines here"),
        ("good 😀👍🏽 morning ☀️", "good morning"),
        ("nul\0 bell\a esc\x1b[31m \x01 50P", "nul bell esc [31m 50P"),
        ("soft\u00adhyphen \u202eright-to-left\ufeff", "softhyphen right-to-left"),
        ("<prosody rate='x'>hi</prosody>", "<prosody rate='x'>hi</prosody>"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("안녕하세요", "안녕하세요"),
        ("e\u0301te\u0301", "été"),
        ("20° & 5 %", "20° & 5 %"),
        ("-o /tmp/x", "-o /tmp/x"),
        ("7", "7"),
        ("...", ""),
        ("😀", ""),
        ("¿?!…—", ""),
        ("", ""),
        ("\ud800", ""),
    ],
)
def test_leaves_words_and_drops_what_is_not_spoken(written: str, spoken: str) -> None:
    assert speakable(written) == spoken


@given(st.text())
def test_what_is_left_is_one_encodable_line_and_stays_itself(text: str) -> None:
    line = speakable(text)
    assert line.encode().decode() == line
    assert line.isprintable() or "\u200c" in line or "\u200d" in line
    assert not line or any(character.isalnum() for character in line)
    assert speakable(line) == line


def test_an_absurdly_long_line_is_refused_with_its_place() -> None:
    assert checked_length("a" * 10, 10, "x") == "a" * 10
    with pytest.raises(InvalidInput, match=r"line of s0007.*11 characters.*several cues"):
        checked_length("a" * 11, 10, "line of s0007")
