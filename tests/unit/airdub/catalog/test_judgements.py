"""What a run was judged is recorded with its consequence, at once or not at all."""

from __future__ import annotations

import pytest

from airdub.catalog import Catalog, open_catalog
from airdub.errors import Conflict, EngineFailed, InvalidInput
from airdub.gates import Consequence
from airdub.judgements import sound_rows, urgency
from airdub.metrics import IDENTICAL, NOT_APPLICABLE, TITLE
from tests.unit.airdub.catalog.judged import TITLE_ID, judgement
from tests.unit.airdub.gates.tables import (
    GATED_LINES,
    GATED_PICTURE,
    PRINT,
    SEGMENTS,
    changed,
    row,
)


def consequences(catalog: Catalog, run_id: str) -> dict[str, str]:
    """States of all that follows from a run, by kind."""
    rows = {
        "publish": catalog.publication(run_id),
        "repair": catalog.repair(run_id),
        "review": catalog.review(run_id),
        "quarantine": catalog.quarantine(run_id),
    }
    return {kind: row.state for kind, row in rows.items() if row}


@pytest.mark.parametrize("consequence", Consequence)
def test_a_judgement_comes_back_as_it_was(catalog: Catalog, consequence: Consequence) -> None:
    made = judgement("run", consequence)
    catalog.record_judgement(made)
    assert catalog.judgement("run") == made
    assert catalog.judgement("another") is None


@pytest.mark.parametrize(
    ("consequence", "state"),
    [("publish", "pending"), ("repair", "queued"), ("review", "open"), ("quarantine", "held")],
)
def test_each_verdict_has_its_one_consequence(
    catalog: Catalog, consequence: str, state: str
) -> None:
    catalog.record_judgement(judgement("run", consequence))
    assert consequences(catalog, "run") == {consequence: state}


def test_every_row_of_the_table_is_kept_and_reads_back(catalog: Catalog) -> None:
    table = changed(GATED_PICTURE, value=IDENTICAL)
    table += [row("numbers_kept", NOT_APPLICABLE, segment) for segment in SEGMENTS]
    table = [one for one in table if (one["metric"], one["scope"]) != ("numbers_kept", TITLE)]
    rows = sound_rows([*table, row("numbers_kept", NOT_APPLICABLE)], PRINT)
    made = judgement("run", "publish", evaluation=PRINT, table=rows)
    catalog.record_judgement(made)
    found = {(one.metric, one.scope): one for one in catalog.metrics(PRINT)}
    assert len(found) == len(rows)
    assert found[GATED_PICTURE, TITLE].value == IDENTICAL
    assert found["numbers_kept", TITLE].value == NOT_APPLICABLE
    assert found["numbers_kept", SEGMENTS[1]].value == NOT_APPLICABLE
    assert found[GATED_LINES, SEGMENTS[2]].value == 0.1
    assert found["chrf", TITLE].value == 60.0
    assert found["bleu", TITLE].absent == "not measured here"


def test_unsound_rows_are_left_to_the_reasons() -> None:
    table = changed(GATED_PICTURE, value=float("nan"))
    kept = sound_rows([*table, {"metric": "psnr"}, table[-1]], PRINT)
    assert len(kept) == len(table) - 1
    assert GATED_PICTURE not in {row.metric for row in kept}
    assert sound_rows(table, "another evaluation") == ()


def test_recording_again_changes_nothing(catalog: Catalog) -> None:
    first = judgement("run", "review")
    catalog.record_judgement(first)
    opened = catalog.review("run")
    slower = tuple(use.model_copy(update={"cached": True, "wall_s": 99.0}) for use in first.stages)
    catalog.record_judgement(first.model_copy(update={"stages": slower}))
    assert catalog.judgement("run") == first
    assert catalog.review("run") == opened


def test_a_verdict_is_never_changed(catalog: Catalog) -> None:
    first = judgement("run", "review")
    catalog.record_judgement(first)
    with pytest.raises(Conflict, match="judged before"):
        catalog.record_judgement(judgement("run", "publish"))
    assert catalog.judgement("run") == first
    assert consequences(catalog, "run") == {"review": "open"}


