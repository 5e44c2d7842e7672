from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from airdub.errors import InvalidInput
from airdub.speech import SpeechSpans
from airdub.units import CLOCK_HZ
from model_images.common import pcm
from model_images.separate import stage
from tests.builders import stage_context
from tests.unit.model_images.separate.sounds import bed, dialogue, si_sdr_db, write_16k


def separated(
    folder: Path,
    sound: np.ndarray,
    *,
    engine: str = "repet",
    subtype: pcm.Subtype = "PCM_24",
    parameters: dict[str, object] | None = None,
    **stems: np.ndarray,
):  # type: ignore[no-untyped-def]
    """Run the stage; returns (dialogue, background, speech, context)."""
    folder.mkdir(exist_ok=True)
    inputs = {"original": folder / "original.wav"}
    pcm.write_wav(inputs["original"], sound, CLOCK_HZ, subtype)
    inputs["mono_16k"] = write_16k(folder / "mono.wav", sound)
    for name, samples in stems.items():
        inputs[name] = folder / f"{name}.wav"
        pcm.write_wav(inputs[name], samples, CLOCK_HZ)
    context = stage_context(folder, "separate", engine, parameters, inputs)
    stage.run(context)
    refs = context.store_outputs()
    files = {name: context.fetch(ref) for name, ref in refs.items()}
    speech = SpeechSpans.model_validate_json(files["speech"].read_bytes())
    parts = [pcm.read_span(files[name], 0, len(sound)) for name in ("dialogue", "background")]
    return *parts, speech, context


def test_the_parts_add_up_to_the_original_bit_for_bit(tmp_path: Path) -> None:
    voice, spans = dialogue(tmp_path)
    truth = np.stack((bed(len(voice), 1), bed(len(voice), 2)), axis=1)
    sound = voice[:, None] + truth
    voiced, background, speech, context = separated(tmp_path / "run", sound)
    steps = np.rint((voiced.astype(np.float64) + background) * 2**23)
    assert np.array_equal(steps, np.rint(sound.astype(np.float64) * 2**23))
    assert si_sdr_db(background, truth) > 10
    assert abs(speech.spans[0][0] - spans[0][0]) < CLOCK_HZ // 10
    assert context.measurements["speech_s"] == pytest.approx(speech.total / CLOCK_HZ, abs=1e-3)
    assert context.measurements["dialogue_rms_dbfs"] == pytest.approx(
        10 * np.log10(np.mean(voiced.astype(float) ** 2)), abs=0.01
    )


def test_full_scale_does_not_break_the_sum() -> None:
    whole = np.array([[0.9], [-0.9], [1 - 2**-23], [-1.0]], np.float32)
    background, voiced = stage.split(whole, -whole, exact=True)
    assert np.abs(background).max() <= 1
    assert np.array_equal(pcm.to_integers(background, "PCM_24") % 256, np.zeros((4, 1)))
    total = pcm.to_integers(background, "PCM_24") + pcm.to_integers(voiced, "PCM_24")
    assert np.array_equal(total, pcm.to_integers(whole, "PCM_24"))


def test_the_same_sound_gives_the_same_bytes(tmp_path: Path) -> None:
    voice, _ = dialogue(tmp_path)
    digests = set()
    for name in ("one", "two"):
        *_, context = separated(tmp_path / name, voice + bed(len(voice)))
        refs = context.store_outputs()
        digests.add(tuple(ref.sha256 for ref in refs.values()))
    assert len(digests) == 1


def test_of_surround_sound_the_centre_alone_is_separated(tmp_path: Path) -> None:
    voice, _ = dialogue(tmp_path)
    sound = np.stack([bed(len(voice), seed) for seed in range(6)], axis=1)
    sound[:, 2] += voice
    voiced, background, *_ = separated(tmp_path / "run", sound)
    others = [0, 1, 3, 4, 5]
    assert np.abs(background[:, others] - sound[:, others]).max() <= 2**-23
    assert not voiced[:, others].any()
    assert si_sdr_db(background[:, [2]], bed(len(voice), 2)) > 9


def test_a_float_original_beyond_full_scale_is_not_clipped(tmp_path: Path) -> None:
    voice, _ = dialogue(tmp_path)
    sound = ((voice + bed(len(voice))) * 20)[:, None]
    voiced, background, *_ = separated(tmp_path / "run", sound, subtype="FLOAT")
    assert np.abs(voiced + background - sound).max() < 1e-5
    assert np.abs(sound).max() > 2


def test_chunks_are_joined_without_a_seam(tmp_path: Path) -> None:
    voice, _ = dialogue(tmp_path, pause_s=2)
    truth = bed(len(voice))
    sound = voice + truth
    short = {"chunk_s": 5, "overlap_s": 1}
    _, background, *_ = separated(tmp_path / "run", sound, parameters=short)
    assert si_sdr_db(background[:, 0], truth) > 9
    assert np.abs(np.diff(background[:, 0] - truth)).max() < 0.1


def test_silence_is_all_background(tmp_path: Path) -> None:
    voiced, background, speech, context = separated(tmp_path, np.zeros(CLOCK_HZ, np.float32))
    assert not voiced.any()
    assert not background.any()
    assert speech.spans == ()
    assert context.measurements["dialogue_rms_dbfs"] is None


def test_a_supplied_stem_reaches_forty_decibels(tmp_path: Path) -> None:
    voice, _ = dialogue(tmp_path)
    truth = np.stack((bed(len(voice), 1), bed(len(voice), 2)), axis=1)
    voiced, background, *_ = separated(
        tmp_path / "run", voice[:, None] + truth, engine="supplied", background_stem=truth
    )
    assert si_sdr_db(background, truth) > 40
    assert si_sdr_db(voiced, np.repeat(voice[:, None], 2, axis=1)) > 40


def test_a_stem_of_another_cut_is_refused_by_its_place(tmp_path: Path) -> None:
    sound = bed(CLOCK_HZ * 3)
    with pytest.raises(InvalidInput, match=r"background_stem \(inputs/background_stem\.wav\)"):
        separated(tmp_path, sound, engine="supplied", background_stem=bed(CLOCK_HZ * 5))


def test_an_empty_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="empty"):
        separated(tmp_path, np.zeros(0, np.float32))


def test_unknown_parameters_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="chunks"):
        separated(tmp_path, np.zeros(100, np.float32), parameters={"chunks": 3})
