"""Who says what on screen, and when it is heard."""

import numpy as np

from airdub.faces import Faces, FaceTrack
from airdub.timing.plan import Pause, Placement
from airdub.transcript import Segment
from model_images.evaluate.analysis.on_screen import cast, sounding
from model_images.evaluate.evidence import DubbedLine
from tests.builders import seconds

TICKS = np.arange(250, dtype=np.int64) * 1920


def track(number, identity, *speaking):
    return FaceTrack(
        id=f"t{number:04d}", identity=identity, first_frame=0, end_frame=250, speaking=speaking
    )


def line(number, start_s, end_s, speaker="ANNA"):
    segment = Segment(
        id=f"s{number:04d}", start=seconds(start_s), end=seconds(end_s), speaker=speaker, text="x"
    )
    return DubbedLine(segment, "y", None, None)


def test_a_line_is_said_by_the_face_that_speaks():
    faces = Faces(frames=250, tracks=(track(1, "face_1", (0, 50)), track(2, "face_2", (60, 100))))
    lines = [line(1, 0, 2), line(2, 2.5, 4), line(3, 6, 8)]
    assert cast(lines, faces, TICKS) == {"s0001": "face_1", "s0002": "face_2"}


def test_a_glance_is_no_speech():
    faces = Faces(frames=250, tracks=(track(1, "face_1", (0, 10)),))
    assert cast([line(1, 0, 2)], faces, TICKS) == {}


def test_of_two_who_move_the_one_who_usually_has_this_voice():
    faces = Faces(
        frames=250,
        tracks=(
            track(1, "face_1", (0, 100), (120, 150)),
            track(2, "face_2", (115, 150), (200, 240)),
        ),
    )
    lines = [line(1, 0, 4), line(2, 4.8, 6), line(3, 8, 9.6, "BEN")]
    assert cast(lines, faces, TICKS)["s0002"] == "face_1"


def test_long_pauses_part_a_line():
    placement = Placement(
        segment_id="s0001", speaker="ANNA", start=seconds(1), take_length=seconds(3),
        natural_length=seconds(3), stretched_length=seconds(3), source_start=0,
        source_end=seconds(3),
        pauses=(
            Pause(at=seconds(1), length=seconds(0.5)),
            Pause(at=seconds(1.5), length=seconds(0.1)),
            Pause(at=seconds(2), length=seconds(1)),
        ),
    )  # fmt: skip
    assert placement.end == seconds(5.6)
    assert sounding(placement) == [
        (seconds(1), seconds(2)),
        (seconds(2.5), seconds(3.6)),
        (seconds(4.6), seconds(5.6)),
    ]
