"""Sweeping a real store by a real catalogue."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from airdub.artifacts import ArtifactRef, ArtifactStore
from airdub.catalog import Catalog, Release, open_catalog
from airdub.judgements import StageUse
from airdub.leases import Lease
from airdub.library.documents import FileBeside, SourceVersion, Title
from airdub.queue.documents import new_request
from airdub.requests import EngineRef, Provenance, StageResult, output_key
from airdub.results import is_whole, load_result
from airdub.settings import Settings, load_settings
from airdub.sweeping import Tally, sweep
from tests.unit.airdub.catalog.judged import TITLE_ID, judgement

FINGERPRINT = "ab" + "0" * 62
SOUND = b"pcm" * 500_000
LONG_AGO = time.time() - 40 * 86_400


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"AIRDUB_VAR": str(tmp_path / "var")})


@pytest.fixture
def catalog(settings: Settings) -> Iterator[Catalog]:
    with open_catalog(settings.catalog_url) as opened:
        yield opened


def stored_mix(settings: Settings, print_: str = FINGERPRINT) -> StageResult:
    """A stage's committed result, its files as old as the world."""
    store = ArtifactStore(settings.store_url)
    folder = output_key("mix", print_)
    outputs = {}
    for name, data in (("mix.wav", SOUND), ("placements.json", b"{}")):
        key = f"{folder}/one/outputs/{name}"
        store.write(key, data)
        outputs[name.split(".")[0]] = store.put(store.local_path(key), key, "x/y")
    made = StageResult(
        stage="mix",
        fingerprint=print_,
        outputs=outputs,
        provenance=Provenance(engine=EngineRef(name="fit", version="1")),
        wall_s=1.0,
    )
    store.write(f"{folder}/result.json", made.to_json())
    with Lease(store, folder) as lease:
        assert lease.acquire()
    age(store, folder)
    return made


def age(store: ArtifactStore, folder: str) -> None:
    for key in store.list(folder):
        os.utime(store.local_path(key), (LONG_AGO, LONG_AGO))


def judged(catalog: Catalog, run_id: str = "run", consequence: str = "quarantine") -> None:
    """A run that the mix is part of, judged long ago."""
    use = StageUse(
        stage="mix", engine="fit", fingerprint=FINGERPRINT, result_key="r", cached=False, wall_s=1
    )
    catalog.record_judgement(judgement(run_id, consequence, stages=(use,)))
    make_old(catalog)


def make_old(catalog: Catalog) -> None:
    connection = catalog._database.connection
    long_ago = "2020-01-01T00:00:00.000000Z"
    connection.execute("UPDATE dub_run SET recorded_at = ?", [long_ago])
    connection.execute("UPDATE release SET changed_at = ?", [long_ago])
    connection.execute("UPDATE started_run SET started_at = ?", [long_ago])


def mixes(tallies: list[Tally]) -> Tally:
    others = [one for one in tallies if one.stage != "mix"]
    assert all((one.folders, one.swept, one.needed) == (0, 0, 0) for one in others)
    return next(one for one in tallies if one.stage == "mix")


def is_swept(settings: Settings, made: StageResult) -> bool:
    store = ArtifactStore(settings.store_url)
    assert store.exists(made.outputs["placements"].key)
    assert load_result(store, f"{output_key('mix', made.fingerprint)}/result.json") == made
    return not is_whole(store, made)


def test_a_dry_run_tells_all_and_removes_nothing(settings: Settings) -> None:
    made = stored_mix(settings)
    told = mixes(sweep(settings, remove=False))
    assert told == Tally("mix", folders=1, swept=1, swept_bytes=len(SOUND))
    assert not is_swept(settings, made)
    assert mixes(sweep(settings, remove=True)) == told
    assert is_swept(settings, made)
    assert mixes(sweep(settings, remove=True)) == Tally("mix", folders=1)


def test_what_was_written_lately_stays(settings: Settings) -> None:
    made = stored_mix(settings)
    store = ArtifactStore(settings.store_url)
    store.local_path(f"{output_key('mix', FINGERPRINT)}/lease/000001.json").touch()
    assert mixes(sweep(settings, remove=True)) == Tally("mix", folders=1, young=1)
    assert mixes(sweep(settings, remove=True, days=50)).young == 1
    assert not is_swept(settings, made)


