"""The stage on clips whose speakers are known."""

import numpy as np
import pytest

from airdub.faces import Faces, Shot
from model_images.common import mouth as mouths
from model_images.common.landmarks import Landmarks
from model_images.track_faces.stage import run
from tests.builders import stage_context
from tests.media.clips import CLIPS
from tests.talking_clips import (
    FPS,
    STILL,
    actor,
    mono_16k,
    mouth,
    probed,
    sound_of,
    speech,
    write_film,
)

FRAMES = 4 * FPS
CUT = 60


@pytest.fixture(scope="module")
def duet(tmp_path_factory):
    """Two faces side by side; the left one speaks from 0.4 s, then a cut, then the right one."""
    folder = tmp_path_factory.mktemp("duet")
    left_says = speech("Buenos días a todos mis amigos", "es")
    right_says = speech("Muchas gracias por la mañana", "es")
    quiet = np.tile(STILL, (FRAMES, 1))
    left, right = mouth(left_says, 0.4, FRAMES), mouth(right_says, 2.6, FRAMES)
    cast = [
        actor(np.where(np.arange(FRAMES)[:, None] < CUT, left, quiet)),
        actor(np.where(np.arange(FRAMES)[:, None] < CUT, quiet, right), disguised=True, seed=6),
    ]
    pictures = []
    for number in range(FRAMES):
        pair = np.hstack([one.frame(number)[60:420, 76:436] for one in cast])
        pictures.append(pair if number < CUT else np.ascontiguousarray(pair[20:340, 60:660]))
        if number >= CUT:
            pictures[-1] = np.pad(pictures[-1], ((20, 20), (60, 60), (0, 0)))
    sound = sound_of([(left_says, 0.4), (right_says, 2.6)], FRAMES)
    return write_film(folder / "duet.mp4", pictures, sound)


def tracked(clip, folder):
    context = stage_context(
        folder / "work",
        "track_faces",
        "tflite",
        {},
        {"source": clip, "facts": probed(clip, folder / "probe"), "mono_16k": mono_16k(clip)},
    )
    run(context)
    outputs = context.store_outputs()
    faces = Faces.model_validate_json(context.fetch(outputs["faces"]).read_bytes())
    return faces, context.fetch(outputs["landmarks"]), context


@pytest.fixture(scope="module")
def result(duet, tmp_path_factory):
    return tracked(duet, tmp_path_factory.mktemp("result"))


def test_shots_tracks_and_people(result):
    faces, _, context = result
    assert faces.frames == FRAMES
    assert faces.shots == (
        Shot(first_frame=0, end_frame=CUT),
        Shot(first_frame=CUT, end_frame=FRAMES),
    )
    assert [(t.first_frame, t.end_frame) for t in faces.tracks] == [
        (0, CUT), (0, CUT), (CUT, FRAMES), (CUT, FRAMES)
    ]  # fmt: skip
    assert [t.identity for t in faces.tracks] == ["face_1", "face_2", "face_1", "face_2"]
    assert context.measurements["face_tracks"] == 4
    assert context.warnings == []


def test_who_speaks_when(result):
    faces, *_ = result
    frames = {t.id: {n for a, b in t.speaking for n in range(a, b)} for t in faces.tracks}
    assert len(frames["t0001"] & set(range(15, 55))) > 32
    assert frames["t0002"] == set()
    assert frames["t0003"] == set()
    assert len(frames["t0004"] & set(range(70, 98))) > 22
    total = sum(end - start for start, end in faces.on_screen)
    assert total == 1920 * sum(len(speaking) for speaking in frames.values())


def test_landmarks_lie_on_the_mouths(result):
    _, archive, _ = result
    landmarks = Landmarks(archive)
    assert landmarks.ticks.tolist() == [1920 * frame for frame in range(FRAMES)]
    points = landmarks.points("t0001")
    said = mouth(speech("Buenos días a todos mis amigos", "es"), 0.4, FRAMES)[:CUT, 0]
    assert np.corrcoef(mouths.opening(points), said)[0, 1] > 0.8
    middle = points.mean(axis=(0, 1))
    assert 100 < middle[0] < 260
    assert 100 < middle[1] < 300


def test_the_same_video_gives_the_same_bytes(duet, result, tmp_path):
    faces, archive, _ = result
    again, archive_again, _ = tracked(duet, tmp_path)
    assert again.to_json() == faces.to_json()
    assert archive_again.read_bytes() == archive.read_bytes()


def test_a_video_without_a_face_has_no_tracks(tmp_path):
    faces, archive, context = tracked(CLIPS["plain"](tmp_path / "plain.mp4"), tmp_path)
    assert (faces.frames, faces.tracks, faces.on_screen) == (50, (), ())
    assert len(Landmarks(archive).ticks) == 50
    assert context.warnings == [
        "no face was found: every line counts as off-screen, lips stay as they are"
    ]


def test_a_picture_on_its_side_is_turned_before_faces_are_looked_for(duet, tmp_path):
    from tests.media.clips import ffmpeg

    flat, turned = tmp_path / "flat.mp4", tmp_path / "turned.mp4"
    first = ["-i", str(duet), "-t", "1", "-vf", "transpose=clock", "-c:v", "libx264"]
    ffmpeg([*first, "-preset", "veryfast", "-c:a", "copy"], flat)
    ffmpeg(["-i", str(flat), "-c", "copy", "-metadata:s:v:0", "rotate=90"], turned)
    faces, archive, _ = tracked(turned, tmp_path)
    assert len(faces.tracks) == 2
    points = Landmarks(archive).points("t0001")
    assert abs(mouths.pose(points)[:, 2]).max() < 0.3  # heads are upright
