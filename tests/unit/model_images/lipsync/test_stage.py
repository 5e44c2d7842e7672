"""The stage on a portrait that speaks: lips follow the dub, and nothing else changes."""

import numpy as np
import pytest

from airdub.errors import PolicyRefused
from airdub.faces import Faces
from airdub.lips import Lips
from airdub.timing import FitPlan
from airdub.units import CLOCK_HZ
from model_images.common.pictures import read_pictures
from model_images.lipsync.stage import run
from tests.builders import stage_context
from tests.media.clips import ffmpeg
from tests.media.lip_check import lip_check
from tests.media.pictures import (
    FaceFollower,
    dark_area,
    frames,
    mouth_crop,
    mouth_mask,
    psnr_db,
)
from tests.talking_clips import (
    FPS,
    actor,
    mono_16k,
    mouth,
    plan_of,
    probed,
    sound_of,
    speech,
    write_film,
)

SOURCE = speech("Buenos días a todos mis amigos, hoy hablamos de la ciudad y del mar", "es")
DUB = speech("Good morning to my many old friends, today we talk about the boats of the bay", "en")
FRAMES = 6 * FPS
SOURCE_END_S = 0.8 + SOURCE.phonemes[-1].end / CLOCK_HZ
SOURCE_S, DUB_S = (0.8, SOURCE_END_S), 1.0


class Title:
    """A clip with its facts and faces, and the dub of its one line."""

    def __init__(self, clip, folder):
        self.clip, self.folder = clip, folder
        self.facts = probed(clip, folder / "probe")
        self.faces, self.landmarks = self._track()
        self.plan = plan_of(self.facts, DUB, DUB_S, source_s=SOURCE_S)

    def _track(self):
        from model_images.track_faces.stage import run as track

        inputs = {"source": self.clip, "facts": self.facts, "mono_16k": mono_16k(self.clip)}
        context = stage_context(self.folder / "track", "track_faces", "tflite", {}, inputs)
        track(context)
        outputs = context.store_outputs()
        faces = Faces.model_validate_json(context.fetch(outputs["faces"]).read_bytes())
        return faces, context.fetch(outputs["landmarks"])

    def synced(
        self, name, *, engine="hybrid", plan=None, facts=None, consented=("speaker_1",),
        sound=None, **more,
    ):  # fmt: skip
        """The stage's `lips`, its video (None without one) and its context."""
        inputs = {"source": self.clip, "facts": facts or self.facts, "faces": self.faces,
                  "landmarks": self.landmarks, "placements": plan or self.plan}  # fmt: skip
        inputs |= {"dialogue_stem": sound} if sound else {}
        parameters = {"target_language": "en", "consented": dict.fromkeys(consented, "consent")}
        parameters |= more
        context = stage_context(self.folder / name, "lipsync", engine, parameters, inputs)
        run(context)
        outputs = context.store_outputs()
        lips = Lips.model_validate_json(context.fetch(outputs["lips"]).read_bytes())
        return lips, context.fetch(outputs["video"]) if "video" in outputs else None, context


def film(folder, *, name="maria.mp4", options=()):
    """The clip of one portrait that says SOURCE from 0.8 s on."""
    moves = mouth(SOURCE, SOURCE_S[0], FRAMES)
    pictures = [actor(moves).frame(number) for number in range(FRAMES)]
    clip = write_film(folder / "plain.mp4", pictures, sound_of([(SOURCE, SOURCE_S[0])], FRAMES))
    return ffmpeg(["-i", str(clip), *options, "-c:a", "copy"], folder / name) if options else clip


@pytest.fixture(scope="module")
def title(tmp_path_factory):
    folder = tmp_path_factory.mktemp("maria")
    return Title(film(folder), folder)


@pytest.fixture(scope="module")
def result(title):
    return title.synced("result")


def test_the_changed_frames_are_those_of_the_line(result):
    lips, _, context = result
    (span,) = lips.changed
    dub_end = DUB_S + DUB.phonemes[-1].end / CLOCK_HZ
    assert span[0] == pytest.approx(SOURCE_S[0] * FPS, abs=6)
    assert span[1] == pytest.approx((dub_end + 0.15) * FPS, abs=8)
    assert (lips.reason, lips.off_screen, lips.frames) == ("", 0, FRAMES)
    (face,) = lips.faces
    assert face.speakers == ("speaker_1",)
    assert face.rewritten == span[1] - span[0]
    assert context.measurements["used_speakers"] == ["speaker_1"]
    assert context.warnings == []


def test_a_face_without_consent_stays(title):
    lips, video, context = title.synced("refused", consented=("somebody else",))
    assert video is None
    assert "no consent to alter the face" in lips.reason
    assert (lips.changed, lips.off_screen, lips.without_consent) == ((), 0, 1)
    assert context.measurements["used_speakers"] == []
    with pytest.raises(PolicyRefused, match="1 lines: there is no consent"):
        title.synced("strict", consented=(), without_consent="refuse")
    lips, _, _ = title.synced("off", engine="none", consented=(), without_consent="refuse")
    assert lips.without_consent == 0


