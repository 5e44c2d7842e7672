"""What is to be changed in every chunk: numbers alone, made for the whole video in one place."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from airdub.model import canonical_json
from model_images.lipsync.casting import Role
from model_images.lipsync.protocol import Edit, LipEngine
from model_images.lipsync.scenes import Film, scene_of

Plan = Mapping[int, Sequence[Edit]]
"""Edits by number of the chunk; chunks without any are left out."""


def plan_edits(engine: LipEngine, film: Film, roles: Sequence[Role]) -> Plan:
    """The edits of all roles, shot by shot."""
    edits: dict[int, list[Edit]] = defaultdict(list)
    for shot in film.shots:
        for role in roles:
            scene = scene_of(film, role, shot)
            planned = engine.plan(scene, film.usual[role.identity]) if scene else ()
            chunks = film.chunks_of(np.array([edit.frame for edit in planned], np.int64))
            for chunk, edit in zip(chunks.tolist(), planned, strict=True):
                edits[chunk].append(edit)
    return dict(edits)


def by_frame(edits: Iterable[Edit]) -> dict[int, list[Edit]]:
    """Edits by the frame that they change."""
    frames: dict[int, list[Edit]] = defaultdict(list)
    for edit in edits:
        frames[edit.frame].append(edit)
    return dict(frames)


def lenders(edits: Iterable[Edit]) -> tuple[int, int]:
    """The span of the frames that lend to others; (0, 0) where none does."""
    frames = [edit.donor for edit in edits if edit.donor != edit.frame]
    return (min(frames), max(frames) + 1) if frames else (0, 0)


def digest(edits: Iterable[Edit]) -> str:
    """A name for edits: equal for equal ones, on every machine."""
    found = hashlib.sha256()
    for edit in edits:
        numbers = (edit.frame, edit.face, edit.donor, edit.opening, edit.weight, edit.method)
        found.update(canonical_json(numbers))
        for points in (edit.points, edit.donor_points):
            found.update(points.astype("<f4").tobytes())
        if edit.heard is not None:
            found.update(edit.heard.astype("<i2").tobytes())
    return found.hexdigest()
