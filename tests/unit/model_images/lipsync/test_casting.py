"""Lines go to the faces that spoke them, and only their frames are changed."""

from airdub.faces import Faces, FaceTrack, Shot
from airdub.timing import FitPlan, Placement
from airdub.timing.plan import Kept
from airdub.transcript import Phoneme
from model_images.lipsync.casting import cast_roles

FRAME = 1920  # 25 fps
TICKS = [FRAME * number for number in range(250)]


def track(number, face, first, end, *speaking):
    return FaceTrack(
        id=f"t{number:04d}", identity=face, first_frame=first, end_frame=end, speaking=speaking
    )


def faces(*tracks):
    return Faces(frames=250, shots=(Shot(first_frame=0, end_frame=250),), tracks=tracks)


def line(number, speaker, source, dub, *, phonemes=True):
    """A placement from frame spans of its source speech and of its dub."""
    start, end = (FRAME * frame for frame in dub)
    step = max(1, (end - start) // 8)
    return Placement(
        segment_id=f"s{number:04d}", speaker=speaker, start=start, take_length=end - start,
        natural_length=end - start, stretched_length=end - start,
        source_start=FRAME * source[0], source_end=FRAME * source[1],
        phonemes=tuple(
            Phoneme(symbol="a", start=tick, end=tick + step)
            for tick in range(start, end - step + 1, step)
        ) if phonemes else (),
    )  # fmt: skip


def roles(tracks, *lines, kept=(), speakers=None):
    spans = tuple(Kept(segment_id="s0099", start=a * FRAME, end=b * FRAME) for a, b in kept)
    plan = FitPlan(duration=250 * FRAME, placements=lines, kept=spans)
    return cast_roles(plan, faces(*tracks), TICKS, speakers)


def test_the_face_that_spoke_gets_the_line():
    tracks = [track(1, "face_1", 0, 250, (50, 100)), track(2, "face_2", 0, 250, (120, 200))]
    left, right = roles(
        tracks, line(1, "ana", (50, 100), (50, 90)), line(2, "ben", (120, 200), (125, 190))
    )
    assert (left.identity, left.lines, left.speakers) == ("face_1", ("s0001",), ("ana",))
    assert (right.identity, right.lines) == ("face_2", ("s0002",))
    assert len(left.phonemes) == len(right.phonemes) == 8


def test_lines_of_those_who_did_not_agree_change_no_face():
    tracks = [track(1, "face_1", 0, 250, (50, 100)), track(2, "face_2", 0, 250, (120, 200))]
    lines = (line(1, "ana", (50, 100), (50, 90)), line(2, "ben", (120, 200), (125, 190)))
    (role,) = roles(tracks, *lines, speakers={"ben"})
    assert (role.identity, role.lines, role.speakers) == ("face_2", ("s0002",), ("ben",))
    assert roles(tracks, *lines, speakers={}) == []


def test_a_line_of_somebody_who_agreed_changes_nobody_elses_face():
    ana, ben = (
        track(1, "face_1", 0, 250, (10, 60)),
        track(2, "face_2", 0, 250, (70, 150), (180, 200)),
    )
    lines = (
        line(1, "ana", (10, 60), (10, 60)),
        line(2, "ben", (70, 150), (70, 150)),
        line(3, "narrator", (175, 205), (175, 205)),  # Ben moves his mouth meanwhile
    )
    (role,) = roles([ana, ben], *lines, speakers={"ana", "narrator"})
    assert (role.identity, role.lines) == ("face_1", ("s0001",))
    (role,) = roles([ana, ben], *lines, speakers={"ben"})
    assert (role.identity, role.lines) == ("face_2", ("s0002",))


def test_the_dub_and_the_speech_that_it_replaces_are_changed_and_nothing_else():
    (role,) = roles([track(1, "face_1", 0, 250, (50, 100))], line(1, "ana", (50, 100), (60, 90)))
    assert role.frames == ((50, 100),)
    (role,) = roles([track(1, "face_1", 0, 250, (50, 100))], line(1, "ana", (50, 100), (60, 130)))
    assert role.frames == ((50, 134),)  # the dub ends at 130, the mouth shuts 150 ms later


def test_source_speech_of_other_lines_is_left_alone():
    tracks = [track(1, "face_1", 0, 250, (20, 100), (180, 240))]
    (role,) = roles(tracks, line(1, "ana", (20, 100), (20, 95)))
    assert role.frames == ((17, 100),)


def test_what_is_kept_in_the_original_is_not_silenced():
    tracks = [track(1, "face_1", 0, 250, (20, 200))]
    (role,) = roles(tracks, line(1, "ana", (20, 200), (20, 60)), kept=[(100, 150)])
    assert role.frames == ((17, 100), (150, 200))


def test_a_line_that_no_face_speaks_is_off_screen():
    tracks = [track(1, "face_1", 0, 250, (20, 60))]
    assert roles(tracks, line(1, "narrator", (120, 200), (120, 200))) == []
    assert roles([], line(1, "narrator", (120, 200), (120, 200))) == []


def test_a_line_without_phoneme_times_is_not_shown():
    tracks = [track(1, "face_1", 0, 250, (20, 60))]
    assert roles(tracks, line(1, "ana", (20, 60), (20, 60), phonemes=False)) == []


def test_in_doubt_the_speakers_usual_face_gets_the_line():
    tracks = [
        track(1, "face_1", 0, 250, (0, 60), (100, 118)),
        track(2, "face_2", 0, 250, (118, 138)),
    ]
    ana, ambiguous = line(1, "ana", (0, 60), (0, 60)), line(2, "ana", (100, 138), (100, 138))
    (role,) = roles(tracks, ana, ambiguous)
    assert (role.identity, role.lines) == ("face_1", ("s0001", "s0002"))


def test_short_pauses_between_changed_spans_are_changed_too():
    tracks = [track(1, "face_1", 0, 250, (20, 60), (75, 100))]
    lines = [line(1, "a", (20, 60), (20, 58)), line(2, "a", (75, 100), (73, 100))]
    (role,) = roles(tracks, *lines)
    assert role.frames == ((17, 104),)
