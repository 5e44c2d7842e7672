"""What can't be measured says what it would take."""

from __future__ import annotations

from pathlib import Path

from model_images.evaluate.metrics import language_match, mos
from model_images.evaluate.protocol import Absent
from tests.unit.model_images.evaluate.titles import Said, Title


def test_a_reason_names_what_would_measure_it(tmp_path: Path) -> None:
    evidence = Title((Said(0.5),), duration_s=2).evidence(tmp_path)
    for metric, needed in ((mos, "UTMOS"), (language_match, "VoxLingua107")):
        title = metric.measure(evidence).title
        assert isinstance(title, Absent)
        assert needed in title.reason
