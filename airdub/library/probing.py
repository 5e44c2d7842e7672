"""What ffprobe says of a file before it is taken: whether it is a video, how long, which language.

Headers' claims, fenced in and quick; the probe stage measures.
"""

from __future__ import annotations

import json
import math
import subprocess
from dataclasses import dataclass
from typing import Any

from airdub.errors import DependencyUnavailable, InvalidInput, TemporaryFailure
from airdub.languages import parse_language

_CONTAINERS = "mov,matroska,mpegts,mpeg,avi,flv,mxf,ogg,asf"
_LOOK_FAR = ("-probesize", "64M", "-analyzeduration", "30M")
_TIMEOUT_S = 300
_NOT_FOUND = 127  # setpriv's answer for a program that isn't there
_NO_PICTURES = ("attached_pic", "still_image", "timed_thumbnails")
_ASIDE = ("comment", "visual_impaired", "hearing_impaired", "descriptions")
_AGAIN = "copy or export the file again from its master"


@dataclass(frozen=True)
class Probed:
    """What a file claims of itself.

    Attributes:
        duration_s: of its timeline.
        language: of the sound that is spoken, BCP-47; "" where the file doesn't say.
    """

    duration_s: float
    language: str


def probe(address: str, location: str) -> Probed:
    """Look at a file.

    Args:
        address: where ffprobe reads it.
        location: what it is called in messages.

    Raises:
        InvalidInput: it is no video with sound.
        TemporaryFailure: it takes too long.
        DependencyUnavailable: ffprobe is not installed.
    """
    shown = ("-show_format", "-show_streams", "-of", "json")
    facts = json.loads(_ffprobe([*shown, address], location))
    streams = facts.get("streams", [])
    sound = [one for one in streams if one.get("codec_type") == "audio"]
    picture = [
        one
        for one in streams
        if one.get("codec_type") == "video" and not _flagged(one, _NO_PICTURES)
    ]
    if not picture:
        raise _refusal(location, "there is no video stream", "supply a video")
    if not sound:
        raise _refusal(location, "there is no audio stream", "supply the version with sound")
    duration_s = _duration(facts) or _last_packet(address, location)
    if duration_s <= 0:
        raise _refusal(location, "it has no frames", _AGAIN)
    return Probed(duration_s, _spoken(sound))


def _ffprobe(arguments: list[str], location: str) -> str:
    protocols = "http,tcp" if arguments[-1].startswith("http:") else "file"
    fence = ["-protocol_whitelist", protocols, "-format_whitelist", _CONTAINERS]
    command = ["setpriv", "--pdeathsig", "KILL", "--", "ffprobe", "-v", "error", *fence]
    try:
        done = subprocess.run(
            [*command, *_LOOK_FAR, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TemporaryFailure(
            f"ffprobe took longer than {_TIMEOUT_S} s", where=location
        ) from error
    if done.returncode == _NOT_FOUND:
        raise DependencyUnavailable(
            "the program is not installed", where="ffprobe", remedy="run `make setup`"
        )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason"]
        what = f"it is no video that airdub reads: {_without_address(said[-1], arguments[-1])}"
        raise _refusal(location, what, _AGAIN)
    return done.stdout.decode("utf-8", "replace")


def _without_address(text: str, address: str) -> str:
    return text.replace(address, "").lstrip(": ")[:200]


def _duration(facts: dict[str, Any]) -> float:
    """Seconds that the container or its longest stream claims; 0 without a claim."""
    claims = [facts.get("format", {}), *facts.get("streams", [])]
    seconds = [_number(one.get("duration")) for one in claims]
    return seconds[0] or max(seconds)


def _last_packet(address: str, location: str) -> float:
    """Seconds to the end of the last packet, for files that were written live; reads all of it."""
    entries = ("-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0")
    rows = _ffprobe(["-select_streams", "v:0", *entries, address], location).splitlines()
    return max((sum(_number(cell) for cell in row.split(",")) for row in rows), default=0.0)


def _number(text: Any) -> float:
    try:
        value = float(text)
    except (TypeError, ValueError):
        return 0.0
    return value if math.isfinite(value) else 0.0


def _spoken(sound: list[dict[str, Any]]) -> str:
    """The language of the stream that people hear: not commentary, then the default one."""
    rank = sorted(sound, key=lambda one: (_flagged(one, _ASIDE), not _flagged(one, ("default",))))
    tags = rank[0].get("tags", {})
    tag = next((str(value) for name, value in tags.items() if name.lower() == "language"), "")
    try:
        return parse_language(tag)
    except InvalidInput:  # files hold any text as a tag
        return ""


def _flagged(stream: dict[str, Any], dispositions: tuple[str, ...]) -> bool:
    return any(stream.get("disposition", {}).get(name) for name in dispositions)


def _refusal(location: str, what: str, remedy: str) -> InvalidInput:
    return InvalidInput(what, where=location, remedy=remedy)
