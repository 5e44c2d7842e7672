"""Failed tries, one small record each, in the store under the run that had them."""

from __future__ import annotations

from airdub.artifacts import ArtifactStore
from airdub.errors import AirdubError
from airdub.model import Document


class FailureRecord(Document):
    """A failed try of a task.

    Attributes:
        error: class name in `airdub.errors`.
        try_number: Airflow's, 1 for the first.
        max_tries: Airflow's bound when it failed; a person's clearing of the task raises it, and
            failures are counted from there.
    """

    error: str
    exit_code: int
    what: str
    where: str = ""
    remedy: str = ""
    try_number: int
    max_tries: int

    @classmethod
    def of(cls, error: AirdubError, *, try_number: int, max_tries: int) -> FailureRecord:
        """The record of an error."""
        return cls(
            error=type(error).__name__,
            exit_code=error.exit_code,
            what=error.what,
            where=error.where,
            remedy=error.remedy,
            try_number=try_number,
            max_tries=max_tries,
        )

    @property
    def text(self) -> str:
        """What, where and what to do, in one line."""
        return str(AirdubError(self.what, where=self.where, remedy=self.remedy))


def record_failure(store: ArtifactStore, run_id: str, task_id: str, failure: FailureRecord) -> None:
    """Keep a failed try; recording the same try twice keeps the later word."""
    store.write(f"{_folder(run_id, task_id)}/{failure.try_number:03d}.json", failure.to_json())


def failures(store: ArtifactStore, run_id: str, task_id: str) -> list[FailureRecord]:
    """All failed tries of a task, first to last."""
    keys = store.list(_folder(run_id, task_id))
    return [FailureRecord.model_validate_json(store.read(key)) for key in keys]


def _folder(run_id: str, task_id: str) -> str:
    return f"runs/{run_id}/{task_id}/failures"