def test_a_run_that_waits_for_nothing_needs_nothing(settings: Settings, catalog: Catalog) -> None:
    made = stored_mix(settings)
    judged(catalog)
    assert mixes(sweep(settings, remove=True)).swept == 1
    assert is_swept(settings, made)


@pytest.mark.parametrize(
    "need",
    [
        "UPDATE dub_run SET recorded_at = '9999'",
        "INSERT INTO started_run SELECT 'other', 'another title', '9999', source_sha256"
        " FROM dub_run WHERE run_id = 'run'",
        "INSERT INTO release VALUES ('1', 'the-tower', 'es-419', 'run', 'f', 's', '', 'current',"
        " '', '2020', '2020')",
        "INSERT INTO release VALUES ('1', 'the-tower', 'es-419', 'run', 'f', 's', '', 'replaced',"
        " '', '2020', '9999')",
        "INSERT INTO publication VALUES ('run', 'the-tower', 'es-419', 'pending', '', '1', '1')",
        "INSERT INTO repair VALUES ('run', 'the-tower', 'es-419', 2, NULL, 'queued', '', '1', '1')",
        "INSERT INTO review VALUES ('run', 'the-tower', 'es-419', 'run', 'open', 1, '', '', '',"
        " '1', '1')",
        "INSERT INTO review SELECT 'later', title_id, language, 'run', 'open', 1, '', '', '', '1',"
        " '1' FROM dub_run WHERE run_id = 'later'",
    ],
)
def test_what_somebody_needs_stays(settings: Settings, catalog: Catalog, need: str) -> None:
    made = stored_mix(settings)
    judged(catalog)
    catalog.record_judgement(judgement("later", "quarantine", attempt=2))
    connection = catalog._database.connection
    connection.execute("UPDATE dub_run SET recorded_at = '2020' WHERE run_id = 'later'")
    connection.execute(need)
    told = mixes(sweep(settings, remove=True))
    assert told == Tally("mix", folders=1, needed=1, needed_bytes=len(SOUND))
    assert not is_swept(settings, made)


@pytest.mark.parametrize(
    ("state", "stays"),
    [("held", True), ("waiting", True), ("running", True), ("in_review", True),
     ("published", False), ("failed", False), ("superseded", False)],
)  # fmt: skip
def test_a_source_that_is_requested_by_any_title_keeps_its_work(
    settings: Settings, catalog: Catalog, state: str, stays: bool
) -> None:
    made = stored_mix(settings)
    judged(catalog)
    files = [FileBeside(ending="", location="/copy.mp4", sha256="a" * 64, bytes=9, stamp="1")]
    version = SourceVersion.of("a-copy", files, 2.0)
    title = Title(
        title_id="a-copy", name="", source_language="en", location="/copy.mp4",
        version=version.version, duration_s=2.0,
    )  # fmt: skip
    catalog.register(title, version)
    request = new_request("a-copy", "fr", version.version, "plan", profile="embedded")
    catalog.enqueue([request], "test")
    catalog._database.connection.execute("UPDATE dub_request SET state = ?", [state])
    sweep(settings, remove=True)
    assert is_swept(settings, made) is not stays


def test_a_release_that_was_replaced_long_ago_needs_nothing(
    settings: Settings, catalog: Catalog
) -> None:
    made = stored_mix(settings)
    judged(catalog)
    for release_id, replaces in (("one", ""), ("two", "one")):
        catalog.record_release(
            Release(
                release_id=release_id,
                title_id=TITLE_ID,
                language="es-419",
                run_id="run",
                folder="f",
                sha256=release_id,
                replaces=replaces,
            )
        )
    catalog.release_state("two", "withdrawn", was="current")
    assert mixes(sweep(settings, remove=True)).needed == 1
    make_old(catalog)
    sweep(settings, remove=True)
    assert is_swept(settings, made)


def test_whoever_holds_a_lease_is_left_alone(settings: Settings) -> None:
    made = stored_mix(settings)
    store, folder = ArtifactStore(settings.store_url), output_key("mix", FINGERPRINT)
    with Lease(store, folder) as lease:
        assert lease.acquire()
        age(store, folder)  # a machine that slept
        assert mixes(sweep(settings, remove=True)).needed == 1
    assert not is_swept(settings, made)


