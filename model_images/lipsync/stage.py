"""Lips that follow the dub; the source's own pixels wherever no tracked speaker is on screen.

Faces of speakers who didn't agree keep theirs too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import cv2
from pydantic import Field

from airdub.consents import USED_SPEAKERS
from airdub.errors import InvalidInput, PolicyRefused
from airdub.faces import Faces
from airdub.lips import ChangedFace, Lips
from airdub.media import MediaFacts
from airdub.model import Document
from airdub.timing import FitPlan
from model_images.common.landmarks import Landmarks
from model_images.common.pictures import read_pictures
from model_images.lipsync.casting import Role, cast_roles
from model_images.lipsync.encode import VideoWriter
from model_images.lipsync.protocol import Edit, LipEngine
from model_images.lipsync.scenes import Film, scene_of
from model_images.lipsync.shapes import table_for

if TYPE_CHECKING:
    from model_images.runner.context import StageContext

THREADS = 2

_NOBODY_AGREED = "there is no consent to alter the face that speaks"


class Parameters(Document):
    """Parameters of the stage.

    Attributes:
        target_language: BCP-47; chooses the table of mouth shapes.
        without_consent: `refuse` makes no picture at all where a visible speaker didn't agree.
        consented: the speakers whose face may be altered: the consent's id by speaker.
    """

    target_language: str
    consented: dict[str, str] = Field(default_factory=dict)
    without_consent: Literal["stock", "refuse"] = "stock"


@dataclass
class Done:
    """Frames that were changed, by person and method; or the reason why none was."""

    reason: str = ""
    frames: list[int] = field(default_factory=list)
    methods: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def note(self, frame: int, edits: Sequence[Edit]) -> None:
        """Count the edits of a frame."""
        if edits:
            self.frames.append(frame)
        for edit in edits:
            self.methods[edit.face][edit.method] += 1


def run(context: StageContext) -> None:
    """Write `lips`, and `video` when at least one lip was changed."""
    cv2.setNumThreads(THREADS)
    parameters = Parameters.model_validate(context.parameters)
    facts = context.document("facts", MediaFacts)
    plan = context.document("placements", FitPlan)
    landmarks = Landmarks(context.input("landmarks"))
    film = Film(
        faces=context.document("faces", Faces),
        landmarks=landmarks,
        table=table_for(parameters.target_language),
        end_tick=max(facts.duration_ticks, int(landmarks.ticks[-1]) + 1),
    )
    seen = cast_roles(plan, film.faces, landmarks.ticks.tolist())
    roles = cast_roles(plan, film.faces, landmarks.ticks.tolist(), parameters.consented)
    reason = unsuitable(context.request.engine.name, facts, film.faces, plan, seen)
    on_screen, altered = (sum(len(role.lines) for role in one) for one in (seen, roles))
    strangers = 0 if reason else on_screen - altered
    _refuse(strangers, parameters)
    done = Done(reason=reason or ("" if roles else _NOBODY_AGREED))
    video = context.scratch / "video.mp4"
    if not done.reason:
        done = _render(context, video, facts, film, roles)
    if done.frames:
        video.replace(context.output("video", ".mp4"))
    lips = Lips(
        engine=context.request.engine.name,
        frames=film.faces.frames,
        changed=_spans(done.frames),
        faces=tuple(changed_faces(roles, done)),
        reason=done.reason,
        off_screen=len(plan.placements) - on_screen,
        without_consent=strangers,
    )
    context.write_document("lips", lips)
    _report(context, lips)


def _refuse(lines: int, parameters: Parameters) -> None:
    """Raises PolicyRefused for lines of people who didn't agree, where that is the policy."""
    if lines and parameters.without_consent == "refuse":
        raise PolicyRefused(
            f"{lines} lines: {_NOBODY_AGREED}",
            where="lipsync",
            remedy="`airdub cast` and `airdub consent grant`, or a profile with untouched faces",
        )


