"""Bad orders are refused with file, field and remedy; good ones are stored by content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import boto3
import pytest

from airdub.catalog import open_catalog
from airdub.drafts import order_key
from airdub.errors import DependencyUnavailable, InvalidInput, PolicyRefused
from airdub.orders import DubOrder
from airdub.queue.documents import RightsWindow
from airdub.results import load_result
from airdub.settings import load_settings
from operators.ingest import IngestOperator
from tests.fakes.stage_python import complete
from tests.s3 import S3Server, s3_bucket, s3_process, s3_server

from .conftest import Flow

__all__ = ["s3_bucket", "s3_process", "s3_server"]


def ingest(flow: Flow, **params: object) -> dict[str, str]:
    """Run the task and return the stored keys by name."""
    flow.params |= params
    reference = flow.run(IngestOperator(task_id="ingest"))
    result = load_result(flow.store, reference["result_key"])
    assert result is not None
    return {name: ref.key for name, ref in result.outputs.items()}


def test_the_source_is_stored_under_its_hash(flow: Flow) -> None:
    content = (flow.folder / "film.mp4").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    key = f"sources/{digest[:2]}/{digest}/film.mp4"
    assert ingest(flow) == {"source": key}
    assert flow.store.read(key) == content


def test_the_same_files_are_ingested_once(flow: Flow) -> None:
    ingest(flow)
    assert flow.run(IngestOperator(task_id="ingest"))["cached"] is True


def test_editing_the_original_does_not_change_what_is_stored(flow: Flow) -> None:
    key = ingest(flow)["source"]
    with (flow.folder / "film.mp4").open("r+b") as stream:
        stream.write(b"MOVING")
    assert flow.store.read(key) == b"moving pictures"


def test_what_lies_beside_is_found(flow: Flow) -> None:
    texts = ("film.en.srt", "film.srt", "film.es-419.vtt", "film.es.reference.srt")
    for name in (*texts, "film.ME.wav", "film.glossary.csv"):
        (flow.folder / name).write_bytes(name.encode())
    found = ingest(flow, target_language="es-419")
    assert {name: Path(key).name for name, key in found.items()} == {
        "source": "film.mp4",
        "script": "film-en.srt",
        "target_script": "film-es-419.vtt",
        "reference": "film-es-reference.srt",
        "background_stem": "film-me.wav",
        "glossary": "film-glossary.csv",
    }


def test_a_named_script_wins(flow: Flow) -> None:
    (flow.folder / "film.srt").write_text("beside")
    (flow.folder / "other.srt").write_text("named")
    found = ingest(flow, script=str(flow.folder / "other.srt"))
    assert flow.store.read(found["script"]) == b"named"


def test_odd_names_are_fine(flow: Flow) -> None:
    odd = flow.folder / 'it\'s "ça" 🎬 $(rm -rf).MP4'
    odd.write_bytes(b"x")
    (flow.folder / 'it\'s "ça" 🎬 $(rm -rf).srt').write_bytes(b"y")
    found = ingest(flow, source=str(odd), title_id=None)
    assert Path(found["source"]).name == "it-s-ca-rm-rf.mp4"
    assert Path(found["script"]).name == "it-s-ca-rm-rf.srt"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"source": "missing.mp4"}, r"source missing\.mp4: not an absolute path"),
        ({"source": "/nowhere/film.mp4"}, r"source /nowhere/film\.mp4: there is no such file"),
        ({"source": "/etc/../etc/passwd"}, r"source .*without '\.\.'"),
        ({"source": "/etc"}, r"source /etc: not a file"),
        ({"source": "/etc/a\0b"}, r"not an absolute path"),
        ({"source": "/" + "a" * 300}, r"can't be used"),
        ({"script": "/nowhere/film.srt"}, r"script /nowhere/film\.srt: there is no such file"),
        ({"title_id": "../escape"}, r"title_id: '\.\./escape' is not a title id"),
        ({"title_id": "a..b"}, r"title_id: .*not a title id"),
        ({"source_language": "klingonese"}, r"source_language: 'klingonese' is no known language"),
        ({"target_language": "xx-"}, r"target_language: 'xx-'"),
        ({"target_language": "ko"}, r"no engine of profile 'embedded' can translate"),
        ({"source_language": "fr"}, r"can transcribe from 'fr'.*put a script"),
        ({"profile": "golden"}, r"no profile 'golden'.*embedded"),
        ({"attempt": "many"}, r"attempt: "),
        ({"surprise": 1}, r"surprise: "),
    ],
)
def test_bad_orders_are_refused(flow: Flow, params: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        ingest(flow, **params)
    assert flow.store.list("sources") == []


def test_an_empty_file_is_refused_wherever_it_is(flow: Flow) -> None:
    (flow.folder / "film.srt").touch()
    with pytest.raises(InvalidInput, match=r"script .*film\.srt: the file is empty"):
        ingest(flow)
    (flow.folder / "film.mp4").write_bytes(b"")
    with pytest.raises(InvalidInput, match=r"source .*film\.mp4: the file is empty"):
        ingest(flow)


def test_sources_outside_the_allowed_folders_are_refused(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    (flow.folder / "allowed").mkdir()
    inside = flow.folder / "allowed" / "film.mp4"
    inside.write_bytes(b"x")
    monkeypatch.setenv("AIRDUB_SOURCE_ROOTS", str(flow.folder / "allowed"))
    assert ingest(flow, source=str(inside))
    link = flow.folder / "allowed" / "link.mp4"
    link.symlink_to(flow.folder / "film.mp4")
    for outside in (flow.folder / "film.mp4", link):
        with pytest.raises(InvalidInput, match="outside the allowed folders"):
            ingest(flow, source=str(outside))


class TestBuckets:
    """A source in a bucket, and what lies beside it there."""

    @pytest.fixture
    def film(self, s3_bucket: str) -> str:
        self.s3: Any = boto3.client("s3")
        self.bucket = s3_bucket
        for name in ("film?#1.mp4", "film?#1.EN.srt", "film?#1.fr.srt", "film.srt"):
            self.put(f"new/{name}", name.encode())
        return f"s3://{s3_bucket}/new/film?#1.mp4"

    def put(self, key: str, content: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)

    def test_is_stored_with_what_lies_beside_it(self, flow: Flow, film: str) -> None:
        found = ingest(flow, source=film, title_id=None)
        assert {name: flow.store.read(key) for name, key in found.items()} == {
            "source": b"film?#1.mp4",
            "script": b"film?#1.EN.srt",
        }
        digest = hashlib.sha256(b"film?#1.mp4").hexdigest()
        assert found["source"] == f"sources/{digest[:2]}/{digest}/film-1.mp4"

    def test_is_read_once_for_all_languages(
        self, flow: Flow, film: str, s3_server: S3Server
    ) -> None:
        ingest(flow, source=film)
        s3_server.refuses_reading = True
        assert ingest(flow, source=film, target_language="ca")
        self.put("new/film?#1.mp4", b"another one")
        with pytest.raises(DependencyUnavailable, match="refuses get_object"):
            ingest(flow, source=film)
        s3_server.refuses_reading = False
        assert flow.store.read(ingest(flow, source=film)["source"]) == b"another one"

    def test_leaves_nothing_behind_when_it_fails(
        self, flow: Flow, film: str, s3_server: S3Server
    ) -> None:
        s3_server.refuses_reading = True
        with pytest.raises(DependencyUnavailable):
            ingest(flow, source=film)
        assert flow.store.list("sources") == []

    @pytest.mark.parametrize(
        ("key", "message"),
        [
            ("new/gone.mp4", "there is no such object"),
            ("new/empty.mp4", "the file is empty"),
            ("", "no s3://bucket/key"),
            ("new/../film.mp4", "no s3://bucket/key"),
        ],
    )
    def test_is_refused(self, flow: Flow, film: str, key: str, message: str) -> None:
        self.put("new/empty.mp4", b"")
        with pytest.raises(InvalidInput, match=message):
            ingest(flow, source=f"s3://{self.bucket}/{key}")

    def test_lies_in_an_allowed_prefix(
        self, flow: Flow, film: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AIRDUB_SOURCE_ROOTS", f"/films:s3://{self.bucket}/new")
        assert ingest(flow, source=film)
        self.put("newer/film.mp4", b"x")
        for outside in (f"s3://{self.bucket}/newer/film.mp4", str(flow.folder / "film.mp4")):
            with pytest.raises(InvalidInput, match="outside the allowed folders"):
                ingest(flow, source=outside)


def test_a_missing_program_is_named_before_anything_runs(flow: Flow) -> None:
    programs = {name: "1" for name in complete().programs if name != "apertium"}
    environment = complete().model_copy(update={"programs": programs})
    (flow.folder / "environment" / "airdub-environment.json").write_bytes(environment.to_json())
    with pytest.raises(InvalidInput, match=r"translate/apertium.*package apertium.*make setup"):
        ingest(flow)


def test_the_run_keeps_its_order(flow: Flow) -> None:
    ingest(flow, source_language="EN")
    order = DubOrder.model_validate_json(flow.store.read(order_key(flow.run_id)))
    assert (order.title_id, order.source_language) == ("film", "en")
    assert order.source == str(flow.folder / "film.mp4")


@pytest.mark.parametrize(
    ("opens_at", "closes_at", "said"),
    [
        ("2000-01-01T00:00:00.000000Z", "2001-01-01T00:00:00.000000Z", "none will open again"),
        ("2990-01-01T00:00:00.000000Z", "2991-01-01T00:00:00.000000Z", "the next opens at 2990"),
    ],
)
def test_a_title_outside_of_its_rights_windows_is_refused_before_anything_is_stored(
    flow: Flow, opens_at: str, closes_at: str, said: str
) -> None:
    window = RightsWindow(
        window_id="w", title_id="film", language="es", opens_at=opens_at, closes_at=closes_at
    )
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.set_rights(window)
    with pytest.raises(PolicyRefused, match=f"film in es: its rights window is closed: {said}"):
        flow.run(IngestOperator(task_id="ingest"))
    assert flow.store.list("sources") == []


def test_a_title_within_a_rights_window_is_taken(flow: Flow) -> None:
    opens_at = "2000-01-01T00:00:00.000000Z"
    with open_catalog(load_settings().catalog_url) as catalog:
        catalog.set_rights(RightsWindow(window_id="w", title_id="film", opens_at=opens_at))
    assert flow.run(IngestOperator(task_id="ingest"))["cached"] is False
