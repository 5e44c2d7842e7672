"""Titles with a drawn face whose landmarks are known: no tracker is needed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np

from airdub.faces import Faces, FaceTrack, Shot
from airdub.lips import Lips
from airdub.media import MediaFacts, VideoFacts
from airdub.timing import FitPlan, Placement
from airdub.transcript import Phoneme
from airdub.units import CLOCK_HZ
from model_images.common.landmarks import Landmarks, pack, write_landmarks
from model_images.common.pictures import plane_view
from model_images.lipsync.casting import Role, cast_roles
from model_images.lipsync.scenes import Film
from model_images.lipsync.shapes import table_for
from model_images.lipsync.stage import run
from tests.builders import local_store, stage_context
from tests.unit.model_images.lipsync import faces

SCALE, FRAME = 12_800, 512
TICKS = CLOCK_HZ * FRAME // SCALE
Span = tuple[int, int]


@cache
def drawing(gap: int):
    """The face's planes with this distance of the lips."""
    return faces.picture(gap)


def spoken(start: int, frames: int, symbols: str = "amaeiobapuma") -> tuple[Phoneme, ...]:
    """Sounds of three frames each that fill a span of frames."""
    return tuple(
        Phoneme(
            symbol=symbols[n % len(symbols)],
            start=(start + 3 * n) * TICKS,
            end=(start + 3 * n + 3) * TICKS,
        )
        for n in range(frames // 3)
    )


def line(number: int, span: Span, symbols: str = "amaeiobapuma") -> Placement:
    """A dubbed line over a span of frames."""
    sounds = spoken(span[0], span[1] - span[0], symbols)
    length = sounds[-1].end - sounds[0].start
    return Placement(
        segment_id=f"s{number:04d}",
        speaker="ana",
        start=sounds[0].start,
        take_length=length,
        natural_length=length,
        stretched_length=length,
        source_start=span[0] * TICKS,
        source_end=span[1] * TICKS,
        phonemes=sounds,
    )


class Title:
    """A clip of the drawn face, 240 x 240 at 25 fps, and all that lip-sync asks for.

    Args:
        shots: spans that cover the clip.
        seen: spans in which the face is there; it speaks all the time. By default all.
        variable: frames come early and late.
    """

    def __init__(
        self,
        folder: Path,
        shots: Sequence[Span],
        seen: Sequence[Span] | None = None,
        *,
        variable: bool = False,
    ) -> None:
        self.folder, self.frames = folder, shots[-1][1]
        numbers = np.arange(self.frames)
        self.gaps = np.round(9 + 7 * np.sin(numbers / 2.3) * np.cos(numbers / 17)).astype(int)
        self.pts = numbers * FRAME + (200 * (numbers % 3) if variable else 0)
        self.clip = folder / "clip.mp4"
        self._film()
        video = VideoFacts(index=0, codec="h264", width=240, height=240, frame_rate="25/1",
                           time_base=f"1/{SCALE}", frames=self.frames, variable_rate=variable,
                           on_grid=not variable, pixel_format="yuv420p")  # fmt: skip
        duration = str(Fraction(self.frames * FRAME, SCALE))
        self.facts = MediaFacts(container="mp4", duration=duration, video=video, audio=())
        self.faces = Faces(
            frames=self.frames,
            shots=tuple(Shot(first_frame=first, end_frame=end) for first, end in shots),
            tracks=tuple(self._tracks(shots if seen is None else seen)),
        )
        self.landmarks = folder / "landmarks.npz"
        points = {
            track.id: pack(
                np.stack(
                    [faces.points(self.gaps[n]) for n in range(track.first_frame, track.end_frame)]
                ),
                0.125,
            )
            for track in self.faces.tracks
        }
        write_landmarks(self.landmarks, points, 0.125, self.pts * CLOCK_HZ // SCALE)
        local_store(folder)

    def _film(self) -> None:
        options = {"video_track_timescale": str(SCALE)}
        with av.open(str(self.clip), "w", container_options=options) as container:
            stream = container.add_stream("libx264", rate=25)
            stream.width = stream.height = faces.SIZE
            stream.codec_context.options = {"preset": "veryfast", "crf": "14", "g": "50", "bf": "2"}
            stream.codec_context.time_base = stream.time_base = Fraction(1, SCALE)
            for number, gap in enumerate(self.gaps.tolist()):
                frame = av.VideoFrame(faces.SIZE, faces.SIZE, "yuv420p")
                for target, plane in zip(frame.planes, drawing(gap), strict=True):
                    np.copyto(plane_view(target), plane)
                frame.pts, frame.time_base = int(self.pts[number]), stream.time_base
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))

    def _tracks(self, spans: Sequence[Span]):
        for number, (first, end) in enumerate(spans, 1):
            yield FaceTrack(id=f"t{number:04d}", identity="face_1", first_frame=first,
                            end_frame=end, speaking=((first, end),))  # fmt: skip

    def dub(self, *lines: Placement) -> FitPlan:
        """A plan of these lines; by default one through the whole clip."""
        placements = lines or (line(1, (5, self.frames - 5)),)
        return FitPlan(duration=self.facts.duration_ticks, placements=placements)

    def film(self) -> Film:
        """What the stage knows of it."""
        landmarks = Landmarks(self.landmarks)
        return Film(self.faces, landmarks, table_for("en"), self.facts.duration_ticks)

    def roles(self, dub: FitPlan) -> list[Role]:
        """Who speaks."""
        return cast_roles(dub, self.faces, Landmarks(self.landmarks).ticks.tolist())

    def synced(self, dub: FitPlan, *, engine: str = "hybrid", sound: Path | None = None):
        """The stage's `lips`, its video (None without one) and its context.

        Args:
            sound: the dub's voices, for engines that hear.
        """
        inputs = {"source": self.clip, "facts": self.facts, "faces": self.faces,
                  "landmarks": self.landmarks, "placements": dub}  # fmt: skip
        inputs |= {"dialogue_stem": sound} if sound else {}
        parameters = {"target_language": "en", "consented": {"ana": "consent-1"}}
        context = stage_context(self.folder, "lipsync", engine, parameters, inputs)
        run(context)
        outputs = context.store_outputs()
        lips = Lips.model_validate_json(context.fetch(outputs["lips"]).read_bytes())
        return lips, context.fetch(outputs["video"]) if "video" in outputs else None, context
