"""Short videos of talking faces that go wrong on the way, and the two chunked stages on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from airdub.faces import Faces
from airdub.lips import Lips
from airdub.media import MediaFacts
from airdub.units import CLOCK_HZ
from model_images.common.landmarks import Landmarks
from tests.builders import stage_context
from tests.media.clips import ffmpeg
from tests.talking_clips import (
    FPS,
    STILL,
    actor,
    mono_16k,
    mouth,
    plan_of,
    probed,
    sound_of,
    speech,
    write_film,
)

SIDE = 256
FRAMES = 96
SAYS = speech("Buenos días a todos mis amigos", "es")
DUB = speech("Good morning to my many old friends", "en")
SAYS_S = (0.6, 0.6 + SAYS.phonemes[-1].end / CLOCK_HZ)
DUB_S = 0.7


@cache
def speaker() -> list[np.ndarray]:
    """Somebody who says SAYS from 0.6 s on, SIDE square, BGR."""
    return _faces(actor(mouth(SAYS, SAYS_S[0], FRAMES)))


@cache
def listener() -> list[np.ndarray]:
    """Somebody else, who is silent."""
    return _faces(actor(np.tile(STILL, (FRAMES, 1)), disguised=True, seed=6))


def _faces(who) -> list[np.ndarray]:
    return [
        cv2.resize(who.frame(number), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        for number in range(FRAMES)
    ]


def stage_set(parts: Sequence[tuple[np.ndarray, int]], width: int) -> np.ndarray:
    """A picture of SIDE x width with faces at places across, which may lie partly outside."""
    canvas = np.full((SIDE, width, 3), 90, np.uint8)
    for face, x in parts:
        first, end = max(0, x), min(width, x + SIDE)
        if first < end:
            canvas[:, first:end] = face[:, first - x : end - x]
    return canvas


def written(path: Path, pictures: Sequence[np.ndarray], sound_frames: int = FRAMES) -> Path:
    """The pictures with the speaker's sound."""
    return write_film(path, pictures, sound_of([(SAYS, SAYS_S[0])], sound_frames))


def packets(clip: Path) -> list[tuple[int, int, bool]]:
    """Place in the file, size, and whether it is a key, of each packet of the picture."""
    with av.open(str(clip)) as container:
        return [(p.pos, p.size, p.is_keyframe) for p in container.demux(video=0) if p.size]


def broken(clip: Path, target: Path, spoilt: slice, *, header: bool = False) -> Path:
    """The clip with other bytes in some packets: in their middle, or also where a unit begins."""
    data = bytearray(clip.read_bytes())
    noise = np.random.default_rng(2)
    for place, size, _ in packets(clip)[spoilt]:
        first = place if header else place + size // 2
        data[first : place + size] = noise.integers(
            0, 256, place + size - first, np.uint8
        ).tobytes()
    target.write_bytes(data)
    return target


def cut_off(clip: Path, target: Path, share: float) -> Path:
    """The first part of a clip whose index comes first."""
    whole = ffmpeg(["-i", str(clip), "-c", "copy", "-movflags", "+faststart"], target)
    target.write_bytes(whole.read_bytes()[: round(whole.stat().st_size * share)])
    return target


def two_sizes(clip: Path, target: Path) -> Path:
    """The clip, then once more in another size, as one broadcast."""
    parts = []
    for number, scale in enumerate(("iw:ih", "iw/2:ih/2")):
        part = target.with_name(f"{number}.ts")
        options = [
            "-vf",
            f"scale={scale}",
            "-c:v",
            "libx264",
            "-bf",
            "0",
            "-g",
            "24",
            "-c:a",
            "mp2",
        ]
        shift = ["-output_ts_offset", str(number * FRAMES / FPS)]
        parts.append(ffmpeg(["-i", str(clip), *options, *shift], part).read_bytes())
    target.write_bytes(b"".join(parts))
    return target


@dataclass
class Title:
    """A video on its way through both stages; each folder has a store of its own."""

    clip: Path
    folder: Path
    facts: MediaFacts
    mono: Path
    faces: Faces | None = None
    landmarks: Path | None = None

    @classmethod
    def of(cls, clip: Path, *, like: Path | None = None) -> Title:
        """Probed, and with its sound; `like`: as another file has them."""
        told = like or clip
        return cls(clip, clip.parent, probed(told, clip.parent / "probe"), mono_16k(told))

    def track(self) -> Any:
        """Runs track_faces; returns its context."""
        from model_images.track_faces.stage import run

        inputs = {"source": self.clip, "facts": self.facts, "mono_16k": self.mono}
        context = stage_context(self.folder / "track", "track_faces", "tflite", {}, inputs)
        run(context)
        outputs = context.store_outputs()
        self.faces = Faces.model_validate_json(context.fetch(outputs["faces"]).read_bytes())
        self.landmarks = context.fetch(outputs["landmarks"])
        return context

    def points(self, number: int) -> np.ndarray:
        """Landmarks of a track, by its place in `faces`."""
        return Landmarks(self.landmarks).points(self.faces.tracks[number].id)

    def sync(self) -> tuple[Lips, Path | None]:
        """Runs lipsync for the dub of the one line; its video, None without one."""
        from model_images.lipsync.stage import run

        plan = plan_of(self.facts, DUB, DUB_S, source_s=SAYS_S)
        inputs = {"source": self.clip, "facts": self.facts, "faces": self.faces,
                  "landmarks": self.landmarks, "placements": plan}  # fmt: skip
        parameters = {"target_language": "en", "consented": {"speaker_1": "consent"}}
        context = stage_context(self.folder / "lips", "lipsync", "hybrid", parameters, inputs)
        run(context)
        outputs = context.store_outputs()
        lips = Lips.model_validate_json(context.fetch(outputs["lips"]).read_bytes())
        return lips, context.fetch(outputs["video"]) if "video" in outputs else None

    def chunks_kept(self, stage: str) -> int:
        """Chunks of a stage that lie in its store."""
        store = self.folder / {"track_faces": "track", "lipsync": "lips"}[stage] / "store/work"
        return len(list((store / stage).rglob("item.json")))
