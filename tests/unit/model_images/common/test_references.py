from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.errors import InvalidInput
from airdub.transcript import Kind, Segment
from model_images.common.pcm import write_wav
from model_images.common.references import read_reference, reference_spans
from tests.builders import seconds


def _segment(start_s: float, end_s: float, speaker: str = "a", kind: Kind = Kind.DIALOGUE):  # type: ignore[no-untyped-def]
    return Segment(
        id="s", start=seconds(start_s), end=seconds(end_s), speaker=speaker, kind=kind, text="x"
    )


def test_takes_the_longest_lines_of_each_speaker_in_order_of_time() -> None:
    segments = [
        _segment(1, 2),
        _segment(3, 6),
        _segment(7, 9),
        _segment(10, 14, "b"),
        _segment(15, 15.2, "c"),
        _segment(16, 20, "d", Kind.SONG),
    ]
    assert reference_spans(segments, seconds(4)) == {
        "a": ((seconds(3), seconds(6)), (seconds(7), seconds(8))),
        "b": ((seconds(10), seconds(14)),),
    }


def test_leaves_out_lines_over_which_others_speak() -> None:
    segments = [
        _segment(1, 5),
        _segment(2, 3, "b"),
        _segment(4, 6, "c"),
        _segment(6, 8, "b"),
        _segment(9, 12),
    ]
    assert reference_spans(segments, seconds(30)) == {
        "a": ((seconds(9), seconds(12)),),
        "b": ((seconds(6), seconds(8)),),
    }


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(1, 10**6), st.sampled_from("ab")), max_size=12
    ),
    st.integers(1, 10**6),
)
def test_references_never_overlap_another_line_and_keep_the_length(
    lines: list[tuple[int, int, str]], longest: int
) -> None:
    segments = [Segment(id="s", start=s, end=s + n, speaker=w, text="x") for s, n, w in lines]
    for speaker, spans in reference_spans(segments, longest).items():
        assert sum(end - start for start, end in spans) <= longest
        for start, end in spans:
            across = [o for o in segments if o.start < end and o.end > start]
            assert [o.speaker for o in across] == [speaker]


def test_reads_the_spans_alone_as_mono_and_leaves_silence_out(tmp_path: Path) -> None:
    stereo = np.zeros((seconds(3), 2), np.float32)
    stereo[seconds(1) : seconds(2), 0] = np.sin(np.arange(seconds(1)) * 0.05) * 0.5
    write_wav(tmp_path / "d.wav", stereo, 48_000)
    spans = ((0, seconds(0.5)), (seconds(1), seconds(2)))
    sound = read_reference(tmp_path / "d.wav", spans)
    assert sound.shape == (24_000,)
    assert sound.dtype == np.float64
    assert np.abs(sound).max() == pytest.approx(0.25, rel=0.02)
    assert len(read_reference(tmp_path / "d.wav", spans[:1])) == 0


def test_reads_speech_from_the_centre_of_a_surround_stem(tmp_path: Path) -> None:
    surround = np.zeros((seconds(1), 6), np.float32)
    surround[:, 2] = 0.5
    surround[:, 5] = -0.9
    write_wav(tmp_path / "d.wav", surround, 48_000)
    sound = read_reference(tmp_path / "d.wav", ((0, seconds(1)),))
    assert np.median(sound) == pytest.approx(0.5, abs=0.01)


def test_refuses_a_stem_at_another_rate(tmp_path: Path) -> None:
    write_wav(tmp_path / "d.wav", np.zeros(100, np.float32), 44_100)
    with pytest.raises(InvalidInput, match=r"d\.wav.*44100"):
        read_reference(tmp_path / "d.wav", ((0, 10),))
