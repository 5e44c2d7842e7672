"""Plans of the hybrid engine, in numbers; and the engine that does nothing."""

import numpy as np
import pytest

from model_images.common import mouth
from model_images.lipsync.engines import hybrid, none
from model_images.lipsync.protocol import Range, Scene
from model_images.lipsync.targets import Targets
from tests.unit.model_images.lipsync import faces

COUNT = 60
ENGINE = hybrid.load()


def scene(gaps, opening, *, closure=None, weight=None, chunks=None):
    """A face whose lips stand `gaps` pixels apart, and the wanted opening 0..1 of each frame."""
    count = len(gaps)
    return Scene(
        face="face_1",
        frames=np.arange(100, 100 + count),
        chunks=np.zeros(count, int) if chunks is None else np.asarray(chunks),
        points=np.stack([faces.points(gap) for gap in gaps]),
        wanted=Targets(
            np.asarray(opening, float),
            np.full(count, 0.5),
            np.zeros(count) if closure is None else np.asarray(closure, float),
        ),
        weight=np.ones(count) if weight is None else np.asarray(weight, float),
    )


def usual(of):
    return Range.of(mouth.opening(of.points), mouth.width(of.points))


def plan(of, known=None):
    return ENGINE.plan(of, known or usual(of))


TALK = 10 + 8 * np.sin(np.arange(COUNT) / 2.5)


def test_every_frame_gets_the_opening_it_should_show():
    wanted = 0.5 + 0.5 * np.cos(np.arange(COUNT) / 4)
    edits = plan(scene(TALK, wanted))
    assert [edit.frame for edit in edits] == list(range(100, 160))
    shown = np.array([edit.opening for edit in edits])
    assert np.corrcoef(shown, wanted)[0, 1] > 0.99
    assert shown.max() == pytest.approx(np.percentile(TALK, 95) / 100, abs=0.01)
    assert {edit.method for edit in edits} == {"rewrite"}


def test_donors_show_nearly_what_is_wanted():
    edits = plan(scene(TALK, 0.5 + 0.5 * np.cos(np.arange(COUNT) / 4)))
    lent = np.array([mouth.opening(edit.donor_points[None])[0] for edit in edits])
    assert np.abs(lent - [edit.opening for edit in edits]).max() < 0.03
    for edit in edits:
        own = faces.points(TALK[edit.donor - 100])
        assert np.array_equal(edit.donor_points, own)


def test_lips_that_must_touch_have_no_opening():
    closure = np.zeros(COUNT)
    closure[30] = 1
    edits = plan(scene(TALK, np.full(COUNT, 0.8), closure=closure))
    assert edits[30].opening == 0
    assert edits[29].opening > 0.08


def test_frames_without_weight_are_not_in_the_plan():
    weight = np.zeros(COUNT)
    weight[20:30] = 1
    edits = plan(scene(TALK, np.full(COUNT, 0.5), weight=weight))
    assert [edit.frame for edit in edits] == list(range(120, 130))
    assert plan(scene(TALK, np.full(COUNT, 0.5), weight=np.zeros(COUNT))) == []


def test_a_change_begins_from_the_faces_own_mouth():
    weight = np.r_[np.linspace(0.05, 1, 10), np.ones(COUNT - 10)]
    edits = plan(scene(TALK, np.full(COUNT, 0.9), weight=weight))
    assert edits[0].opening == pytest.approx(TALK[0] / 100, abs=0.01)
    assert edits[0].weight == pytest.approx(0.05)


def test_a_face_that_hardly_moves_is_warped_and_borrows_nothing():
    still = 4 + 0.2 * np.sin(np.arange(COUNT))
    edits = plan(scene(still, np.r_[np.zeros(30), np.ones(30)]))
    assert {edit.method for edit in edits} == {"warp"}
    assert all(edit.donor == edit.frame for edit in edits)
    assert edits[-1].opening - edits[0].opening > 0.1


def test_a_still_chunk_of_a_lively_shot_is_warped_as_wide_as_the_person_opens_elsewhere():
    gaps = np.r_[TALK, np.full(COUNT, 3.0)]
    edits = plan(scene(gaps, np.ones(2 * COUNT), chunks=np.repeat([0, 1], COUNT)))
    assert [edit.method for edit in edits] == ["rewrite"] * COUNT + ["warp"] * COUNT
    assert all(edit.donor < 160 for edit in edits[:COUNT])
    assert edits[-1].donor == edits[-1].frame
    assert edits[-1].opening == pytest.approx(edits[0].opening, abs=0.02)


def test_a_quiet_shot_opens_as_wide_as_the_person_does_elsewhere():
    quiet = 6 + 2 * np.sin(np.arange(COUNT) / 2.5)
    lively = usual(scene(TALK, np.zeros(COUNT)))
    alone = plan(scene(quiet, np.ones(COUNT)))
    informed = plan(scene(quiet, np.ones(COUNT)), lively)
    assert informed[30].opening > alone[30].opening + 0.03


def test_lips_are_never_torn_further_than_a_warp_may():
    quiet = 6 + 2 * np.sin(np.arange(COUNT) / 2.5)
    huge = Range(shut=0.02, open=0.5, narrow=0.4, wide=0.6, spread=0.1)
    edits = plan(scene(quiet, np.ones(COUNT)), huge)
    assert max(edit.opening for edit in edits) <= 0.081 + hybrid.MAX_WARP


def test_a_head_in_profile_is_left_alone():
    turned = scene(TALK, np.full(COUNT, 0.5))
    turned.points[:, faces.rows((4,))[0], 0] += 60
    assert plan(turned) == []


def test_the_engine_none_plans_nothing():
    assert none.load().plan(scene(TALK, np.ones(COUNT)), usual(scene(TALK, np.ones(COUNT)))) == ()
