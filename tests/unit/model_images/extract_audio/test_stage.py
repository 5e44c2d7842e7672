"""The extracted sound lies on the picture's timeline, to the sample, whatever the file does."""

from fractions import Fraction

import numpy as np
import pytest
import soundfile

from airdub.errors import InvalidInput
from airdub.units import parse_rate
from model_images.extract_audio.stage import run
from tests.builders import stage_context
from tests.noise_clips import H264, MP4, ffmpeg, lag_samples, make_clip, noise_wav, picture, probed

LOSSLESS = (*H264, "-bf", "2", "-g", "25", "-c:a", "pcm_s16le", "-vsync", "passthrough")
LOSSLESS += ("-movie_timescale", "48000")  # else edit lists are rounded to milliseconds


def extracted(clip, folder):
    """Output name -> (samples (n, channels), rate), and the facts."""
    facts = probed(clip, folder)
    inputs = {"source": clip, "facts": facts}
    context = stage_context(folder / "extract", "extract_audio", "ffmpeg", inputs=inputs)
    run(context)
    outputs = {
        name: soundfile.read(context.output(name, ".wav"), always_2d=True)
        for name in ("original", "mono_44k", "mono_16k")
    }
    context.store_outputs()
    for name, (samples, rate) in outputs.items():
        assert len(samples) == round(parse_rate(facts.duration) * rate), name
    return outputs, facts


