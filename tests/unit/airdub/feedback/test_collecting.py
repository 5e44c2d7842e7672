"""Files that people drop into a folder: each read once, a bad one stops no other."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from airdub.artifacts import ArtifactStore
from airdub.catalog import Catalog, open_catalog
from airdub.errors import InvalidInput
from airdub.feedback import collecting
from airdub.feedback.collecting import collect, import_file
from airdub.settings import Settings, load_settings
from tests.unit.airdub.catalog.judged import TITLE_ID, judgement

HEAD = "title,language,text\n"
ROW = f"{TITLE_ID},es-419,mala voz\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"AIRDUB_VAR": str(tmp_path / "var")})


@pytest.fixture
def catalog(settings: Settings) -> Iterator[Catalog]:
    with open_catalog(settings.catalog_url) as opened:
        opened.record_judgement(judgement("run", "publish"))
        yield opened


def drop(settings: Settings, name: str, text: str | bytes, *, age_s: float = 3600) -> Path:
    file = settings.var / "store" / "feedback" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.utime(file, (time.time() - age_s,) * 2)
    return file


def collected(settings: Settings) -> dict[str, tuple[int, int]]:
    return {one.location: (one.taken, one.refused) for one in collect(settings)}


def test_new_and_changed_files_are_read_once(settings: Settings, catalog: Catalog) -> None:
    drop(settings, "week/one.csv", HEAD + ROW)
    assert collected(settings) == {"week/one.csv": (1, 0)}
    assert collected(settings) == {}
    drop(settings, "week/one.csv", HEAD + ROW + f"{TITLE_ID},es-419,mucho eco\n", age_s=600)
    assert collected(settings) == {"week/one.csv": (1, 0)}
    assert [comment.text for comment, _ in catalog.comments(TITLE_ID)].count("mala voz") == 1


def test_bad_files_and_rows_are_noted_and_stop_nothing(
    settings: Settings, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "LARGEST_FILE", 500)
    drop(settings, "a.csv", b"\x89PNG\r\n\x1a\n\x00\x00")
    drop(settings, "b.csv", HEAD + "other,es,mala voz\n" + ROW)
    drop(settings, "c.csv", HEAD + ROW * 40)
    drop(settings, "d.CSV", HEAD + f"{TITLE_ID},es-419,peor voz\n")
    drop(settings, "notes.txt", "no table")
    drop(settings, ".e.csv", HEAD + ROW)
    os.mkfifo(settings.var / "store" / "feedback" / "f.csv")
    found = collected(settings)
    assert found == {"a.csv": (0, 1), "b.csv": (1, 1), "c.csv": (0, 1), "d.CSV": (1, 0)}
    noted = catalog.feedback_file("b.csv")
    assert noted is not None
    assert noted.note.startswith("line 2: other es: there is no such dub")
    large = catalog.feedback_file("c.csv")
    assert large is not None
    assert "too large" in large.note


def test_a_file_that_may_still_grow_is_left_for_later(settings: Settings, catalog: Catalog) -> None:
    drop(settings, "now.csv", HEAD + ROW, age_s=5)
    assert collected(settings) == {}


def test_killed_in_between_it_goes_on(
    settings: Settings, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "_BATCH", 2)
    rows = [f"{TITLE_ID},es-419,mala voz {number}\n" for number in range(5)]
    real, calls = Catalog.take_comment, []

    def dies(self: Catalog, *arguments: object) -> bool:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(self, *arguments)  # type: ignore[arg-type]

    drop(settings, "all.csv", HEAD + "".join(rows))
    with monkeypatch.context() as patch:
        patch.setattr(Catalog, "take_comment", dies)
        with pytest.raises(KeyboardInterrupt):
            collected(settings)
    assert len(catalog.comments(TITLE_ID)) == 2
    assert collected(settings) == {"all.csv": (3, 0)}


def test_importing_again_brings_nothing_new(settings: Settings, catalog: Catalog) -> None:
    data = (HEAD + ROW).encode()
    first, second = (import_file(settings, data, "x.csv") for _ in range(2))
    assert [(one.new, one.known) for one in (first, second)] == [(1, 0), (0, 1)]


def test_a_folder_may_lie_in_a_bucket(
    settings: Settings, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, s3_bucket: str
) -> None:
    url = f"s3://{s3_bucket}/feedback"
    remote = load_settings({"AIRDUB_VAR": str(settings.var), "AIRDUB_FEEDBACK": f"{url}/"})
    ArtifactStore(f"s3://{s3_bucket}").write("feedback/week.csv", (HEAD + ROW).encode())
    assert collected(remote) == {}  # a minute hasn't passed
    monkeypatch.setattr(collecting, "_SETTLED", timedelta(minutes=-1))
    assert collected(remote) == {"week.csv": (1, 0)}
    assert collected(remote) == {}


def test_a_bucket_alone_is_no_folder(tmp_path: Path) -> None:
    odd = load_settings({"AIRDUB_VAR": str(tmp_path), "AIRDUB_FEEDBACK": "s3://bucket"})
    with pytest.raises(InvalidInput, match="AIRDUB_FEEDBACK"):
        collected(odd)


def test_no_folder_yet_is_no_feedback(settings: Settings) -> None:
    assert collected(settings) == {}
