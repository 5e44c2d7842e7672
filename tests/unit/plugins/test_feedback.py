"""What users say about dubs comes in by one route, behind the login, in small pieces of JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, open_catalog
from airdub.feedback import Tag
from airdub.settings import load_settings
from tests.unit.airdub.catalog.judged import TITLE_ID, judgement

URL = "/airdub/api/feedback"
SAID: dict[str, Any] = {"title_id": TITLE_ID, "language": "es-419", "text": "La voz es mala"}


@pytest.fixture
def catalog(store: ArtifactStore) -> Iterator[Catalog]:
    with open_catalog(load_settings().catalog_url) as opened:
        opened.record_judgement(judgement("run", "publish"))
        yield opened


def test_a_viewer_may_say_what_he_thinks(viewer: TestClient, catalog: Catalog) -> None:
    other = {**SAID, "title_id": "other"}
    answer = viewer.post(URL, json={"comments": [SAID, SAID, other, {**SAID, "text": " "}]})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["new"], told["known"]) == (1, 1)
    assert [one["at"] for one in told["refused"]] == [2, 3]
    ((comment, tags),) = catalog.comments(TITLE_ID)
    assert (comment.origin, comment.said_by, tags) == ("user viewer", "viewer", [Tag.VOICE])


def test_nobody_says_anything_without_a_login(anybody: TestClient, catalog: Catalog) -> None:
    assert anybody.post(URL, json={"comments": [SAID]}).status_code == 401
    assert catalog.comments(TITLE_ID) == []


def test_other_bodies_are_refused_unread(viewer: TestClient, catalog: Catalog) -> None:
    text = '{"comments": [{"title_id": "the-tower", "language": "es-419", "text": "x"}]}'
    form = {"content-type": "text/plain"}
    assert viewer.post(URL, content=text, headers=form).status_code == 415
    assert viewer.post(URL, data={"comments": text}).status_code == 415
    large = {"comments": [{**SAID, "text": "x" * 9000}] * 200}
    assert viewer.post(URL, json=large).status_code == 413
    json = {"content-type": "application/json"}
    assert viewer.post(URL, content=iter([text.encode()]), headers=json).status_code == 411
    assert catalog.comments(TITLE_ID) == []


@pytest.mark.parametrize(
    "body", [{}, {"comments": []}, {"comments": [{"text": "x"}]}, {"comments": [{**SAID, "x": 1}]}]
)
def test_what_is_no_comment_is_refused(viewer: TestClient, catalog: Catalog, body: object) -> None:
    assert viewer.post(URL, json=body).status_code == 422
