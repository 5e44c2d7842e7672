"""Publication: the release of a run, if what is stored about it says so."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypedDict

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from airdub.artifacts import ArtifactStore
from airdub.catalog import open_catalog
from airdub.continuity.voices import record_voices
from airdub.releases import publish_run
from airdub.releases.outdated import Outdated
from airdub.releases.redelivery import ScoresBelow
from airdub.settings import load_settings
from operators.reports import progress_line
from operators.wiring import task_defaults

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import Context

_TELL_EVERY_S = 5.0


class ReleaseReference(TypedDict):
    """The publication's XCom: which release it is, and where it lies."""

    release_id: str
    folder: str
    sha256: str


class PublishOperator(BaseOperator):
    """Publishes a judged run: see `airdub.releases.publish_run`.

    It is skipped when the run scores below the current release, which stays, or its title has
    another version by now.

    Args:
        run_id: the run; "" is the one that this task belongs to. May be a template.
    """

    ui_color = "#bbf7d0"
    template_fields = ("run_id",)

    def __init__(self, *, run_id: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run_id = run_id

    def execute(self, context: Context) -> ReleaseReference:
        """Publish, keep the voices for the series, tell."""
        run_id, settings = self.run_id or str(context["run_id"]), load_settings()
        try:
            release = publish_run(settings, run_id, _progress(self.log.info))
        except (ScoresBelow, Outdated) as kept_out:
            raise AirflowSkipException(str(kept_out)) from kept_out
        self.log.info(
            "Release %s of %s in %s: %s",
            release.release_id,
            release.title_id,
            release.language,
            release.state,
        )
        with open_catalog(settings.catalog_url) as catalog:
            record_voices(catalog, ArtifactStore(settings.store_url), release)
        return ReleaseReference(
            release_id=release.release_id, folder=release.folder, sha256=release.sha256
        )


def _progress(tell: Callable[[str], None]) -> Callable[[int, int], None]:
    """Tells how much is stored, every few seconds."""
    began = told = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told < _TELL_EVERY_S:
            return
        told = now
        line = {"fraction": done / total, "done": done >> 20, "total": total >> 20, "unit": "MiB"}
        tell(progress_line(line | {"eta_s": (now - began) * (total - done) / done}))

    return report


def publish_task(**task: Any) -> BaseOperator:
    """The task that publishes its own run, or another one (`run_id`)."""
    return PublishOperator(**{"task_id": "publish", **task_defaults(), **task})
