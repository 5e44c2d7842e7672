"""What holds for every plan, and what the planner refuses."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from airdub.errors import EngineFailed, InvalidInput
from airdub.timing import DEFAULT_LIMITS, FitPlan, Placement, plan_fit, scene_cuts
from airdub.transcript import Segment, Take, Word
from airdub.units import CLOCK_HZ
from tests.unit.airdub.timing.cases import segment, take, ticks

DURATION_MS = 30_000
Title = tuple[list[Segment], list[Take], list[tuple[int, int]] | None, list[int]]


@st.composite
def titles(draw: st.DrawFn) -> Title:
    """Titles of overlapping voices, kept sounds, odd takes, scenes and faces."""
    onset = st.integers(0, DURATION_MS - 1)
    rows = draw(
        st.lists(
            st.tuples(
                onset,
                st.integers(1, 6000),
                st.sampled_from(["ana", "ben", "eva"]),
                st.sampled_from(["dub", "dub", "dub", "keep", "subtitle"]),
                st.integers(1, 7000),
                st.integers(40, 200),
            ),
            max_size=10,
        )
    )
    segments = [
        segment(number, speaker, start, start + length, action)
        for number, (start, length, speaker, action, _, _) in enumerate(rows, 1)
    ]
    takes = [
        take(number, natural, max(1, natural * percent // 100))
        for number, (_, _, _, action, natural, percent) in enumerate(rows, 1)
        if action == "dub"
    ]
    on_screen = draw(st.none() | st.just([]) | st.just([(0, ticks(15_000))]))
    scenes = draw(st.lists(onset, max_size=3, unique=True).map(sorted))
    return segments, takes, on_screen, [ticks(scene) for scene in scenes]


def plan_title(title: Title) -> FitPlan:
    segments, takes, on_screen, scenes = title
    shortest: dict[str, int] = {}
    speakers = {s.id: s.speaker for s in segments}
    for spoken in takes:
        speaker = speakers[spoken.segment_id]
        length = -(-spoken.natural_length * 100 // 135)
        shortest[speaker] = shortest.get(speaker, 0) + length
    assume(all(length <= ticks(DURATION_MS) for length in shortest.values()))
    return plan_fit(
        segments, takes, duration=ticks(DURATION_MS), on_screen=on_screen, scenes=scenes
    )


def allowed_lead(first: Placement, then: Placement) -> int | None:
    """How long `then` may overlap `first`'s end, as in the source; None: as it likes."""
    if first.speaker == then.speaker:
        return 0
    if then.source_end <= first.source_end:
        return None
    return max(0, first.source_end - then.source_start)


@settings(deadline=None)  # the machine may be busy
@given(titles())
def test_a_speaker_never_overlaps_himself_and_no_speech_is_cut(title: Title) -> None:
    plan = plan_title(title)
    lengths = {spoken.segment_id: spoken.length for spoken in title[1]}
    assert sorted(lengths) == sorted(p.segment_id for p in plan.placements)
    for placement in plan.placements:
        assert placement.start >= 0
        assert placement.end <= plan.duration
        assert placement.take_length == lengths[placement.segment_id]
    for a, b in combinations(plan.placements, 2):
        if a.speaker == b.speaker:
            assert a.end <= b.start


@settings(deadline=None)  # the machine may be busy
@given(titles())
def test_the_rate_keeps_the_hard_cap_and_is_never_slower_than_preferred(title: Title) -> None:
    for placement in plan_title(title).placements:
        assert placement.rate <= DEFAULT_LIMITS.cap
        slowest = placement.natural_length / DEFAULT_LIMITS.slowest
        assert placement.stretched_length <= max(slowest, 1)


@settings(deadline=None)  # the machine may be busy
@given(titles(), st.data())
def test_what_must_not_be_stretched_keeps_its_length(title: Title, data: st.DataObject) -> None:
    segments, takes, on_screen, scenes = title
    names = [spoken.segment_id for spoken in takes]
    fixed = data.draw(st.sets(st.sampled_from(names)) if names else st.just(set()))
    with contextlib.suppress(InvalidInput):  # a title can be too full for that
        plan = plan_fit(
            segments,
            takes,
            duration=ticks(DURATION_MS),
            on_screen=on_screen,
            scenes=scenes,
            unstretched=fixed,
        )
        for placement in plan.placements:
            if placement.segment_id in fixed:
                assert placement.stretch == 1
            assert placement.start >= 0
            assert placement.end <= plan.duration
        for a, b in combinations(plan.placements, 2):
            assert a.speaker != b.speaker or a.end <= b.start


@settings(deadline=None)  # the machine may be busy
@given(titles())
def test_different_speakers_overlap_no_more_than_in_the_source(title: Title) -> None:
    for a, b in combinations(plan_title(title).placements, 2):
        lead = allowed_lead(a, b)
        if lead is not None:
            assert a.end - lead - b.start <= b.collision


@settings(deadline=None)  # the machine may be busy
@given(titles())
def test_a_line_is_late_only_behind_another_and_early_only_for_a_reason(title: Title) -> None:
    """No drift: every shift is explained by a neighbour, never by a sum of errors."""
    plan = plan_title(title)
    for index, placement in enumerate(plan.placements):
        if placement.shift > 0:
            waited_for = []
            for other in plan.placements[:index]:
                lead = allowed_lead(other, placement)
                if lead is not None:
                    waited_for.append(other.end - lead)
            assert placement.start <= max(waited_for)
        elif placement.shift < 0 and not placement.overflow:
            assert not placement.on_screen
            assert -placement.shift <= DEFAULT_LIMITS.early


