"""The whole stage with a tiny htdemucs, on real speech over music."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import soxr
import torch
from demucs import apply
from demucs.pretrained import get_model

from airdub.errors import DependencyUnavailable, EngineFailed
from airdub.units import CLOCK_HZ
from model_images.common import pcm
from model_images.separate import stage
from model_images.separate.demucs.checkpoint import load_model
from model_images.separate.demucs.hearing import RATE_HZ
from model_images.separate.engines.demucs import SEED, WEIGHTS, gate, predict
from tests.builders import stage_context
from tests.neural.separate.tiny_demucs import tiny_package, write_repository
from tests.unit.model_images.separate.sounds import bed, si_sdr_db, spoken, write_16k

WHOLE = {"speech_threshold": 1e-6, "gate_threshold": 1e-6}
"""Everything is taken for speech."""


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny checkpoint, as `demucs --repo` takes it."""
    folder = tmp_path_factory.mktemp("repository")
    write_repository(folder, tiny_package())
    return folder


@pytest.fixture
def weights(repository: Path, model_cache: Path) -> Path:
    """The same in the model cache."""
    path = model_cache / "demucs" / WEIGHTS
    path.parent.mkdir()
    shutil.copy(next(repository.glob("*.th")), path)
    return path


@pytest.fixture(scope="session")
def title(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """A line over music in stereo, between pauses; its length fits no step of any rate."""
    line = spoken(tmp_path_factory.mktemp("line"), "We leave at dawn, my friend.")
    voice = np.pad(line, (CLOCK_HZ * 2, CLOCK_HZ * 2 + 77))
    return voice[:, None] + np.stack((bed(len(voice), 1), bed(len(voice), 2)), axis=1)


def separated(
    folder: Path, sound: np.ndarray, subtype: pcm.Subtype = "PCM_24", **parameters: float
):  # type: ignore[no-untyped-def]
    """Run the stage; returns (dialogue, background, context)."""
    folder.mkdir(exist_ok=True)
    pcm.write_wav(folder / "original.wav", sound, CLOCK_HZ, subtype)
    mono = write_16k(folder / "mono.wav", sound)
    inputs = {"original": folder / "original.wav", "mono_16k": mono}
    context = stage_context(folder, "separate", "demucs", parameters, inputs)
    stage.run(context)
    files = {name: context.fetch(ref) for name, ref in context.store_outputs().items()}
    infos = [pcm.read_info(files[name]) for name in ("dialogue", "background")]
    assert {info.frames for info in infos} == {len(sound)}
    parts = [pcm.read_span(files[name], 0, len(sound)) for name in ("dialogue", "background")]
    return *parts, context


def by_demucs(repository: Path, sound: np.ndarray, shifts: int) -> np.ndarray:
    """The vocals that demucs' own code gives, at 48 kHz, without what is no voice: a constant."""
    model = get_model("htdemucs", repo=repository)
    mix = torch.from_numpy(soxr.resample(sound, CLOCK_HZ, RATE_HZ, quality="VHQ").T.copy())
    heard = mix.mean(0)
    with torch.inference_mode():
        stems = apply.apply_model(model, ((mix - heard.mean()) / heard.std())[None], shifts=shifts)
    vocals = (stems[0, model.sources.index("vocals")] * heard.std()).numpy().T
    return np.asarray(soxr.resample(vocals, RATE_HZ, CLOCK_HZ, quality="VHQ"))[: len(sound)]


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("shifts", [1, 2])
def test_it_gives_what_demucs_itself_gives(
    tmp_path: Path,
    repository: Path,
    title: np.ndarray,
    shifts: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sound = title[: CLOCK_HZ * 4]
    voiced, *_ = separated(tmp_path, sound, shifts=shifts, **WHOLE)
    ours = random.Random(SEED)  # noqa: S311 - as the engine draws; their model draws, too
    monkeypatch.setattr(apply, "random", ours)
    theirs = by_demucs(repository, pcm.read_span(tmp_path / "original.wav", 0, len(sound)), shifts)
    middle = slice(CLOCK_HZ // 20, -CLOCK_HZ // 20)  # resampled in pieces, the ends ring otherwise
    assert si_sdr_db(voiced[middle], theirs[middle]) > 60
    assert np.abs(voiced - theirs).max() < 0.02 * np.abs(theirs).max()
    assert np.abs(theirs).max() > 1e-3


@pytest.mark.usefixtures("weights")
def test_the_parts_add_up_and_only_speech_is_touched(tmp_path: Path, title: np.ndarray) -> None:
    voiced, background, context = separated(tmp_path, title)
    steps = np.rint((voiced.astype(np.float64) + background) * 2**23)
    assert np.array_equal(steps, np.rint(title.astype(np.float64) * 2**23))
    assert 0.5 < context.measurements["speech_s"] < 4
    loud = np.flatnonzero(voiced.any(axis=1)) / CLOCK_HZ
    assert loud[0] > 1.5, "before the line the background is the original"
    assert loud[-1] < len(title) / CLOCK_HZ - 1.5
    assert np.abs(voiced).max() > 1e-4


@pytest.mark.usefixtures("weights")
def test_the_same_sound_gives_the_same_bytes(tmp_path: Path, title: np.ndarray) -> None:
    found = {
        tuple(ref.sha256 for ref in separated(tmp_path / name, title)[2].store_outputs().values())
        for name in ("one", "two")
    }
    assert len(found) == 1


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize(("channels", "voiced_ones"), [(1, (0,)), (4, (0, 1)), (6, (2,))])
def test_only_channels_with_speech_are_separated(
    tmp_path: Path, title: np.ndarray, channels: int, voiced_ones: tuple[int, ...]
) -> None:
    sound = np.stack([title[: CLOCK_HZ * 4, 0] * (0.9**at) for at in range(channels)], axis=1)
    voiced, background, _ = separated(tmp_path, sound)
    assert voiced.shape == sound.shape
    others = [at for at in range(channels) if at not in voiced_ones]
    assert all(voiced[:, at].any() for at in voiced_ones)
    assert not voiced[:, others].any()
    assert np.abs(voiced + background - sound).max() <= 2**-23


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("kind", ["silence", "music"])
def test_without_speech_all_is_background(tmp_path: Path, kind: str) -> None:
    sound = (np.zeros(CLOCK_HZ * 3, np.float32) if kind == "silence" else bed(CLOCK_HZ * 3))[
        :, None
    ]
    voiced, background, _ = separated(tmp_path, sound)
    assert not voiced.any()
    assert np.abs(background - sound).max() <= 2**-23


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("kind", ["clipped", "narrow", "short", "loud"])
def test_odd_sound_gives_numbers_that_add_up(tmp_path: Path, title: np.ndarray, kind: str) -> None:
    sound = {
        "clipped": lambda: np.clip(title * 30, -1, 1 - 2**-23)[: CLOCK_HZ * 3],
        "narrow": lambda: soxr.resample(soxr.resample(title, CLOCK_HZ, 8000), 8000, CLOCK_HZ),
        "short": lambda: title[CLOCK_HZ * 2 : CLOCK_HZ * 2 + 12_345],
        "loud": lambda: title[: CLOCK_HZ * 3] * 20,
    }[kind]()
    subtype: pcm.Subtype = "FLOAT" if kind == "loud" else "PCM_24"
    voiced, background, _ = separated(tmp_path, sound, subtype, **WHOLE)
    assert np.isfinite(voiced).all()
    assert voiced.any()
    assert np.abs(voiced + background - sound).max() <= (2**-23 if kind != "loud" else 1e-5)


def test_a_batch_gives_what_its_members_give(repository: Path) -> None:
    model = load_model(next(repository.glob("*.th")), torch.device("cpu"))
    mixes = np.random.default_rng(0).standard_normal((3, 66_150, 2)).astype(np.float32)
    singles = np.concatenate([predict(model, mix[None]) for mix in mixes])
    assert np.abs(predict(model, mixes) - singles).max() < 1e-4


def test_numbers_that_are_none_are_not_passed_on(repository: Path) -> None:
    model = load_model(next(repository.glob("*.th")), torch.device("cpu"))
    with pytest.raises(EngineFailed, match="NaN or infinite"):
        predict(model, np.full((1, 66_150, 2), 1e38, np.float32))


def test_missing_weights_are_told_with_what_brings_them(
    tmp_path: Path, model_cache: Path, title: np.ndarray
) -> None:
    with pytest.raises(DependencyUnavailable, match="weights fetch --engine separate/demucs"):
        separated(tmp_path / "run", title[:CLOCK_HZ])


def test_the_gate_opens_in_speech_and_fades_around_it() -> None:
    opened = gate(((5000, 9000), (9500, 20_000)), 4500, 6000)
    assert (opened[500:4500] == 1).all(), "all of the voice is taken out of speech"
    assert 0 < opened[0] < opened[250] < 1
    assert 0 < opened[4750] < 1, "two fades meet"
    assert not gate(((50_000, 60_000),), 0, 1000).any()
    assert np.array_equal(
        gate(((5000, 9000),), 3000, 9000), gate(((5000, 9000),), 2000, 10_000)[1000:]
    )
