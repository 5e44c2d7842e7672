"""Notices arrive by mail and webhook when their connections are there, and never get in the way."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from airdub.catalog import open_catalog
from airdub.errors import InvalidInput
from airdub.gates import Consequence
from airdub.notices import failed_task
from airdub.settings import load_settings
from operators.notify import MAIL, WEBHOOK, deadline, tell, tell_failure, tell_late, tell_refusal
from operators.wiring import task_defaults
from tests.fakes.receivers import MailServer, WebServer, serving
from tests.unit.airdub.catalog.judged import judgement

from .conftest import Flow

NOTICE = failed_task(
    {"title": "film", "language": "es"}, "dub_video", "mux", InvalidInput("no {{ 7 * 7 }}")
)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with serving(MailServer()) as server:
        extra = {"from_email": "airdub@example.org", "to": "ops@example.org, tv@example.org"}
        extra |= {"disable_ssl": True, "disable_tls": True, "retry_limit": 0, "timeout": 5}
        connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": server.port, "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_AIRDUB_SMTP", json.dumps(connection))
        yield server


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    with serving(WebServer()) as server:
        connection = {"conn_type": "http", "host": server.url}
        monkeypatch.setenv("AIRFLOW_CONN_AIRDUB_WEBHOOK", json.dumps(connection))
        yield server


def failed(flow: Flow, error: Any, task_id: str = "deliver.mux") -> Any:
    return flow.context(task_id) | ({"exception": error} if error else {})


def test_without_connections_nothing_is_sent_and_nothing_is_asked(flow: Flow) -> None:
    assert tell(NOTICE) == ()
    tell_failure(failed(flow, InvalidInput("bad")))
    tell_refusal(flow.context("release_gate"))
    assert not (flow.folder / "var" / "catalog.db").exists()


def test_a_failure_is_mailed_and_posted(flow: Flow, mailbox: MailServer, hook: WebServer) -> None:
    tell_failure(failed(flow, InvalidInput("no audio", where="film.mp4", remedy="give it one")))
    (mail,), (post,) = mailbox.mails, hook.posts
    assert mail["Subject"] == "airdub: film > es: deliver.mux failed"
    assert mail["To"] == "ops@example.org, tv@example.org"
    assert mail["From"] == "airdub@example.org"
    (part,) = mail.iter_parts()  # type: ignore[attr-defined]
    assert "<p>what to do: give it one</p>" in part.get_content()
    assert post["path"] == "/hooks/s3cret-path"
    assert post["kind"] == "failure"
    assert post["facts"]["run"] == "run-1"
    assert "what: no audio" in post["text"]


def test_what_is_quoted_is_no_template(flow: Flow, mailbox: MailServer) -> None:
    assert tell(NOTICE) == (MAIL,)
    (part,) = mailbox.mails[0].iter_parts()  # type: ignore[attr-defined]
    assert "no {{ 7 * 7 }}" in part.get_content()


def test_a_killed_process_is_told_of_as_such(flow: Flow, hook: WebServer) -> None:
    tell_failure(failed(flow, None))
    assert hook.posts[0]["facts"]["what"] == "its process was killed, or its machine is gone"


def test_a_fault_that_hits_many_titles_is_told_once(flow: Flow, hook: WebServer) -> None:
    for number in range(5):
        flow.params["title_id"] = f"film-{number}"
        tell_failure(failed(flow, InvalidInput("bad")))
    tell_failure(failed(flow, InvalidInput("bad"), "voice.mix"))
    assert [post["headline"] for post in hook.posts] == [
        "film-0 > es: deliver.mux failed",
        "film-4 > es: voice.mix failed",
    ]


def test_what_nobody_took_is_told_next_time_and_its_address_stays_secret(
    flow: Flow, hook: WebServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    hook.status = 500
    assert tell(NOTICE) == ()
    hook.status = 200
    assert tell(NOTICE) == (WEBHOOK,)
    assert hook.posts[0]["held_back"] == 1
    assert "airdub_webhook took no notice" in caplog.text
    assert "s3cret" not in caplog.text


def test_nobody_there_to_take_it(
    flow: Flow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gone = {"conn_type": "http", "host": "http://127.0.0.1:9/hooks/s3cret-path"}
    monkeypatch.setenv("AIRFLOW_CONN_AIRDUB_WEBHOOK", json.dumps(gone))
    nowhere = {"conn_type": "smtp", "host": "127.0.0.1", "port": 9, "extra": {"disable_ssl": True}}
    monkeypatch.setenv("AIRFLOW_CONN_AIRDUB_SMTP", json.dumps(nowhere))
    assert tell(NOTICE) == ()
    assert "airdub_webhook took no notice" in caplog.text
    assert "airdub_smtp took no notice" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_connection_that_names_nobody_says_what_is_missing(
    flow: Flow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AIRDUB_SMTP", '{"conn_type": "smtp", "host": "127.0.0.1"}')
    assert tell(NOTICE) == ()
    assert "it doesn't say whom to write. What to do: name them in its extra field" in caplog.text


def test_a_catalogue_that_is_down_is_told_of(
    flow: Flow, hook: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRDUB_CATALOG", "postgresql://me:s3cret@127.0.0.1:1/airdub")
    assert tell(NOTICE) == (WEBHOOK,)


@pytest.mark.parametrize("consequence", Consequence)
def test_a_refusal_by_the_gate_is_told(
    flow: Flow, hook: WebServer, consequence: Consequence
) -> None:
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.record_judgement(judgement(flow.run_id, consequence))
    tell_refusal(flow.context("release_gate"))
    refused = consequence in (Consequence.REVIEW, Consequence.QUARANTINE)
    assert [post["kind"] for post in hook.posts] == ["refusal"] * refused


def test_a_late_run_is_told_with_what_the_scheduler_knows(flow: Flow, hook: WebServer) -> None:
    alert = deadline(24)
    assert alert.callback.path == "operators.notify.tell_late"
    context = {"dag_run": {"dag_id": "dub_video", "dag_run_id": "film.es.a+b"}, "deadline": {}}
    tell_late(**alert.callback.kwargs, context=context)
    assert hook.posts[0]["headline"] == "dub_video has not ended after 24 hours"
    assert hook.posts[0]["facts"]["run"] == "film.es.a+b"


def test_every_task_of_ours_tells_of_its_failure() -> None:
    assert task_defaults()["on_failure_callback"] is tell_failure
