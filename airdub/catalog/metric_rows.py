"""Metric rows as the catalogue keeps them: one row per metric, its lines folded into JSON.

A film has a thousand lines and fifteen metrics of lines: rows of their own would make billions of
them in a library, and nobody asks for a line across titles.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from airdub.metrics import TITLE, Metric


def fold(table: Sequence[Metric]) -> list[dict[str, Any]]:
    """Rows of the table `metric`: the title's (or else the first) with the others in `lines`."""
    grouped: dict[str, list[Metric]] = {}
    for metric in table:
        grouped.setdefault(metric.metric, []).append(metric)
    folded = []
    for position, rows in enumerate(grouped.values()):
        ordered = sorted(rows, key=lambda row: row.scope != TITLE)  # stable: lines keep their order
        head = ordered[0].model_dump(mode="json")
        lines = [_difference(head, line.model_dump(mode="json")) for line in ordered[1:]]
        word = head["value"] if isinstance(head["value"], str) else ""
        folded.append(
            {
                **head,
                "position": position,
                "value": None if word else head["value"],
                "word": word,
                "lines": json.dumps(lines, ensure_ascii=False),
            }
        )
    return folded


def unfold(rows: Iterable[dict[str, Any]]) -> list[Metric]:
    """The metric rows that were folded."""
    found = []
    for row in rows:
        head = {name: row[name] for name in Metric.model_fields}
        head["value"] = row["word"] or row["value"]
        found.append(Metric.model_validate(head))
        found += [Metric.model_validate({**head, **line}) for line in json.loads(row["lines"])]
    return found


def _difference(head: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value != head[name]}