@pytest.mark.parametrize("offset_ms", [0, 480, 0.7, -320])
def test_late_sound_is_padded_and_early_sound_is_cut(tmp_path, offset_ms):
    noise = noise_wav(tmp_path / "noise.wav")
    sound, _ = soundfile.read(noise)
    video = picture() if offset_ms >= 0 else ("-itsoffset", f"{-offset_ms}ms", *picture())
    before = ("-itsoffset", f"{max(0, offset_ms)}ms")
    clip = make_clip(
        tmp_path / "clip.mov", video=video, audio=noise, before_audio=before, options=LOSSLESS
    )
    outputs, facts = extracted(clip, tmp_path)
    original = outputs["original"][0][:, 0]
    shift = facts.audio_offset_ticks
    assert shift == pytest.approx(offset_ms * 48, abs=2)
    if shift >= 0:
        assert not original[: max(0, shift - 1)].any()
    assert lag_samples(sound, original) == pytest.approx(shift, abs=1)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_compressed_sound_keeps_its_place_at_every_rate(tmp_path, suffix):
    noise = noise_wav(tmp_path / "noise.wav", rate_hz=44_100)
    clip = make_clip(tmp_path / f"clip{suffix}", audio=noise, video=picture("24000/1001"))
    outputs, _ = extracted(clip, tmp_path)
    reference, _ = soundfile.read(noise)
    # time stamps of these containers are exact to 1 ms, or better
    assert abs(lag_samples(reference, outputs["mono_44k"][0][:, 0])) <= 44
    for name, rate in (("original", 48_000), ("mono_16k", 16_000)):
        samples = outputs[name][0][:, 0]
        grid = np.arange(len(reference) * rate // 44_100) * 44_100 / rate
        resampled = np.interp(grid, np.arange(len(reference)), reference)
        assert abs(lag_samples(resampled, samples)) <= rate // 1000


def test_sound_shorter_than_the_picture_ends_in_silence(tmp_path):
    noise = noise_wav(tmp_path / "noise.wav", 0.8)
    outputs, _ = extracted(
        make_clip(tmp_path / "clip.mov", audio=noise, options=LOSSLESS), tmp_path
    )
    original = outputs["original"][0][:, 0]
    assert original[: round(0.8 * 48_000)].std() > 0.09
    assert not original[round(0.8 * 48_000) :].any()


def test_a_hole_in_the_time_stamps_becomes_silence_of_the_same_length(tmp_path):
    whole = make_clip(tmp_path / "whole.mkv", options=(*H264, "-c:a", "pcm_s16le"))
    holed = tmp_path / "holed.mkv"
    # packets of 0.5 .. 1.0 s are lost
    ffmpeg("-i", whole, "-c", "copy", "-bsf:a", "noise=drop=between(pts\\,500\\,1000)", holed)
    before, _ = extracted(whole, tmp_path / "a")
    after, _ = extracted(holed, tmp_path / "b")
    one, other = (outputs["mono_16k"][0][:, 0] for outputs in (before, after))
    assert not other[round(0.55 * 16_000) : round(0.95 * 16_000)].any()
    assert np.array_equal(one[:7_000], other[:7_000])
    assert lag_samples(one[20_000:], other[20_000:]) == 0


def test_the_centre_of_5_1_is_what_the_mono_outputs_hear(tmp_path):
    sound = noise_wav(tmp_path / "six.wav", channels=6)
    samples, rate = soundfile.read(sound)
    samples[:, [0, 1]] = 0  # dialogue in the centre, noise in LFE and surrounds
    soundfile.write(sound, samples, rate, subtype="PCM_16", format="WAVEX")
    ffmpeg("-channel_layout", "5.1", "-i", sound, tmp_path / "marked.wav")
    clip = make_clip(tmp_path / "clip.mov", audio=tmp_path / "marked.wav", options=LOSSLESS)
    outputs, _ = extracted(clip, tmp_path)
    assert outputs["original"][0].shape[1] == 6
    assert np.abs(outputs["original"][0] - samples[:96_000]).max() < 1e-4
    centre = 0.6 * samples[:, 2]
    mono = outputs["mono_44k"][0][:, 0]
    assert mono.std() == pytest.approx(centre.std() * np.sqrt(44.1 / 48), rel=0.06)


def test_a_chosen_stream_is_the_one_that_is_extracted(tmp_path):
    one, two = (noise_wav(tmp_path / f"{seed}.wav", seed=seed) for seed in (1, 2))
    clip = tmp_path / "clip.mov"
    maps = ("-map", "0:v", "-map", "1:a", "-map", "2:a")
    ffmpeg(*picture(), "-i", one, "-i", two, *maps, *LOSSLESS, clip)
    facts = probed(clip, tmp_path, audio_stream=1)
    context = stage_context(
        tmp_path, "extract_audio", "ffmpeg", inputs={"source": clip, "facts": facts}
    )
    run(context)
    samples, _ = soundfile.read(context.output("original", ".wav"))
    wanted, _ = soundfile.read(two)
    assert np.array_equal(samples, wanted)


def test_the_same_input_gives_the_same_bytes(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4", options=MP4)
    facts = probed(clip, tmp_path)
    hashes = []
    for folder in "ab":
        inputs = {"source": clip, "facts": facts}
        context = stage_context(tmp_path / folder, "extract_audio", "ffmpeg", inputs=inputs)
        run(context)
        hashes.append([ref.sha256 for ref in context.store_outputs().values()])
    assert hashes[0] == hashes[1]


def test_sound_that_can_not_be_decoded_is_refused_with_file_field_and_remedy(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4")
    facts = probed(clip, tmp_path)
    broken = facts.model_copy(
        update={"audio": (facts.dubbed_stream.model_copy(update={"index": 7}),)}
    )
    context = stage_context(
        tmp_path, "extract_audio", "ffmpeg", inputs={"source": clip, "facts": broken}
    )
    with pytest.raises(
        InvalidInput, match=r"source\.mp4: audio stream 0: .*What to do: "
    ) as caught:
        run(context)
    assert caught.value.exit_code == 65


def test_variable_frame_rate_changes_nothing_for_the_sound(tmp_path):
    noise = noise_wav(tmp_path / "noise.wav")
    options = ("-vf", "select=mod(n\\,3)", *LOSSLESS)
    clip = make_clip(tmp_path / "clip.mov", audio=noise, video=picture("30"), options=options)
    outputs, facts = extracted(clip, tmp_path)
    # frame 0 is dropped, so the picture begins one frame in
    assert parse_rate(facts.video.start) == pytest.approx(Fraction(1, 30), abs=1e-3)
    sound, _ = soundfile.read(noise)
    assert lag_samples(sound, outputs["original"][0][:, 0]) == pytest.approx(-1600, abs=1)