def test_a_newer_attempt_closes_older_reviews_and_repairs(catalog: Catalog) -> None:
    catalog.record_judgement(judgement("by-hand", "review"))
    catalog.record_judgement(judgement("run", "repair"))
    catalog.record_judgement(judgement("run.a2", "review", attempt=2, run={"parent_run_id": "run"}))
    assert consequences(catalog, "by-hand") == {"review": "superseded"}
    assert consequences(catalog, "run") == {"repair": "done"}
    assert consequences(catalog, "run.a2") == {"review": "open"}
    assert [one.run_id for one in catalog.reviews()] == ["run.a2"]
    catalog.record_judgement(judgement("anew", "repair"))
    catalog.record_judgement(judgement("anew-again", "publish"))
    assert consequences(catalog, "anew") == {"repair": "superseded"}


def test_other_titles_and_languages_stay_as_they_are(catalog: Catalog) -> None:
    catalog.record_judgement(judgement("other-title", run={"title_id": "another"}))
    french = judgement("french")
    catalog.record_judgement(
        french.model_copy(
            update={
                "run": french.run.model_copy(update={"language": "fr"}),
                "verdict": french.verdict.model_copy(update={"language": "fr"}),
            }
        )
    )
    catalog.record_judgement(judgement("run"))
    assert {one.run_id for one in catalog.reviews()} == {"other-title", "french", "run"}


def test_verdicts_come_newest_first_with_what_was_seen(catalog: Catalog) -> None:
    first = judgement("run", "repair")
    second = judgement("run.a2", "publish", attempt=2, run={"parent_run_id": "run"})
    catalog.record_judgement(first)
    catalog.record_judgement(second)
    found = catalog.verdicts(TITLE_ID, "es-419")
    assert [(one.run, one.verdict) for one in found] == [
        (second.run, second.verdict),
        (first.run, first.verdict),
    ]
    assert catalog.verdicts(TITLE_ID, "es") == []


def test_two_runs_of_the_same_work_share_their_metrics(catalog: Catalog) -> None:
    for run_id in ("one", "two"):
        catalog.record_judgement(judgement(run_id, "publish", evaluation=PRINT))
    assert len(catalog.metrics(PRINT)) == len(judgement(evaluation=PRINT).table)


def test_what_can_not_be_recorded_whole_is_not_recorded(url: str) -> None:
    with pytest.raises(EngineFailed), open_catalog(url) as catalog:
        catalog.record_judgement(judgement("run", best_run_id="a run that nobody judged"))
    with open_catalog(url) as catalog:
        assert catalog.judgement("run") is None
        assert consequences(catalog, "run") == {}
        assert catalog.metrics("evaluation of run") == []


def test_the_worst_is_reviewed_first(catalog: Catalog) -> None:
    worst = judgement("worst", run={"title_id": "another"})
    reason = worst.verdict.reasons[0].model_copy(update={"scope": TITLE})
    verdict = worst.verdict.model_copy(update={"reasons": (reason, *worst.verdict.reasons)})
    assert urgency(verdict) == 11
    catalog.record_judgement(judgement("run"))
    catalog.record_judgement(worst.model_copy(update={"verdict": verdict}))
    assert [(one.run_id, one.priority) for one in catalog.reviews()] == [("worst", 11), ("run", 1)]
    assert [one.run_id for one in catalog.reviews(most=1)] == ["worst"]


def test_states_change_only_from_the_state_that_was_read(catalog: Catalog) -> None:
    catalog.record_judgement(judgement("run", "publish"))
    catalog.set_state("publication", "run", "refused", was="pending", note="no consent")
    catalog.set_state("publication", "run", "refused", was="pending")
    with pytest.raises(Conflict, match="is refused, not pending"):
        catalog.set_state("publication", "run", "published", was="pending")
    with pytest.raises(InvalidInput, match="no publication"):
        catalog.set_state("publication", "nobody", "published", was="pending")
    publication = catalog.publication("run")
    assert publication is not None
    assert (publication.state, publication.note) == ("refused", "no consent")


def test_a_judgement_agrees_with_itself() -> None:
    made = judgement("run", "repair")
    with pytest.raises(ValueError, match="a plan belongs"):
        judgement("run", "repair", plan=None)
    with pytest.raises(ValueError, match="not the next one"):
        judgement("run", "repair", attempt=2, plan=made.plan)
    with pytest.raises(ValueError, match="another evaluation"):
        judgement("run", verdict=judgement("other").verdict)
