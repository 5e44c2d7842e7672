"""Repair plans of hand-checked cases. AIRDUB_UPDATE_GOLDEN=1 rewrites them: read the diff."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.unit.airdub.repair.cases import plan_case

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_plan(path: Path) -> None:
    case = json.loads(path.read_text())
    plan = plan_case(case)
    told = plan and plan.model_dump(mode="json", exclude_defaults=True, exclude={"history"})
    if os.environ.get("AIRDUB_UPDATE_GOLDEN"):
        case["next"] = told
        path.write_text(json.dumps(case, indent=1, ensure_ascii=False) + "\n")
    assert told == case["next"]


def test_there_are_golden_cases() -> None:
    assert len(GOLDEN) >= 12
