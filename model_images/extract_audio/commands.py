"""One ffmpeg call that decodes the dubbed stream once and writes it three ways. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from airdub.media import AudioFacts, MediaFacts
from airdub.units import CLOCK_HZ, parse_rate, rescale
from model_images.common.ffmpeg import BITEXACT, file_url, input_arguments

RATES_HZ = {"original": CLOCK_HZ, "mono_44k": 44_100, "mono_16k": 16_000}
"""Outputs and their sample rates."""

_GAP_S = 0.025
"""Holes and overlaps of the time stamps from here on are filled and cut; less is jitter."""

_CENTRE, _FRONT = 0.6, 0.2
_CENTRED_LAYOUTS = ("3.0", "3.1", "4.0", "4.1", "5.0", "5.1", "6.0", "6.1", "7.0", "7.1")
"""Layouts that have FC beside FL and FR; `5.1(side)` and other variants too."""


def extract_arguments(source: Path, facts: MediaFacts, outputs: Mapping[str, Path]) -> list[str]:
    """Arguments of ffmpeg. Each output has sample 0 at the first frame of the picture and is
    exactly as long as the picture: what is earlier or later is cut, what is missing is silence.

    Args:
        outputs: a file for each name of `RATES_HZ`.
    """
    stream = facts.dubbed_stream
    arguments = ["-copyts", *input_arguments(source, offset=-parse_rate(facts.video.start))]
    arguments += ["-filter_complex", filter_graph(stream, facts.duration_ticks)]
    for name, path in outputs.items():
        codec = original_codec(stream) if name == "original" else "pcm_s16le"
        arguments += ["-map", f"[{name}]", "-c:a", codec, *BITEXACT, "-map_metadata", "-1"]
        arguments += ["-rf64", "auto", "-f", "wav", file_url(path)]
    return arguments


def filter_graph(stream: AudioFacts, duration_ticks: int) -> str:
    """The split, the mono mix and the three alignments as an ffmpeg filter graph."""
    return ";".join(
        (
            f"[0:{stream.index}]asplit=2[full][down]",
            f"[full]{_aligned('original', duration_ticks)}",
            f"[down]pan=mono|c0={mono_mix(stream)},asplit=2[down_44k][down_16k]",
            f"[down_44k]{_aligned('mono_44k', duration_ticks)}",
            f"[down_16k]{_aligned('mono_16k', duration_ticks)}",
        )
    )


def sample_count(name: str, duration_ticks: int) -> int:
    """Samples of an output."""
    return rescale(duration_ticks, CLOCK_HZ, RATES_HZ[name])


def _aligned(name: str, duration_ticks: int) -> str:
    """`min_comp` is so small that the start is exact to a sample: by default 1 ms is let pass."""
    samples = sample_count(name, duration_ticks)
    return (
        f"aresample={RATES_HZ[name]}:async=1:first_pts=0:min_comp=0.000001:min_hard_comp={_GAP_S},"
        f"apad=whole_len={samples},atrim=end_sample={samples}[{name}]"
    )


def original_codec(stream: AudioFacts) -> str:
    """24 bits hold integer PCM exactly; lossy decoders give floats that may pass full scale."""
    return "pcm_s24le" if stream.sample_format.startswith(("s16", "s32", "u8")) else "pcm_f32le"


def mono_mix(stream: AudioFacts) -> str:
    """Weights of the channels for speech: the centre counts most, LFE and surrounds not at all.

    Left and right keep a share because some 5.1 tracks are spread stereo with an empty centre.
    The weights add up to 1, so that nothing clips.
    """
    if stream.layout.split("(")[0] in _CENTRED_LAYOUTS:
        return f"{_CENTRE}*FC+{_FRONT}*FL+{_FRONT}*FR"
    if stream.layout in ("stereo", "2.1", "quad", "quad(side)"):
        return "0.5*FL+0.5*FR"
    share = 1 / stream.channels
    return "+".join(f"{share:.6g}*c{channel}" for channel in range(stream.channels))