def unsuitable(
    engine: str, facts: MediaFacts, faces: Faces, plan: FitPlan, roles: Sequence[Role]
) -> str:
    """Why this video's lips stay as they are; empty when they can be changed."""
    video = facts.video
    kind = "HDR" if video.hdr else f"{video.bit_depth}-bit"
    timed = any(placement.phonemes for placement in plan.placements)
    reasons = (
        (engine == "none", "lip-sync is off: the profile chose the engine none"),
        (
            video.hdr or video.bit_depth > 8,
            f"the picture is {kind}: it is kept as it is, re-encoding in 8 bit would harm it",
        ),
        (not plan.placements, "no line is dubbed"),
        (not timed, "the engine that spoke the lines gives no phoneme times"),
        (not faces.tracks, "no face was found"),
        (not roles, "no visible face speaks a dubbed line"),
    )
    return next((reason for applies, reason in reasons if applies), "")


def _render(
    context: StageContext, video: Path, facts: MediaFacts, film: Film, roles: Sequence[Role]
) -> Done:
    """Encode the changed video piece by piece and tell what was changed."""
    engine: LipEngine = context.load_engine().load()
    source, done = context.input("source"), Done()
    pictures = read_pictures(source, facts.video, threads=THREADS)
    ahead = read_pictures(source, facts.video, threads=THREADS)
    with VideoWriter(video, facts.video, end_tick=film.end_tick, threads=THREADS) as writer:
        for first, end in film.pieces():
            edits = plan_piece(engine, film, roles, (first, end))
            stretch, donors = islice(pictures, end - first), islice(ahead, end - first)
            shown = first
            for picture, planes in engine.render(stretch, donors, edits, context.scratch):
                if picture.interlaced:
                    return Done(reason="the picture is interlaced: it is kept as it is")
                writer.write(picture, planes)
                done.note(picture.index, edits.get(picture.index, ()))
                context.progress(picture.index + 1, film.faces.frames, "frames")
                shown += 1
            _check_length(source, shown, end)
    done.reason = "" if done.frames else "no speaking face is seen well enough"
    return done


def plan_piece(
    engine: LipEngine, film: Film, roles: Sequence[Role], piece: tuple[int, int]
) -> dict[int, list[Edit]]:
    """Edits of a piece of the video, by frame."""
    edits: dict[int, list[Edit]] = defaultdict(list)
    for role in roles:
        scene = scene_of(film, role, piece)
        for edit in engine.plan(scene, film.usual[role.identity]) if scene else ():
            edits[edit.frame].append(edit)
    return dict(edits)


def changed_faces(roles: Sequence[Role], done: Done) -> Iterator[ChangedFace]:
    """Every person whose mouth was changed."""
    for role in roles:
        if role.identity in done.methods:
            methods = done.methods[role.identity]
            yield ChangedFace(
                identity=role.identity,
                speakers=role.speakers,
                rewritten=methods["rewrite"],
                warped=methods["warp"],
            )


def _spans(frames: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Rising numbers as half-open spans."""
    spans: list[tuple[int, int]] = []
    for frame in frames:
        if spans and spans[-1][1] == frame:
            spans[-1] = (spans[-1][0], frame + 1)
        else:
            spans.append((frame, frame + 1))
    return tuple(spans)


def _check_length(source: Path, shown: int, expected: int) -> None:
    if shown != expected:
        raise InvalidInput(
            f"the video ends after {shown} frames, its faces were tracked to {expected}",
            where=source.name,
            remedy="clear the task track_faces",
        )


def _report(context: StageContext, lips: Lips) -> None:
    changed = sum(end - first for first, end in lips.changed)
    context.measure("changed_frames", changed)
    context.measure("rewritten_frames", sum(face.rewritten for face in lips.faces))
    context.measure("warped_frames", sum(face.warped for face in lips.faces))
    context.measure("off_screen_lines", lips.off_screen)
    context.measure("lines_without_consent", lips.without_consent)
    context.measure(USED_SPEAKERS, sorted({name for face in lips.faces for name in face.speakers}))
    context.count(n_scored=changed, n_skipped=lips.frames - changed)
    if lips.reason:
        context.warn(f"lips stay as they are: {lips.reason}")
    elif lips.without_consent:
        context.warn(f"{lips.without_consent} lines keep the source's face: {_NOBODY_AGREED}")
