"""What metrics are told of people who didn't agree to be copied."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean

import pytest

from airdub.lips import Lips
from airdub.metrics import NOT_APPLICABLE, TITLE, load_metrics
from airdub.model import Document
from airdub.transcript import Takes
from model_images.evaluate.evidence import Evidence
from model_images.evaluate.protocol import Absent, Value
from model_images.evaluate.stage import measure_rows
from tests.unit.model_images.evaluate.titles import Said, Title, spoken

LINES = (
    Said(0.5, "Hello.", take=spoken("Hello.")),
    Said(2.0, "There you are.", take=spoken("There you are.")),
)


class Shy(Title):
    """A dub whose people didn't agree."""

    def documents(self, folder: Path) -> dict[str, Document]:
        made = super().documents(folder)
        takes = made["takes"]
        assert isinstance(takes, Takes)
        speakers = tuple({line.segment("s").speaker for line in LINES})
        return made | {
            "takes": takes.model_copy(update={"without_consent": speakers}),
            "lips": Lips(
                engine="hybrid", frames=self.frames, reason="no consent", without_consent=2
            ),
        }


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return Shy(LINES).evidence(tmp_path_factory.mktemp("shy"))


def test_who_keeps_a_stock_voice_is_known(evidence: Evidence) -> None:
    assert evidence.stock_speakers == {line.segment.speaker for line in evidence.lines}


def test_lines_to_which_a_metric_does_not_apply_are_no_part_of_its_value(
    evidence: Evidence,
) -> None:
    first, second = (line.id for line in evidence.lines)
    measured = evidence.of_lines({first: NOT_APPLICABLE, second: 3.0}, fmean)
    assert isinstance(measured.title, Value)
    assert (measured.title.number, measured.title.n_scored) == (3.0, 2)
    assert measured.lines[first] == Value(NOT_APPLICABLE)
    nowhere = evidence.of_lines({first: NOT_APPLICABLE, second: Absent("unseen")}, fmean)
    assert isinstance(nowhere.title, Value)
    assert nowhere.title.number == NOT_APPLICABLE
    assert evidence.of_lines({first: Absent("unseen")}, fmean).title == Absent(
        "no line could be measured"
    )


@pytest.mark.parametrize("metric", ["mouth_motion", "pitch_distance"])
def test_nobody_is_to_look_or_sound_like_a_person_who_did_not_agree(
    evidence: Evidence, metric: str
) -> None:
    rows = {row.scope: row for row in measure_rows(load_metrics()[metric], evidence, "f" * 64)}
    assert {row.value for row in rows.values()} == {NOT_APPLICABLE}
    assert (rows[TITLE].n_scored, rows[TITLE].coverage) == (2, 1.0)
