"""The whole stage with a tiny Wav2Lip: on a portrait that speaks, and on a drawn face."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from airdub.errors import DependencyUnavailable, EngineFailed, InvalidInput, ResourceExhausted
from airdub.units import CLOCK_HZ
from model_images.common.pictures import Layout, read_pictures
from model_images.lipsync import scenes
from model_images.lipsync.colours import Colours
from model_images.lipsync.engines import wav2lip
from model_images.lipsync.planning import by_frame, digest, plan_edits
from model_images.lipsync.protocol import Edit, Range, Scene, Sound
from model_images.lipsync.wav2lip import crops
from tests.media.pictures import psnr_db
from tests.neural.lipsync.wav2lip_made import fill_cache, tone
from tests.talking_clips import FPS, actor, mouth, sound_of, speech, write_film
from tests.unit.model_images.lipsync import faces
from tests.unit.model_images.lipsync import test_stage as portraits
from tests.unit.model_images.lipsync.drawn import Title, line

ENGINE = wav2lip.load()
USUAL = Range(0.02, 0.2, 0.4, 0.6, 0.1)


@pytest.fixture(autouse=True)
def weights(model_cache: Path) -> Iterator[Path]:
    wav2lip.network.cache_clear()
    yield fill_cache(model_cache)
    wav2lip.network.cache_clear()


@pytest.fixture(scope="module")
def title(tmp_path_factory: pytest.TempPathFactory) -> Title:
    return Title(tmp_path_factory.mktemp("drawn"), [(0, 24), (24, 60)], variable=True)


@pytest.fixture(scope="module")
def dub(title: Title) -> Path:
    """A voice through the whole clip."""
    path = title.folder / "dub.wav"
    soundfile.write(path, np.tile(tone(0.6, CLOCK_HZ), 4), CLOCK_HZ, "PCM_24")
    return path


def scene(points: np.ndarray, sound: Path | None) -> Scene:
    """One line through all frames; nothing that this engine reads is wanted of the mouth."""
    count = len(points)
    numbers = np.arange(count)
    heard = Sound(sound, ((0, count * 1920),), numbers * 1920) if sound else None
    return Scene(face="face_1", frames=numbers, chunks=np.zeros(count, int), points=points,
                 wanted=None, weight=np.ones(count), sound=heard)  # fmt: skip


def test_lips_of_a_portrait_are_drawn(tmp_path: Path) -> None:
    said, spoken, frames = speech("Buenos días", "es"), speech("Good morning", "en"), 2 * FPS
    moves = mouth(said, 0.4, frames)
    pictures = [actor(moves).frame(number) for number in range(frames)]
    clip = write_film(tmp_path / "maria.mp4", pictures, sound_of([(said, 0.4)], frames))
    maria = portraits.Title(clip, tmp_path)
    source_s = (0.4, 0.4 + said.phonemes[-1].end / CLOCK_HZ)
    plan = portraits.plan_of(maria.facts, spoken, 0.5, source_s=source_s)
    voices = tmp_path / "dub.wav"
    soundfile.write(voices, sound_of([(spoken, 0.5)], frames), CLOCK_HZ, "PCM_24")
    lips, video, context = maria.synced("drawn", engine="wav2lip", plan=plan, sound=voices)
    (span,) = lips.changed
    assert lips.reason == ""
    assert (lips.faces[0].drawn, lips.faces[0].rewritten) == (span[1] - span[0], 0)
    assert context.measurements["drawn_frames"] == span[1] - span[0] > 20
    assert context.measurements["used_speakers"] == ["speaker_1"]
    new_facts = maria.facts.video.model_copy(update={"index": 0})
    pairs = zip(
        read_pictures(clip, maria.facts.video), read_pictures(video, new_facts), strict=True
    )
    for old, new in pairs:
        assert new.pts == old.pts
        if span[0] + 3 <= old.index < span[1] - 3:  # noise for a face, in its own light
            assert psnr_db(old.rgb, new.rgb) < 38
        elif not span[0] <= old.index < span[1]:
            assert psnr_db(old.rgb, new.rgb) > 38
        upper = slice(0, old.layout.height // 4)
        assert psnr_db(old.rgb[upper], new.rgb[upper]) > 38


def test_the_same_inputs_give_the_same_bytes_and_times(title: Title, dub: Path) -> None:
    lips, video, _ = title.synced(title.dub(), engine="wav2lip", sound=dub)
    again, same, context = title.synced(title.dub(), engine="wav2lip", sound=dub)
    assert lips == again
    assert video.read_bytes() == same.read_bytes()
    assert context.measurements["rendered_chunks"] == 0
    facts = title.facts.video.model_copy(update={"index": 0})
    assert [picture.pts for picture in read_pictures(video, facts)] == title.pts.tolist()


def test_another_sound_draws_its_own_chunks_anew(
    title: Title, dub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenes, "LONGEST", 12)
    lines = title.dub(line(1, (2, 20)), line(2, (40, 58)))
    title.synced(lines, engine="wav2lip", sound=dub)
    samples, _ = soundfile.read(dub)
    samples[int(1.7 * CLOCK_HZ) :] *= 0.5
    soundfile.write(tmp_path / "quieter.wav", samples, CLOCK_HZ, "PCM_24")
    _, _, context = title.synced(lines, engine="wav2lip", sound=tmp_path / "quieter.wav")
    assert context.measurements["rendered_chunks"] == 2  # of five: frames 36..59 hear it


def rendered(title: Title, edits: dict[int, list[Edit]]) -> list[Any]:
    pictures = read_pictures(title.clip, title.facts.video)
    return [
        tuple(plane.copy() for plane in planes)
        for _, planes in ENGINE.render(pictures, iter(()), edits, title.folder)
    ]


@pytest.fixture
def edits(title: Title, dub: Path) -> dict[int, list[Edit]]:
    film = replace(title.film(), sound=dub)
    plan = plan_edits(ENGINE, film, title.roles(title.dub()))
    found = by_frame(edit for part in plan.values() for edit in part)
    return {frame: found[frame] for frame in range(8, 15)}


def same(some: list[Any], others: list[Any]) -> bool:
    return all(
        np.array_equal(a, b)
        for one, other in zip(some, others, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def test_neither_threads_nor_batches_show(
    title: Title, edits: dict[int, list[Edit]], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = rendered(title, edits)
    torch.set_num_threads(2)
    assert same(rendered(title, edits), alone)
    assert torch.get_num_threads() == 2
    torch.set_num_threads(1)
    assert same(rendered(title, dict(list(edits.items())[3:]))[11:], alone[11:])
    monkeypatch.setitem(wav2lip.BATCH, "cpu", 4)
    steps = [
        int(np.abs(a.astype(int) - b).max())
        for one, other in zip(rendered(title, edits), alone, strict=True)
        for a, b in zip(one, other, strict=True)
    ]
    assert max(steps) <= 1
    plain = read_pictures(title.clip, title.facts.video)
    for number, (picture, planes) in enumerate(zip(plain, alone, strict=True)):
        changed = not all(map(np.array_equal, picture.planes, planes))
        assert changed == (number in edits)


def test_a_batch_that_is_too_large_is_halved(
    title: Title, edits: dict[int, list[Edit]], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, real, sizes = rendered(title, edits), wav2lip.draw, []

    def scarce(batch: Any) -> Any:
        sizes.append(len(batch))
        if len(batch) > room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(batch)

    room = 1
    monkeypatch.setattr(wav2lip, "draw", scarce)
    monkeypatch.setitem(wav2lip.BATCH, "cpu", 4)
    assert same(rendered(title, edits), alone)
    assert sizes[:3] == [4, 2, 1]
    room = 0
    with pytest.raises(ResourceExhausted):
        rendered(title, edits)


def test_what_is_heard_is_in_a_chunks_name(edits: dict[int, list[Edit]]) -> None:
    (edit,) = edits[8]
    assert digest([edit]) == digest([replace(edit, heard=edit.heard.copy())])
    assert digest([edit]) != digest([replace(edit, heard=edit.heard + np.int16(1))])
    assert digest([edit]) != digest([replace(edit, heard=None)])


def test_faces_in_profile_and_tiny_ones_are_left_alone(dub: Path) -> None:
    points = np.stack([faces.points(9)] * 30)
    assert [edit.frame for edit in ENGINE.plan(scene(points, dub), USUAL)] == list(range(30))
    points[10:20, faces.rows((4,))[0], 0] += 60  # the nose beside the eyes
    points[20:25] *= 0.1
    found = ENGINE.plan(scene(points, dub), USUAL)
    assert [edit.frame for edit in found] == [*range(10), *range(25, 30)]
    assert ENGINE.plan(scene(points[10:12], dub), USUAL) == []


def test_without_the_dubs_sound_it_says_so(title: Title) -> None:
    with pytest.raises(InvalidInput, match="dub's voices"):
        title.synced(title.dub(), engine="wav2lip")


def test_a_dark_picture_stays_dark_and_a_face_outside_changes_nothing() -> None:
    layout = Layout(faces.SIZE, faces.SIZE, "yuv420p")
    colours = Colours(0.299, 0.114, full=False)
    y, u, v = faces.picture(9)
    dark = y // 8 + 14, u // 8 + 112, v // 8 + 112
    for shift, changes in (((0, 0), True), ((60, 20), True), ((400, 0), False)):
        points = faces.points(9, shift)
        edit = Edit(0, "face_1", 0, points, points, 0.0, 1.0, "draw")
        planes = tuple(plane.copy() for plane in dark)
        seen = crops.crop(planes, layout, points, colours)
        if seen is not None:
            noise = np.random.default_rng(0).uniform(0, 255, (96, 96, 3)).astype(np.float32)
            crops.lay_back(planes, layout, edit, 0.2 * noise + 0.8 * seen, colours)
        assert np.array_equal(planes[0], dark[0]) != changes
        assert abs(float(planes[0].mean()) - float(dark[0].mean())) < 4


def test_a_crop_comes_back_to_where_it_was() -> None:
    """Turned by 30 degrees too: eyes are level in the crop."""
    for turn in (0.0, 0.5, np.pi):
        cos, sin = np.cos(turn), np.sin(turn)
        centre = np.array([120, 150])
        points = (faces.points(9) - centre) @ np.array([[cos, sin], [-sin, cos]]) + centre
        matrix = crops.to_crop(points.astype(np.float32))
        placed = points @ matrix[:, :2].T + matrix[:, 2]
        eyes, chin = placed[faces.rows((33, 263))], placed[faces.rows((152,))[0]]
        assert eyes[0, 1] == pytest.approx(eyes[1, 1], abs=1e-3)
        assert eyes[0, 0] < eyes[1, 0]
        assert 80 < chin[1] < 96
        assert placed[faces.rows((13,))[0], 1] > 48  # the mouth is in the half that is drawn
    layout = Layout(faces.SIZE, faces.SIZE, "yuv420p")
    colours = Colours(0.2126, 0.0722, full=True)
    points = faces.points(9)
    planes = tuple(plane.copy() for plane in faces.picture(9))
    seen = crops.crop(planes, layout, points, colours)
    edit = Edit(0, "face_1", 0, points, points, 0.0, 1.0, "draw")
    crops.lay_back(planes, layout, edit, seen, colours)
    for new, old in zip(planes, faces.picture(9), strict=True):
        assert np.abs(new.astype(int) - old).mean() < 1


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(("red", "blue"), [(0.299, 0.114), (0.2126, 0.0722), (0.2627, 0.0593)])
def test_colours_come_back(red: float, blue: float, full: bool) -> None:
    colours = Colours(red, blue, full)
    white, black = (255, 0) if full else (235, 16)
    grey = np.array([[[white, 128, 128], [black, 128, 128]]], np.uint8)
    assert colours.bgr(grey) == pytest.approx(np.array([[[255] * 3, [0] * 3]]), abs=0.01)
    pure = np.array([[[0, 0, 255], [255, 0, 0]]], np.float32)
    luma = colours.patch(pure)[0, :, 0]
    assert luma == pytest.approx([black + share * (white - black) for share in (red, blue)], abs=1)
    some = np.random.default_rng(1).integers(70, 180, (8, 8, 3)).astype(np.uint8)
    some[..., 1:] = 118 + some[..., 1:] % 20
    assert np.array_equal(colours.patch(colours.bgr(some)), some)


def test_missing_weights_and_numbers_that_are_none(
    title: Title, edits: dict[int, list[Edit]], weights: Path
) -> None:
    broken = torch.load(weights, weights_only=True)
    broken["state_dict"]["module.output_block.1.bias"].fill_(float("nan"))
    torch.save(broken, weights)
    with pytest.raises(EngineFailed, match="NaN"):
        rendered(title, edits)
    wav2lip.network.cache_clear()
    weights.unlink()
    with pytest.raises(DependencyUnavailable, match="the weights wav2lip_gan"):
        rendered(title, edits)
