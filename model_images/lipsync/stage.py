"""Lips that follow the dub; the source's own pixels wherever no tracked speaker is on screen.

Faces of speakers who didn't agree keep theirs too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from airdub.consents import USED_SPEAKERS
from airdub.errors import InvalidInput, PolicyRefused
from airdub.faces import Faces
from airdub.lips import ChangedFace, Lips
from airdub.media import MediaFacts
from airdub.model import Document
from airdub.timing import FitPlan
from model_images.common.frames import FrameReader, frame_table
from model_images.common.landmarks import Landmarks
from model_images.lipsync.casting import Role, cast_roles
from model_images.lipsync.chunks import LipChunks, jobs_of
from model_images.lipsync.encode import ColourTags, edges_of, scale_of
from model_images.lipsync.planning import Plan, plan_edits
from model_images.lipsync.protocol import Edit
from model_images.lipsync.scenes import Film
from model_images.lipsync.shapes import table_for
from model_images.lipsync.stitch import Part, stitch
from model_images.runner.chunks import loaded

if TYPE_CHECKING:
    from model_images.runner.context import StageContext

_NOBODY_AGREED = "there is no consent to alter the face that speaks"
_INTERLACED = "the picture is interlaced: it is kept as it is"


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


def run(context: StageContext) -> None:
    """Write `lips`, and `video` when at least one lip was changed."""
    with Landmarks(context.input("landmarks")) as landmarks:
        lips = _sync(context, landmarks)
    context.write_document("lips", lips)
    _report(context, lips)


def _sync(context: StageContext, landmarks: Landmarks) -> Lips:
    """Change what is to be changed."""
    parameters = Parameters.model_validate(context.parameters)
    facts = context.document("facts", MediaFacts)
    dub = context.document("placements", FitPlan)
    film = Film(
        faces=context.document("faces", Faces),
        landmarks=landmarks,
        table=table_for(parameters.target_language),
        end_tick=max(facts.duration_ticks, int(landmarks.ticks[-1]) + 1),
        sound=context.input("dialogue_stem") if context.has_input("dialogue_stem") else None,
    )
    seen = cast_roles(dub, film.faces, landmarks.ticks.tolist())
    roles = cast_roles(dub, film.faces, landmarks.ticks.tolist(), parameters.consented)
    reason = unsuitable(context.request.engine.name, facts, film.faces, dub, seen)
    on_screen, altered = (sum(len(role.lines) for role in one) for one in (seen, roles))
    strangers = 0 if reason else on_screen - altered
    _refuse(strangers, parameters)
    reason = reason or ("" if roles else _NOBODY_AGREED)
    plan: Plan = {} if reason else plan_edits(loaded(context.load_engine()), film, roles)
    if plan:
        reason = _render(context, facts, film, plan, _consents(roles, parameters))
    edits = [] if reason else [edit for part in plan.values() for edit in part]
    return Lips(
        engine=context.request.engine.name,
        frames=film.faces.frames,
        changed=_spans(sorted({edit.frame for edit in edits})),
        faces=tuple(changed_faces(roles, edits)),
        reason=reason or ("" if edits else "no speaking face is seen well enough"),
        off_screen=len(dub.placements) - on_screen,
        without_consent=strangers,
    )


def _consents(roles: Sequence[Role], parameters: Parameters) -> dict[str, tuple[str, ...]]:
    """Ids of the consents under which each person's face is altered."""
    given = parameters.consented
    return {role.identity: tuple(given[speaker] for speaker in role.speakers) for role in roles}


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
    context: StageContext,
    facts: MediaFacts,
    film: Film,
    plan: Plan,
    consents: Mapping[str, tuple[str, ...]],
) -> str:
    """Write the video with these edits; or tell why it is kept as it is."""
    path, source = context.input("source"), context.request.inputs["source"]
    table = frame_table(path, facts.video)
    _check_length(path, len(table), film.faces.frames)
    with FrameReader(path, facts.video, table) as reader:
        first = next(reader.read(0, 1))
        if first.interlaced:  # so are all others, as a rule: no chunk need be made to know it
            return _INTERLACED
        tags = ColourTags.of(first)
    jobs = jobs_of(film.chunks, plan, source, facts.video, consents)
    maker = LipChunks(source, facts.video, table, tags)
    chunks = context.make_chunks(maker, jobs, from_start=not table.seekable)
    context.measure("rendered_chunks", sum(chunk.made for chunk in chunks))
    if any(chunk.data["interlaced"] for chunk in chunks):
        return _INTERLACED
    stitch(
        (Part(context.fetch(c.ref), job.span) for c, job in zip(chunks, jobs, strict=True)),
        context.output("video", ".mp4"),
        edges_of(table.pts, facts.video, film.end_tick),
        scale=scale_of(facts.video),
        delay=max(int(str(chunk.data["delay"])) for chunk in chunks),
    )
    return ""


def changed_faces(roles: Sequence[Role], edits: Iterable[Edit]) -> Iterator[ChangedFace]:
    """Every person whose mouth was changed."""
    methods: dict[str, Counter[str]] = defaultdict(Counter)
    for edit in edits:
        methods[edit.face][edit.method] += 1
    for role in roles:
        if role.identity in methods:
            yield ChangedFace(
                identity=role.identity,
                speakers=role.speakers,
                rewritten=methods[role.identity]["rewrite"],
                warped=methods[role.identity]["warp"],
                drawn=methods[role.identity]["draw"],
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
    context.measure("drawn_frames", sum(face.drawn for face in lips.faces))
    context.measure("off_screen_lines", lips.off_screen)
    context.measure("lines_without_consent", lips.without_consent)
    context.measure(USED_SPEAKERS, sorted({name for face in lips.faces for name in face.speakers}))
    context.count(n_scored=changed, n_skipped=lips.frames - changed)
    if lips.reason:
        context.warn(f"lips stay as they are: {lips.reason}")
    elif lips.without_consent:
        context.warn(f"{lips.without_consent} lines keep the source's face: {_NOBODY_AGREED}")