def test_lips_follow_the_dub(title, result, tmp_path):
    """By optical flow, which drove no lips; shifted by a third of a second and more they don't."""
    import soundfile

    soundfile.write(tmp_path / "dub.wav", sound_of([(DUB, DUB_S)], FRAMES), CLOCK_HZ)
    found = lip_check(result[1], tmp_path / "dub.wav")
    assert abs(found["peak_lag_ms"]) <= 80
    assert found["margin"] > 0.1
    assert found["peak"] > lip_check(title.clip, tmp_path / "dub.wav")["peak"] + 0.1


def test_outside_of_the_mouth_the_picture_stays(title, result):
    follower, worst = FaceFollower(), np.inf
    for (time, old), (new_time, new) in zip(frames(title.clip), frames(result[1]), strict=True):
        assert new_time == time
        mask = mouth_mask(old.shape, list(follower.follow(old).values()))
        worst = min(worst, psnr_db(old, new, ~mask))
    assert worst > 38


def test_frames_outside_of_the_line_are_the_sources(title, result):
    (span,) = result[0].changed
    for number, ((_, old), (_, new)) in enumerate(
        zip(frames(title.clip), frames(result[1]), strict=True)
    ):
        if not span[0] <= number < span[1]:
            assert psnr_db(old, new) > 38


def test_the_mouth_is_shut_where_the_source_speaks_and_the_dub_does_not(title):
    late = plan_of(title.facts, DUB, 3.0, source_s=SOURCE_S)
    _, video, _ = title.synced("late", plan=late)
    silent = slice(round(1.1 * FPS), round(2.7 * FPS))
    source, dubbed = dark_mouth(title.clip)[silent], dark_mouth(video)[silent]
    assert source.std() > 8 * dubbed.std()
    assert source.mean() > 3 * dubbed.mean()


def dark_mouth(video):
    """How much of the mouth is dark in each frame: it is open."""
    follower, found = FaceFollower(), []
    for _, picture in frames(video):
        (mesh,) = follower.follow(picture).values()
        found.append(dark_area(mouth_crop(picture, mesh)))
    return np.array(found)


def test_the_same_inputs_give_the_same_bytes(title, result):
    lips, video, _ = title.synced("again")
    assert lips == result[0]
    assert video.read_bytes() == result[1].read_bytes()


def test_untouched_pictures_reach_the_encoder_unchanged(title):
    from model_images.lipsync.engines import hybrid

    own = read_pictures(title.clip, title.facts.video)
    rendered = hybrid.load().render(
        read_pictures(title.clip, title.facts.video), iter(()), {}, title.folder
    )
    for picture, (same, planes) in zip(own, rendered, strict=True):
        assert picture.pts == same.pts
        assert all(map(np.array_equal, picture.planes, planes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"engine": "none"}, "the profile chose the engine none"),
        ({"facts": {"bit_depth": 10}}, "10-bit"),
        ({"facts": {"hdr": True, "bit_depth": 10}}, "HDR"),
        ({"plan": "empty"}, "no line is dubbed"),
        ({"plan": "untimed"}, "no phoneme times"),
        ({"plan": "elsewhere"}, "no visible face speaks a dubbed line"),
    ],
)
def test_the_picture_stays_and_the_reason_is_recorded(title, changes, reason):
    arguments = {"engine": changes.get("engine", "hybrid")}
    if "facts" in changes:
        video = title.facts.video.model_copy(update=changes["facts"])
        arguments["facts"] = title.facts.model_copy(update={"video": video})
    if changes.get("plan") == "empty":
        arguments["plan"] = FitPlan(duration=title.plan.duration)
    if changes.get("plan") == "untimed":
        (line,) = title.plan.placements
        untimed = line.model_copy(update={"phonemes": ()})
        arguments["plan"] = title.plan.model_copy(update={"placements": (untimed,)})
    if changes.get("plan") == "elsewhere":
        arguments["plan"] = plan_of(title.facts, DUB, DUB_S, source_s=(5.5, 5.9))
    lips, video, context = title.synced(f"off-{len(str(changes))}-{reason[:4]}", **arguments)
    assert video is None
    assert reason in lips.reason
    assert (lips.changed, lips.faces) == ((), ())
    assert any(reason in warning for warning in context.warnings)


def test_an_interlaced_picture_is_kept(tmp_path):
    options = ["-vf", "fps=50,interlace", "-c:v", "libx264", "-x264-params", "tff=1"]
    title = Title(film(tmp_path, name="fields.mp4", options=options), tmp_path)
    lips, video, _ = title.synced("result")
    assert video is None
    assert "interlaced" in lips.reason


def test_a_picture_on_its_side_with_a_variable_rate_comes_out_upright_in_time(tmp_path):
    options = ["-vf", "scale=480:360,transpose=clock,select='mod(n,5)'", "-fps_mode", "vfr"]
    flat = film(tmp_path, name="flat.mp4", options=[*options, "-c:v", "libx264"])
    turned = tmp_path / "turned.mp4"
    ffmpeg(["-i", str(flat), "-c", "copy", "-metadata:s:v:0", "rotate=90"], turned)
    title = Title(turned, tmp_path)
    lips, video, _ = title.synced("result")
    assert lips.changed
    times = [(picture.pts, picture.tick) for picture in read_pictures(turned, title.facts.video)]
    changes = {"index": 0, "rotation": 0, "width": 480, "height": 360}
    new_facts = title.facts.video.model_copy(update=changes)
    assert [(p.pts, p.tick) for p in read_pictures(video, new_facts)] == times