@settings(deadline=None)  # the machine may be busy
@given(titles())
def test_plans_are_deterministic_and_the_order_of_rows_does_not_matter(title: Title) -> None:
    segments, takes, on_screen, scenes = title
    plan = plan_title(title)
    again = plan_title((segments[::-1], takes[::-1], on_screen, scenes))
    assert plan.placements == again.placements
    assert plan.shorten == again.shorten
    assert FitPlan.model_validate_json(plan.to_json()) == plan


@settings(deadline=None)  # the machine may be busy
@given(titles())
def test_kept_voice_never_meets_its_own_speaker_or_a_replaced_line(title: Title) -> None:
    plan = plan_title(title)
    speakers = {s.id: s.speaker for s in title[0]}
    for kept in plan.kept:
        for placement in plan.placements:
            apart = placement.end <= kept.start or kept.end <= placement.start
            assert apart or placement.speaker != speakers[kept.segment_id]
            assert placement.source_end <= kept.start or kept.end <= placement.source_start


@settings(deadline=None)  # the machine may be busy
@given(titles())
def test_what_is_faster_than_preferred_ends_where_something_else_begins(title: Title) -> None:
    """Above 1.2 a line uses its room to the last tick, unless the title's end presses."""
    plan = plan_title(title)
    kept = {s.start for s in title[0] if s.action != "dub"}
    for index, placement in enumerate(plan.placements):
        later = plan.placements[index + 1 :]
        fastest = -(-placement.natural_length * 100 // 120)
        pressed = any(p.overflow for p in (placement, *later))
        if placement.stretched_length >= fastest or pressed:
            continue
        ends = {plan.duration, *title[3], *kept}
        for other in later:
            onset = other.source_start + (allowed_lead(placement, other) or 0)
            ends |= {onset, onset + DEFAULT_LIMITS.late}
        assert placement.end in ends


def test_no_room_even_at_the_cap_is_refused_with_the_share_that_would_fit() -> None:
    with pytest.raises(InvalidInput, match=r"s0001.*shorten them to 66 %") as caught:
        plan_fit([segment(1, "ana", 0, 2000)], [take(1, 4050)], duration=ticks(2000))
    assert caught.value.exit_code == 65


def test_a_line_after_the_end_is_refused() -> None:
    with pytest.raises(InvalidInput, match="segment s0001, start"):
        plan_fit([segment(1, "ana", 3000, 4000)], [take(1, 500)], duration=ticks(2000))


def test_strange_takes_are_bugs() -> None:
    line = segment(1, "ana", 0, 1000)
    for takes in ([take(2, 500)], [take(1, 500), take(1, 500)]):
        with pytest.raises(EngineFailed, match="no segment"):
            plan_fit([line], takes, duration=ticks(2000))
    empty = take(1, 500).model_copy(update={"length": 0})
    with pytest.raises(EngineFailed, match="empty"):
        plan_fit([line], [empty], duration=ticks(2000))


def test_a_title_without_lines_has_an_empty_plan() -> None:
    assert plan_fit([], [], duration=ticks(2000)) == FitPlan(duration=ticks(2000))


def test_phonemes_follow_the_stretch_exactly() -> None:
    spoken = take(1, 1200, None, (("a", 0, 600), ("b", 600, 1200)))
    lines = [segment(1, "ana", 500, 1500), segment(2, "ana", 1500, 2500)]
    placement = plan_fit(lines, [spoken, take(2, 1000)], duration=ticks(5000)).placements[0]
    assert placement.rate == Fraction(6, 5)
    assert [(p.start, p.end) for p in placement.phonemes] == [
        (ticks(500), ticks(1000)),
        (ticks(1000), ticks(1500)),
    ]


def test_pauses_are_read_from_words_when_no_speech_is_given() -> None:
    words = tuple(
        Word(text=text, start=ticks(start), end=ticks(end))
        for text, start, end in (("one", 0, 1000), ("two", 2000, 3000))
    )
    line = segment(1, "ana", 0, 4000).model_copy(update={"words": words})
    spoken = take(1, 1600, None, (("a", 0, 700), ("_", 700, 800), ("b", 800, 1600)))
    placement = plan_fit([line], [spoken], duration=ticks(5000)).placements[0]
    assert placement.phonemes[2].start == ticks(2000)
    assert placement.pauses[0].at == ticks(750)


def test_a_cut_in_a_conversation_is_no_change_of_scene() -> None:
    lines = [
        segment(1, "ana", 0, 1000),
        segment(2, "ben", 1800, 2800),
        segment(3, "ana", 6000, 7000),
    ]
    cuts = [0, ticks(500), ticks(1400), ticks(2000), ticks(4000), ticks(6500)]
    assert scene_cuts(cuts, lines) == (ticks(4000),)


def test_an_hour_of_dense_speech_does_not_drift() -> None:
    """Every line 10 % too long for its slot: each still starts on its own onset."""
    lines = [segment(n, "ana", 3000 * n, 3000 * n + 2900) for n in range(1200)]
    takes = [take(n, 3190) for n in range(1200)]
    plan = plan_fit(lines, takes, duration=3602 * CLOCK_HZ)
    assert all(placement.shift == 0 for placement in plan.placements)
    assert not plan.shorten
