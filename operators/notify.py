"""Notices by mail and webhook, through Airflow's connections `airdub_smtp` and `airdub_webhook`.

A connection that isn't there sends nothing. A notice that can't be sent is logged, and never fails
what it tells of. Nothing in it is rendered as a template: titles and messages may be anything.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException

from airdub.catalog import open_catalog
from airdub.errors import AirdubError, InvalidInput, TemporaryFailure
from airdub.notices import Notice, failed_task, late_run, refused_dub
from airdub.settings import load_settings
from operators.deadlines import RunCreated
from operators.failures import as_airdub_error
from operators.telemetry import count_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow.sdk import Connection, Context

MAIL = "airdub_smtp"
WEBHOOK = "airdub_webhook"

log = logging.getLogger(__name__)


def tell(notice: Notice, *, at: str = "") -> tuple[str, ...]:
    """Send a notice through every connection that is there, unless its like was told just now.

    Args:
        at: the time up to which it tells; "" now.

    Returns:
        Ids of the connections that took it.
    """
    channels = dict(_channels())
    if not channels:
        return ()
    settings = load_settings()
    every = timedelta(minutes=settings.notice_minutes)
    try:
        with open_catalog(settings.catalog_url) as catalog:
            claim = catalog.claim_notice(notice.about, every, at=at)
            if claim is None:
                return ()
            if notice.repeats:
                notice = notice.model_copy(update={"held_back": claim.held_back})
            sent = _send(notice, channels)
            if not sent:
                catalog.return_claim(claim)
    except AirdubError as error:  # the catalogue itself may be what has failed
        log.warning("Told without the catalogue: %s", error)
        return _send(notice, channels)
    return sent


def tell_failure(context: Context) -> None:
    """A task's `on_failure_callback`: it will not be tried again."""
    raised = context.get("exception")
    if isinstance(raised, BaseException):
        error = as_airdub_error(raised)
    else:
        error = TemporaryFailure(
            "its process was killed, or its machine is gone", remedy="clear the task"
        )
    ti, params = context["ti"], context.get("params") or {}
    count_failure(ti.task_id, error)
    of = {
        "title": str(params.get("title_id") or ""),
        "language": str(params.get("target_language") or ""),
        "run": str(context["run_id"]),
    }
    tell(failed_task(of, _dag_id(context), ti.task_id, error, _run_url(context)))


def tell_refusal(context: Context) -> None:
    """The release gate's `on_success_callback`: tells of a dub that it doesn't let through."""
    if not is_on():
        return
    with open_catalog(load_settings().catalog_url) as catalog:
        judgement = catalog.judgement(str(context["run_id"]))
    notice = refused_dub(judgement, _run_url(context)) if judgement else None
    if notice:
        tell(notice)


def tell_late(hours: float, context: dict[str, Any]) -> None:
    """What a missed deadline calls, in a process of its own."""
    run = context["dag_run"]
    url = _url(run["dag_id"], run["dag_run_id"])
    tell(late_run(run["dag_id"], run["dag_run_id"], hours, url))


def deadline(hours: float) -> DeadlineAlert:
    """For a DAG whose runs should end within some hours of being created."""
    return DeadlineAlert(
        reference=RunCreated(),
        interval=timedelta(hours=hours),
        callback=SyncCallback(tell_late, kwargs={"hours": hours}),
    )


def is_on() -> bool:
    """Whether anybody is told of anything."""
    return any(True for _ in _channels())


def _channels() -> Iterator[tuple[str, Connection]]:
    """The connections that are there."""
    for name in (MAIL, WEBHOOK):
        try:
            yield name, BaseHook.get_connection(name)
        except AirflowNotFoundException:
            log.debug("No connection %s: no notices go there", name)


def _send(notice: Notice, channels: dict[str, Connection]) -> tuple[str, ...]:
    sent = []
    for name, connection in channels.items():
        try:
            _SENDERS[name](notice, connection)
        except InvalidInput as error:
            log.error("%s took no notice: %s", name, error)
        except (OSError, ValueError, AirflowException) as error:
            # not its words: they may hold the address, and with it a secret
            log.error("%s took no notice: %s. What to do: correct it", name, type(error).__name__)
        else:
            log.info("%s: %s", name, notice.subject)
            sent.append(name)
    return tuple(sent)


def _mail(notice: Notice, connection: Connection) -> None:
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    extra = connection.extra_dejson
    if not extra.get("to"):
        raise InvalidInput(
            "it doesn't say whom to write", where=MAIL, remedy="name them in its extra field, `to`"
        )
    with SmtpHook(smtp_conn_id=MAIL) as hook:
        hook.send_email_smtp(
            to=extra["to"],
            from_email=extra.get("from_email") or connection.login,
            subject=notice.subject,
            html_content=notice.html,
        )


def _post(notice: Notice, connection: Connection) -> None:
    from airflow.providers.http.hooks.http import HttpHook

    message = {**notice.model_dump(mode="json"), "text": notice.text}
    hook = HttpHook(method="POST", http_conn_id=WEBHOOK)
    hook.run(json=message, extra_options={"timeout": 20})


_SENDERS: dict[str, Callable[[Notice, Connection], None]] = {MAIL: _mail, WEBHOOK: _post}


def _dag_id(context: Context) -> str:
    return str(context["dag_run"].dag_id)


def _run_url(context: Context) -> str:
    return _url(_dag_id(context), str(context["run_id"]))


def _url(dag_id: str, run_id: str) -> str:
    """A run's page in Airflow; "" when Airflow isn't told its address."""
    from urllib.parse import quote

    from airflow.sdk.configuration import conf

    base = conf.get("api", "base_url", fallback="")
    return f"{base.rstrip('/')}/dags/{dag_id}/runs/{quote(run_id)}" if base else ""
