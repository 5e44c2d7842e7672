"""Short clips made by ffmpeg, each with one thing that real files have and tidy ones don't."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

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

    Decoded independently of the stages: the shift is applied to samples, not to time stamps.
    """
    start = stream_start(media, f"a:{stream}") - stream_start(media, "v:0")
    channels = int(entry(media, f"a:{stream}", "channels"))
    command = [*FFMPEG, "-i", str(media), "-map", f"0:a:{stream}", "-ar", str(rate_hz)]
    done = subprocess.run([*command, "-f", "f32le", "-"], capture_output=True, check=True)
    samples = np.frombuffer(done.stdout, "<f4").reshape(-1, channels)
    shift = round(start * rate_hz)
    if shift < 0:
        return samples[-shift:]
    return np.concatenate([np.zeros((shift, channels), "<f4"), samples])


def entry(media: Path, stream: str, name: str) -> str:
    """One field of a stream by ffprobe."""
    command = ["ffprobe", "-v", "error", "-select_streams", stream, "-of", "csv=p=0"]
    command += ["-show_entries", f"stream={name}", str(media)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip(", \n")


def stream_start(media: Path, stream: str) -> Fraction:
    """First time stamp of a stream in seconds."""
    return Fraction(entry(media, stream, "start_time"))


def lag_samples(reference: np.ndarray, signal: np.ndarray) -> int:
    """Samples by which a signal comes later than its reference (both one-dimensional)."""
    length = min(len(reference), len(signal))
    one, other = (np.fft.rfft(part[:length], 2 * length) for part in (reference, signal))
    correlation = np.fft.irfft(other * np.conj(one))
    peak = int(np.argmax(correlation))
    return peak if peak < length else peak - 2 * length
