"""`airdub`: dub videos, and run the local Airflow that does it."""

from __future__ import annotations

import typer

from airdub.cli.changes import cancel, priority, retry
from airdub.cli.consent import cast, consent
from airdub.cli.console import AirdubGroup
from airdub.cli.doctor import doctor
from airdub.cli.dub import demo, dub
from airdub.cli.feedback import feedback
from airdub.cli.library import library
from airdub.cli.library_status import status
from airdub.cli.queue import queue
from airdub.cli.release import release
from airdub.cli.report import report
from airdub.cli.request import request
from airdub.cli.series import series
from airdub.cli.service import down, up
from airdub.cli.sweep import sweep
from airdub.cli.weights import weights

app = typer.Typer(
    cls=AirdubGroup,
    help="Batch dubbing of videos on Apache Airflow.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in (
    dub,
    demo,
    cast,
    up,
    down,
    status,
    doctor,
    sweep,
    request,
    retry,
    cancel,
    priority,
    report,
):
    app.command()(command)
app.add_typer(consent, name="consent")
app.add_typer(release, name="release")
app.add_typer(feedback, name="feedback")
app.add_typer(series, name="series")
app.add_typer(library, name="library")
app.add_typer(queue, name="queue")
app.add_typer(weights, name="weights")