def test_what_a_run_finds_while_its_shard_is_swept_is_left_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stored_mix(settings)
    store, folder = ArtifactStore(settings.store_url), output_key("mix", FINGERPRINT)

    def found_meanwhile(self: Catalog, fingerprint: str, since: str) -> bool:
        store.write(f"{folder}/requests/adopted.json", b"{}")
        return False

    monkeypatch.setattr(Catalog, "is_needed", found_meanwhile)
    assert mixes(sweep(settings, remove=True)).needed == 1
    assert not is_swept(settings, made)


def test_killed_in_between_it_goes_on(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [stored_mix(settings, f"{shard}" + "0" * 62) for shard in ("ab", "cd", "ef")]
    real, calls = ArtifactStore.delete, []

    def dies(self: ArtifactStore, key: str) -> None:
        calls.append(key)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(self, key)

    with monkeypatch.context() as patch:
        patch.setattr(ArtifactStore, "delete", dies)
        with pytest.raises(KeyboardInterrupt):
            sweep(settings, remove=True)
    assert [is_swept(settings, one) for one in made] == [True, False, False]
    assert mixes(sweep(settings, remove=True)).swept == 2
    assert all(is_swept(settings, one) for one in made)


@pytest.mark.parametrize("root", ["chunks", "consents/c0ffee", "consents/all-0123456789abcdef"])
def test_chunks_go_once_nobody_has_found_them_for_long(settings: Settings, root: str) -> None:
    store = ArtifactStore(settings.store_url)
    old, found = (f"work/lipsync/{root}/ab/{name * 32}" for name in ("ab", "ac"))
    for folder in (old, found):
        store.write(f"{folder}/{'e' * 64}.mp4", b"x" * 100)
        store.write(f"{folder}/item.json", b"{}")
        age(store, folder)
    store.write(f"{found}/item.json", b"{}")

    def lipsync(*, remove: bool) -> Tally:
        return next(one for one in sweep(settings, remove=remove) if one.stage == "lipsync")

    assert lipsync(remove=False) == Tally("lipsync", 2, young=1, swept=1, swept_bytes=102)
    assert store.list(old)
    lipsync(remove=True)
    assert store.list(old) == []
    assert len(store.list(found)) == 2


def test_nothing_but_fingerprints_is_looked_at(settings: Settings) -> None:
    store = ArtifactStore(settings.store_url)
    others = [
        "releases/t/es/0123456789abcdef/t.es.mp4", "drafts/t/es/d/t.es.mp4", "sources/ab/ab1/f.mp4",
        "work/synthesize/items/ab/abc/take.wav", "work/convert_voice/consents/c/ab/abc/take.wav",
        "work/evaluate/notes/ab/abc.json", "gates/run/verdict.json",
    ]  # fmt: skip
    for key in others:
        store.write(key, b"x" * 100)
        age(store, key.rpartition("/")[0])
    assert all(one.folders == 0 for one in sweep(settings, remove=True))
    assert all(store.exists(key) for key in others)


def test_starts_are_forgotten_once_they_protect_nothing(
    settings: Settings, catalog: Catalog
) -> None:
    catalog.note_start("old", "t", "a" * 64)
    make_old(catalog)
    catalog.note_start("young", "t", "a" * 64)
    catalog.note_start("lately", "t", "a" * 64)
    week = (datetime.now(UTC) - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    catalog._database.connection.execute(
        "UPDATE started_run SET started_at = ? WHERE run_id = 'lately'", [week]
    )
    sweep(settings, remove=False)
    sweep(settings, remove=True, days=1)
    rows = catalog._database.connection.execute("SELECT run_id FROM started_run").fetchall()
    assert sorted(row["run_id"] for row in rows) == ["lately", "young"]


def test_an_s3_store_is_swept_alike(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, s3_bucket: str
) -> None:
    url = f"s3://{s3_bucket}/all"
    remote = load_settings({"AIRDUB_VAR": str(settings.var), "AIRDUB_STORE": url})
    made = stored_mix(settings)
    folder = output_key("mix", FINGERPRINT)
    here, there = ArtifactStore(settings.store_url), ArtifactStore(remote.store_url)
    for key in here.list(folder):
        there.write(key, here.read(key))
    assert mixes(sweep(remote, remove=True)).young == 1
    later = datetime.now(UTC) + timedelta(days=31)
    monkeypatch.setattr("airdub.sweeping.broom._now", lambda: later)
    assert mixes(sweep(remote, remove=True)).swept_bytes == len(SOUND)
    ref: ArtifactRef = made.outputs["mix"]
    assert not there.exists(ref.key)
    assert there.exists(made.outputs["placements"].key)
