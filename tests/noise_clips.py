"""Clips whose sound is white noise: where a sample ended up is measured exactly, by correlation."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile

from airdub.media import MediaFacts
from tests.builders import stage_context

FFMPEG = ("ffmpeg", "-nostdin", "-v", "error", "-y", "-fflags", "+bitexact")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", "-pix_fmt", "yuv420p")
MP4 = (*H264, "-bf", "2", "-g", "25", "-c:a", "aac")


def noise_wav(
    path: Path, duration_s: float = 2.0, *, channels: int = 1, rate_hz: int = 48_000, seed: int = 7
) -> Path:
    """White noise at -20 dBFS: its lag against a decoded copy is exact to the sample."""
    shape = (round(duration_s * rate_hz), channels)
    noise = np.random.default_rng(seed).normal(0, 0.1, shape).clip(-0.9, 0.9)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, noise, rate_hz, subtype="PCM_16")
    return path


def picture(rate: str = "25", duration_s: float = 2.0, size: str = "160x120") -> tuple[str, ...]:
    """Input arguments of a moving test picture."""
    return ("-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={duration_s}")


def ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg; its complaint is the test's failure."""
    done = subprocess.run([*FFMPEG, *map(str, arguments)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def make_clip(
    path: Path,
    *,
    video: Sequence[str] = picture(),
    audio: Path | None = None,
    before_audio: Sequence[str] = (),
    options: Sequence[str | Path] = MP4,
) -> Path:
    """A clip of a test picture and a WAV (made when none is given).

    Args:
        before_audio: options of the sound's input (`-itsoffset 0.5`).
        options: of the output.
    """
    sound = audio or noise_wav(path.parent / "sound" / "noise.wav")
    maps = ("-map", "0:v", "-map", "1:a")
    ffmpeg(*video, *before_audio, "-i", sound, *maps, *options, path)
    return path


def probed(source: Path, folder: Path, **parameters: Any) -> MediaFacts:
    """Facts of a clip by the probe stage itself."""
    from model_images.probe.stage import run

    context = stage_context(folder / "probe", "probe", "ffprobe", parameters, {"source": source})
    run(context)
    facts = context.output("facts", ".json")
    context.store_outputs()
    return MediaFacts.model_validate_json(facts.read_bytes())


def aligned_sound(media: Path, stream: int, rate_hz: int = 48_000) -> np.ndarray:
    """Float32 (samples, channels) of an audio stream; sample 0 is at the first frame's time.

    Decoded by PyAV, not by the ffmpeg program that the stages run.
    """
    with av.open(str(media)) as container:
        start = next(container.decode(video=0)).time
    with av.open(str(media)) as container:
        resampler = av.AudioResampler(format="fltp", rate=rate_hz)
        decoded = list(container.decode(audio=stream))
        frames = [part for frame in (*decoded, None) for part in resampler.resample(frame)]
    samples = np.concatenate([frame.to_ndarray() for frame in frames], axis=1).T
    shift = round((decoded[0].time - start) * rate_hz)
    if shift < 0:
        return samples[-shift:]
    return np.concatenate([np.zeros((shift, samples.shape[1]), "<f4"), samples])


def entry(media: Path, stream: str, name: str) -> str:
    """One value of a stream by ffprobe.

    Args:
        name: a field (`codec_name`), or with its section: `stream_disposition=default`.
    """
    command = ["ffprobe", "-v", "error", "-select_streams", stream, "-of", "csv=p=0"]
    command += ["-show_entries", name if "=" in name else f"stream={name}", str(media)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return done.stdout.split("\n", 1)[0].strip(",")


def lag_samples(reference: np.ndarray, signal: np.ndarray) -> int:
    """Samples by which a signal comes later than its reference (both one-dimensional)."""
    length = min(len(reference), len(signal))
    one, other = (np.fft.rfft(part[:length], 2 * length) for part in (reference, signal))
    correlation = np.fft.irfft(other * np.conj(one))
    peak = int(np.argmax(correlation))
    return peak if peak < length else peak - 2 * length
