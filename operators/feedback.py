"""Feedback as tasks: read what was dropped, weigh what was said, have people look."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypedDict

from airflow.sdk import BaseOperator

from airdub.settings import load_settings

if TYPE_CHECKING:
    from airflow.sdk import Context


class Collected(TypedDict):
    """XCom: files that were read, comments that are new, rows that were refused."""

    files: int
    taken: int
    refused: int


class CollectFeedbackOperator(BaseOperator):
    """Takes in the CSV files of the folder that are new: see `airdub.feedback.collecting`."""

    ui_color = "#e5e7eb"

    def execute(self, context: Context) -> Collected:
        """Read, tell what was refused."""
        from airdub.feedback.collecting import collect

        found = Collected(files=0, taken=0, refused=0)
        for file in collect(load_settings()):
            self.log.info("%s: %s new, %s refused", file.location, file.taken, file.refused)
            if file.note:
                self.log.warning("%s: %s", file.location, file.note)
            found["files"] += 1
            found["taken"] += file.taken
            found["refused"] += file.refused
        return found


class WeighFeedbackOperator(BaseOperator):
    """Has titles dubbed anew or looked at that enough people complain of."""

    ui_color = "#e5e7eb"

    def execute(self, context: Context) -> dict[str, int]:
        """Weigh all that was said since the last time; how many of what followed."""
        from airdub.feedback.weighing import weigh

        found: Counter[str] = Counter()
        for one in weigh(load_settings()):
            self.log.info("%s %s: %s: %s", one.title_id, one.language, one.why, one.how)
            found[one.how] += 1
        return dict(found)
