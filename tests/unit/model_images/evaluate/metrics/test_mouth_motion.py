"""A mouth that says the dub, one that is frozen, one that still says the source."""

import pytest

from airdub.lips import Lips
from airdub.metrics import NOT_APPLICABLE
from airdub.timing.plan import Kept
from model_images.evaluate.metrics import mouth_motion, silent_mouth_motion
from model_images.evaluate.protocol import Absent
from tests.talking_clips import FPS
from tests.unit.model_images.evaluate.talks import FRAMES, STARTS_S

PAUSE = (round(3.0 * FPS), round(4.0 * FPS))


def motions(evidence):
    found = mouth_motion.measure(evidence)
    return found.title.number, {id_: value.number for id_, value in found.lines.items()}


def test_mouths_move_in_a_clean_dub(clean):
    title, lines = motions(clean)
    assert 0.7 < title < 1.5
    assert all(0.6 < value < 1.6 for value in lines.values())
    assert silent_mouth_motion.measure(clean).title.number < 0.2


def test_a_frozen_mouth_is_seen_in_its_line(talk):
    pictures = talk.frozen(round(STARTS_S[1] * FPS) - 5, FRAMES)
    title, lines = motions(talk.evidence("frozen", pictures))
    assert lines["s0001"] > 0.6
    assert lines["s0002"] < 0.2
    assert title == pytest.approx(sum(lines.values()) / 2)


@pytest.mark.parametrize("encoded_anew", [False, True])
def test_the_sources_lips_do_not_say_the_dub(talk, encoded_anew):
    picture = talk.source if encoded_anew else talk.clip
    title, lines = motions(talk.evidence(f"lazy-{encoded_anew}", picture))
    assert title < 0.1
    assert max(lines.values()) < 0.1


def test_a_face_that_speaks_in_a_pause_is_seen(talk):
    evidence = talk.evidence("restless", talk.restless(*PAUSE))
    assert silent_mouth_motion.measure(evidence).title.number > 0.6
    assert motions(evidence)[0] > 0.6


def test_what_the_source_says_in_a_pause_counts_only_where_lips_were_to_be_altered(talk):
    film = talk.written("talkative", talk.restless(*PAUSE), talk.title.original)
    faces = talk.inputs["faces"]
    talking = [
        track.model_copy(update={"speaking": (*track.speaking, PAUSE)}) for track in faces.tracks
    ]
    changes = {"source": film, "faces": faces.model_copy(update={"tracks": tuple(talking)})}
    altered = talk.evidence("altered", film, **changes)
    left = talk.evidence("left", film, lips=Lips(engine="test", frames=FRAMES), **changes)
    assert silent_mouth_motion.measure(altered).title.number > 0.6
    assert silent_mouth_motion.measure(left).title.number == 0


def test_who_is_never_silent_has_no_silent_mouth(talk):
    plan = talk.title.documents(talk.folder)["placements"]
    whole = Kept(segment_id="s0003", start=0, end=plan.duration)
    song = talk.evidence("song", talk.dub, placements=plan.model_copy(update={"kept": (whole,)}))
    assert silent_mouth_motion.measure(song).title.number == NOT_APPLICABLE


def test_a_film_without_faces_has_no_mouths(talk):
    nobody = talk.inputs["faces"].model_copy(update={"tracks": ()})
    narrated = talk.evidence(
        "narrated", talk.clip, faces=nobody, lips=Lips(engine="test", frames=FRAMES)
    )
    for metric in (mouth_motion, silent_mouth_motion):
        assert metric.measure(narrated).title.number == NOT_APPLICABLE


def test_lips_that_were_left_alone_on_purpose_are_not_measured(talk):
    lips = Lips(engine="none", frames=FRAMES, reason="lip-sync is off")
    found = mouth_motion.measure(talk.evidence("off", talk.clip, lips=lips))
    assert found.title.reason == "lips stay as they are: lip-sync is off"


def test_a_speaker_who_did_not_agree_is_not_measured(talk):
    (face,) = talk.inputs["lips"].faces
    lips = Lips(
        engine="test",
        frames=FRAMES,
        faces=(face.model_copy(update={"speakers": ("somebody else",)}),),
        without_consent=2,
    )
    found = mouth_motion.measure(talk.evidence("refused", talk.clip, lips=lips))
    assert found.title.reason == "no line's speaker is seen well enough"
    assert "agreed" in found.lines["s0001"].reason


@pytest.mark.parametrize(
    ("strangers", "found"),
    [
        (2, NOT_APPLICABLE),  # nobody is to be altered
        (1, "lips stay as they are: no speaking face is seen well enough"),
    ],
)
def test_a_face_that_was_not_found_is_no_refusal_of_its_owner(talk, strangers, found):
    lips = Lips(
        engine="test",
        frames=FRAMES,
        reason="no speaking face is seen well enough",
        without_consent=strangers,
    )
    title = mouth_motion.measure(talk.evidence(f"left-{strangers}", talk.clip, lips=lips)).title
    assert (title.reason if isinstance(title, Absent) else title.number) == found
