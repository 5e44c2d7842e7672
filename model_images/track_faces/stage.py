"""Shots, face tracks with identity, landmarks, and who speaks on screen.

Pictures are watched in chunks; what follows of what was seen is found out here, over the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from airdub.faces import Faces, FaceTrack, Shot
from airdub.media import MediaFacts, VideoFacts
from model_images.common import mouth
from model_images.common.frames import frame_table
from model_images.common.landmarks import quantum_for, write_landmarks
from model_images.common.pictures import layout_of
from model_images.common.vad import detect_speech
from model_images.runner.chunks import ChunkJob
from model_images.track_faces import active_speaker, hearing
from model_images.track_faces.chunks import FaceChunks, SeenChunk
from model_images.track_faces.identity import Appearance, identities
from model_images.track_faces.joining import join
from model_images.track_faces.tracks import RawTrack

if TYPE_CHECKING:
    from model_images.runner.context import StageContext

CHUNK_FRAMES = 240


class Parameters(BaseModel):
    """Parameters of the stage.

    Attributes:
        detect_interval_s: how often new faces are looked for within a shot.
        min_track_s: shorter tracks are dropped.
        max_gap_s: how long a face may be away and still be known by its place.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    detect_interval_s: float = 0.5
    min_track_s: float = 0.25
    max_gap_s: float = 1.0


@dataclass(frozen=True, eq=False)
class Seen:
    """What was seen in the whole video.

    Attributes:
        ticks: onset of each frame.
        cuts: frames with which a shot begins, from the second shot on.
        tracks: in order of appearance.
    """

    ticks: list[int]
    cuts: list[int]
    tracks: list[RawTrack]

    @property
    def shots(self) -> list[tuple[int, int]]:
        """Half-open frame spans of the shots."""
        return list(pairwise([0, *self.cuts, len(self.ticks)]))


def run(context: StageContext) -> None:
    """Follow the faces of a video and write `faces` and `landmarks`."""
    parameters = Parameters.model_validate(context.parameters)
    facts = context.document("facts", MediaFacts)
    layout = layout_of(facts.video)
    quantum_px = quantum_for(layout.width, layout.height)
    rate = float(facts.video.rate) or 25.0
    seen = _watch(context, facts.video, parameters, rate)
    packed = [track.smoothed(quantum_px) for track in seen.tracks]
    mouths = [
        _mouth(track, points, quantum_px) for track, points in zip(seen.tracks, packed, strict=True)
    ]
    speaking = _who_speaks(context, seen, mouths, facts, rate)
    people = identities(
        [_appearance(track, seen.shots) for track in seen.tracks],
        max_gap=round(parameters.max_gap_s * rate),
    )
    faces = describe(seen, people, speaking, facts.duration_ticks)
    write_landmarks(
        context.output("landmarks", ".npz"),
        {track.id: points for track, points in zip(faces.tracks, packed, strict=True)},
        quantum_px,
        np.array(seen.ticks, np.int64),
    )
    context.write_document("faces", faces)
    _report(context, faces, people)


def describe(
    seen: Seen,
    people: Sequence[int],
    speaking: Sequence[Sequence[tuple[int, int]]],
    end_tick: int,
) -> Faces:
    """The document of what was seen; tracks are numbered in the given order."""
    edges = [*seen.ticks, max(end_tick, seen.ticks[-1] + 1)]
    spans = sorted(span for track in speaking for span in track)
    return Faces(
        frames=len(seen.ticks),
        shots=tuple(Shot(first_frame=first, end_frame=end) for first, end in seen.shots),
        tracks=tuple(
            FaceTrack(
                id=f"t{number:04d}",
                identity=f"face_{people[number - 1]}",
                first_frame=track.first_frame,
                end_frame=track.end_frame,
                speaking=tuple(speaking[number - 1]),
            )
            for number, track in enumerate(seen.tracks, 1)
        ),
        on_screen=tuple(_merged([(edges[first], edges[end]) for first, end in spans])),
    )


def _watch(context: StageContext, facts: VideoFacts, parameters: Parameters, rate: float) -> Seen:
    """Watch the video in chunks and put together what they saw."""
    source = context.request.inputs["source"]
    table = frame_table(context.input("source"), facts)
    detect_every = max(1, round(parameters.detect_interval_s * rate))
    key = {
        "source": source.sha256,
        "video": facts.model_dump(mode="json"),
        "chunk_frames": CHUNK_FRAMES,
        "detect_every": detect_every,
    }
    jobs = [
        ChunkJob(number, (first, min(first + CHUNK_FRAMES, len(table))), key)
        for number, first in enumerate(range(0, len(table), CHUNK_FRAMES))
    ]
    maker = FaceChunks(source, facts, table, CHUNK_FRAMES, detect_every)
    chunks = context.make_chunks(maker, jobs, from_start=not table.seekable)
    seen = [SeenChunk.read(context.fetch(chunk.ref)) for chunk in chunks]
    least = max(1, round(parameters.min_track_s * rate))
    return put_together(seen, least)


def put_together(chunks: Sequence[SeenChunk], least_frames: int) -> Seen:
    """What a video's chunks saw, in order, as one; shorter tracks are dropped."""
    tracks = join(chunk.tracks for chunk in chunks)
    return Seen(
        np.concatenate([chunk.ticks for chunk in chunks]).tolist(),
        np.concatenate([chunk.cuts for chunk in chunks]).tolist(),
        [track for track in tracks if len(track.points) >= least_frames],
    )


def _mouth(track: RawTrack, packed: NDArray[np.int16], quantum_px: float) -> active_speaker.Mouth:
    points = packed.astype(np.float32) * np.float32(quantum_px)
    return active_speaker.Mouth(
        track.first_frame, mouth.opening(points), float(mouth.eye_distance(points).mean())
    )


def _who_speaks(
    context: StageContext,
    seen: Seen,
    mouths: Sequence[active_speaker.Mouth],
    facts: MediaFacts,
    rate: float,
) -> list[list[tuple[int, int]]]:
    """Spans in which each track speaks, in the tracks' order."""
    if not mouths:
        return []
    ticks = np.array(seen.ticks, np.int64)
    end_tick = max(facts.duration_ticks, seen.ticks[-1] + 1)
    sound = context.input("mono_16k")
    loudness = hearing.at_frames(hearing.envelope(sound), ticks, end_tick)
    speech = hearing.speech_at_frames(detect_speech(sound), ticks, end_tick)
    spans: dict[int, list[tuple[int, int]]] = {}
    for first, end in seen.shots:
        inside = [n for n, m in enumerate(mouths) if first <= m.first_frame < end]
        found = active_speaker.speaking_spans(
            [mouths[n] for n in inside], (first, end), loudness, speech, rate
        )
        spans.update(zip(inside, found, strict=True))
    return [spans[number] for number in range(len(mouths))]


def _appearance(track: RawTrack, shots: Sequence[tuple[int, int]]) -> Appearance:
    points = track.points
    shot = next(n for n, (first, end) in enumerate(shots) if first <= track.first_frame < end)
    return Appearance(
        track.first_frame,
        track.end_frame,
        shot,
        _box(points[0]),
        _box(points[-1]),
        track.looks / track.samples,
    )


def _box(points: NDArray[np.int16]) -> tuple[float, float, float]:
    """Centre and width of a face, in quanta."""
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    x, y = (low + high) / 2
    return float(x), float(y), float(high[0] - low[0])


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted spans with those that touch or overlap made one."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _report(context: StageContext, faces: Faces, people: Sequence[int]) -> None:
    followed = sum(track.end_frame - track.first_frame for track in faces.tracks)
    spoken = sum(end - first for track in faces.tracks for first, end in track.speaking)
    context.measure("shots", len(faces.shots))
    context.measure("face_tracks", len(faces.tracks))
    context.measure("people", len(set(people)))
    context.measure("face_frames", followed)
    context.measure("speaking_frames", spoken)
    context.count(n_scored=faces.frames)
    if not faces.tracks:
        context.warn("no face was found: every line counts as off-screen, lips stay as they are")
