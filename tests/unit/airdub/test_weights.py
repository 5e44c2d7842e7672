"""The model cache: what is where, what is right, and who may have it."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from airdub.engines import EngineSpec, Weights
from airdub.errors import DependencyUnavailable, InvalidInput, PolicyRefused
from airdub.weights import (
    ModelCache,
    Wanted,
    choose_engines,
    fetch_all,
    import_file,
    refuse_unaccepted,
    refuse_unverified,
    wanted_weights,
)
from tests.fakes.mirror import Mirror, mirror

MODEL, VOICE = os.urandom(400_000), os.urandom(70_000)


@pytest.fixture
def server() -> Iterator[Mirror]:
    with mirror({"model.bin": MODEL, "voice.bin": VOICE}) as running:
        yield running


def stated(server: Mirror, name: str, **other: str) -> Weights:
    content = server.files[name]
    fields = {"path": f"engine-r1/{name}", "licence": "MIT", "url": server.url(name)} | other
    digest = hashlib.sha256(content).hexdigest()
    return Weights.model_validate({**fields, "sha256": digest, "bytes": len(content)})


def spec(name: str, *files: Weights, commercial_use: bool = True) -> EngineSpec:
    return EngineSpec(
        stage="transcribe",
        name=name,
        summary="",
        licence="MIT",
        weights={file.path: file for file in files},
        commercial_use=commercial_use,
    )


def cache_in(folder: Path) -> ModelCache:
    return ModelCache(folder / "models")


def test_a_cache_is_filled_once(server: Mirror, tmp_path: Path) -> None:
    cache, told = cache_in(tmp_path), list[tuple[int, int]]()
    files = wanted_weights([spec("a", stated(server, "model.bin"), stated(server, "voice.bin"))])
    assert [cache.state(one.weights) for one in files] == ["missing", "missing"]
    fetched = fetch_all(cache, files, lambda done, total: told.append((done, total)))
    assert fetched == files
    assert told[-1] == (470_000, 470_000)
    assert (tmp_path / "models/engine-r1/model.bin").read_bytes() == MODEL
    assert [cache.state(one.weights) for one in files] == ["here", "here"]
    assert fetch_all(cache, files, lambda done, total: None) == []
    assert len(server.requests) == 2


def test_a_file_is_read_once_and_again_when_it_was_written(server: Mirror, tmp_path: Path) -> None:
    cache, file = cache_in(tmp_path), stated(server, "model.bin")
    cache.fetch(file, lambda here, size: None)
    path = cache.path(file)
    facts = path.stat()
    path.write_bytes(bytes(len(MODEL)))
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert cache.state(file) == "here"  # nothing says that it changed,
    assert cache.state(file, read=True) == "damaged"  # but who reads it sees it,
    assert cache.state(file) == "damaged"  # and that is remembered
    cache.fetch(file, lambda here, size: None)
    assert path.read_bytes() == MODEL
    path.write_bytes(MODEL[:-1] + b"?")
    assert cache.state(file) == "damaged"


def test_a_read_only_volume_is_read_each_time(server: Mirror, tmp_path: Path) -> None:
    cache, file = cache_in(tmp_path), stated(server, "model.bin")
    cache.path(file).parent.mkdir(parents=True)
    cache.path(file).write_bytes(MODEL)
    (cache.folder / ".stamps").write_text("no folder, so nothing can be written below it")
    assert cache.state(file) == "here"
    cache.path(file).write_bytes(VOICE)
    assert cache.digest(file) == hashlib.sha256(VOICE).hexdigest()


def test_a_broken_stamp_is_no_stamp(server: Mirror, tmp_path: Path) -> None:
    cache, file = cache_in(tmp_path), stated(server, "model.bin")
    cache.fetch(file, lambda here, size: None)
    (stamp,) = (cache.folder / ".stamps").rglob("*.json")
    stamp.write_text('{"sha256": ')
    assert cache.state(file) == "here"


def test_a_folder_that_is_none_is_told(server: Mirror, tmp_path: Path) -> None:
    cache, file = cache_in(tmp_path), stated(server, "model.bin")
    cache.folder.write_text("a file")
    assert cache.state(file) == "missing"
    with pytest.raises(DependencyUnavailable, match=r"models: the folder can't be written"):
        cache.fetch(file, lambda here, size: None)
    cache.folder.unlink()
    cache.path(file).mkdir(parents=True)
    with pytest.raises(DependencyUnavailable, match=r"model\.bin: the file can't be read"):
        cache.state(file)


def test_what_was_begun_is_told(server: Mirror, tmp_path: Path) -> None:
    cache, file = cache_in(tmp_path), stated(server, "model.bin")
    (cache.folder / ".parts").mkdir(parents=True)
    (cache.folder / ".parts" / f"{file.sha256}.part").write_bytes(MODEL[:9])
    assert cache.state(file) == "partly here"


def test_of_many_who_fetch_at_once_one_does(server: Mirror, tmp_path: Path) -> None:
    file, fork = stated(server, "model.bin"), multiprocessing.get_context("fork")
    with fork.Pool(3) as pool:
        did = pool.starmap(_fetch, [(tmp_path, file)] * 3)
    assert sorted(did) == [False, False, True]
    assert len(server.requests) == 1
    assert cache_in(tmp_path).path(file).read_bytes() == MODEL


def _fetch(folder: Path, file: Weights) -> bool:
    return cache_in(folder).fetch(file, lambda here, size: None)


def unverified(server: Mirror, name: str, **other: object) -> Weights:
    fields = {"path": f"engine-r1/{name}", "licence": "MIT", "url": server.url(name)} | other
    return Weights.model_validate(fields | {"unverified": True})


def test_what_nobody_verified_is_accepted_once_and_holds_from_then_on(
    server: Mirror, tmp_path: Path
) -> None:
    cache, file = cache_in(tmp_path), unverified(server, "model.bin")
    wanted = wanted_weights([spec("a", file)])
    with pytest.raises(PolicyRefused, match=r"engine-r1/model\.bin.*--accept-new"):
        refuse_unverified(cache, wanted)
    told: list[tuple[int, int]] = []
    assert fetch_all(cache, wanted, lambda *one: told.append(one)) == wanted
    assert told[-1] == (400_000, 400_000), "the host said how large it is"
    refuse_unverified(cache, wanted)
    assert cache.state(file) == "here"
    assert cache.accepted_digest(file) == hashlib.sha256(MODEL).hexdigest()
    cache.path(file).write_bytes(VOICE)
    assert (cache.state(file), cache.accepted_digest(file)) == ("damaged", None)
    server.files["model.bin"] = MODEL[::-1]
    with pytest.raises(InvalidInput, match="don't use it"):
        cache.fetch(file, lambda here, size: None)


def test_what_lies_there_unaccepted_is_not_used(server: Mirror, tmp_path: Path) -> None:
    cache, file = cache_in(tmp_path), unverified(server, "model.bin")
    cache.path(file).parent.mkdir(parents=True)
    cache.path(file).write_bytes(MODEL)
    assert (cache.state(file), cache.accepted_digest(file)) == ("not accepted", None)


def test_left_overs_of_a_file_that_nobody_knows_are_not_trusted(
    server: Mirror, tmp_path: Path
) -> None:
    cache, file = cache_in(tmp_path), unverified(server, "model.bin")
    (cache.folder / ".parts").mkdir(parents=True)
    name = "url-" + hashlib.sha256(file.url.encode()).hexdigest()
    (cache.folder / ".parts" / f"{name}.part").write_bytes(bytes(1000))
    assert cache.state(file) == "partly here"
    cache.fetch(file, lambda here, size: None)
    assert cache.path(file).read_bytes() == MODEL


def test_a_mirror_has_the_files_by_their_paths(server: Mirror, tmp_path: Path) -> None:
    server.files["copies/engine-r1/model.bin"] = server.files.pop("model.bin")
    file = Weights(
        path="engine-r1/model.bin",
        sha256=hashlib.sha256(MODEL).hexdigest(),
        licence="MIT",
        page="https://example.org/model",
    )
    mirrored = ModelCache(tmp_path, mirror=server.url("copies"))
    assert mirrored.fetch(file, lambda here, size: None)
    assert mirrored.path(file).read_bytes() == MODEL


def test_what_can_not_be_fetched_says_what_to_do(server: Mirror, tmp_path: Path) -> None:
    page = "https://example.org/model"
    by_hand = Weights(path="a/m.bin", sha256="a" * 64, licence="MIT", page=page)
    with pytest.raises(DependencyUnavailable, match=rf"a/m\.bin: no URL.*{page}.*weights import"):
        cache_in(tmp_path).fetch(by_hand, lambda here, size: None)
    offline = ModelCache(tmp_path, offline=True)
    with pytest.raises(DependencyUnavailable, match=r"AIRDUB_OFFLINE.*weights import"):
        offline.fetch(stated(server, "model.bin"), lambda here, size: None)
    assert not server.requests


def test_files_come_at_once_and_one_that_fails_ends_all(server: Mirror, tmp_path: Path) -> None:
    server.pause = threading.Event()
    cache = cache_in(tmp_path)
    both = wanted_weights([spec("a", stated(server, "model.bin"), stated(server, "voice.bin"))])

    def release_when_both_were_asked_for() -> None:
        while len(server.requests) < 2:
            threading.Event().wait(0.01)
        server.pause.set()  # type: ignore[union-attr]

    threading.Thread(target=release_when_both_were_asked_for, daemon=True).start()
    seen: list[int] = []
    assert fetch_all(cache, both, lambda *_: seen.append(len(server.requests))) == both
    assert seen[0] == 2, "both were asked for before one had come"
    lost = stated(server, "model.bin", path="engine-r2/lost.bin", url=server.url("lost.bin"))
    lost = lost.model_copy(update={"sha256": "b" * 64})
    with pytest.raises(InvalidInput, match=r"lost\.bin: the host answers 404"):
        fetch_all(cache, [*both, Wanted(lost, ("transcribe/a",))], lambda *_: None)


def test_a_file_is_imported_by_its_bytes(server: Mirror, tmp_path: Path) -> None:
    cache, file = cache_in(tmp_path), stated(server, "model.bin")
    wanted = wanted_weights([spec("a", file)])
    (tmp_path / "some name").write_bytes(MODEL)
    assert import_file(cache, wanted, tmp_path / "some name").weights == file
    assert cache.path(file).read_bytes() == MODEL
    assert cache.state(file) == "here"
    (tmp_path / "model.bin").write_bytes(VOICE)
    with pytest.raises(InvalidInput, match=r"no engine wants.*engine-r1/model\.bin"):
        import_file(cache, wanted, tmp_path / "model.bin")
    with pytest.raises(InvalidInput, match="can't be read"):
        import_file(cache, wanted, tmp_path)


def test_a_file_that_nobody_verified_is_imported_by_its_name(
    server: Mirror, tmp_path: Path
) -> None:
    cache, file = cache_in(tmp_path), unverified(server, "voice.bin")
    (tmp_path / "voice.bin").write_bytes(VOICE)
    wanted = wanted_weights([spec("a", file)])
    with pytest.raises(PolicyRefused, match=hashlib.sha256(VOICE).hexdigest()):
        import_file(cache, wanted, tmp_path / "voice.bin")
    import_file(cache, wanted, tmp_path / "voice.bin", accept_new=True)
    assert cache.state(file) == "here"
    again = unverified(server, "voice.bin", path="other-r1/voice.bin")
    both = wanted_weights([spec("a", again), spec("b", file)])
    (tmp_path / "voice.bin").write_bytes(MODEL)
    with pytest.raises(InvalidInput, match=r"engine-r1/voice\.bin or other-r1.*--engine"):
        import_file(cache, both, tmp_path / "voice.bin", accept_new=True)


def test_engines_share_a_file(server: Mirror) -> None:
    file = stated(server, "model.bin")
    packaged = Weights(path="p/x", sha256="0" * 64, bytes=1, licence="MIT", package="x")
    assert wanted_weights([spec("a", file, packaged), spec("b", file), spec("a", file)]) == [
        Wanted(file, ("transcribe/a", "transcribe/b"))
    ]


def test_one_path_never_has_two_contents(server: Mirror) -> None:
    other = stated(server, "voice.bin", path="engine-r1/model.bin")
    with pytest.raises(InvalidInput, match=r"transcribe/b: engine-r1/model\.bin is stated with"):
        wanted_weights([spec("a", stated(server, "model.bin")), spec("b", other)])


def test_a_licence_that_may_forbid_commercial_use_is_accepted_by_name(server: Mirror) -> None:
    file = stated(server, "model.bin", licence="CC-BY-NC-4.0")
    wanted = wanted_weights([spec("a", file, commercial_use=False)])
    for accepted in ([], ["CC-BY-4.0"], ["CC-BY-NC-SA-4.0"]):
        with pytest.raises(PolicyRefused, match=r"--accept-licence CC-BY-NC-4\.0"):
            refuse_unaccepted(wanted, accepted)
    refuse_unaccepted(wanted, ["CC-BY-NC-4.0"])


def test_engines_are_chosen_by_name_by_profile_or_all() -> None:
    assert [one.name for one in choose_engines(["transcribe/pocketsphinx"])] == ["pocketsphinx"]
    embedded = {(one.stage, one.name) for one in choose_engines(profiles=["embedded"])}
    assert ("lipsync", "hybrid") in embedded
    assert ("lipsync", "none") not in embedded
    assert ("lipsync", "none") in {(one.stage, one.name) for one in choose_engines()}
    for engine, words in (("whisper", "STAGE/NAME"), ("transcribe/wisper", "no engine 'wisper'")):
        with pytest.raises(InvalidInput, match=words):
            choose_engines([engine])


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "../x"},
        {"path": "/etc/passwd"},
        {"sha256": "A" * 64},
        {"sha256": ""},
        {"page": "https://example.org"},
        {"url": "", "package": "x", "unverified": True},
        {"bytes": 0},
        {"url": "ftp://example.org/x"},
        {"url": "https://user:password@example.org/x"},
        {"url": ""},
        {"package": "x"},
        {"licence": ""},
    ],
    ids=str,
)
def test_weights_that_can_not_be_are_refused(wrong: dict[str, object]) -> None:
    right = {"path": "a/x", "sha256": "a" * 64, "bytes": 1, "licence": "MIT"}
    right["url"] = "https://example.org/x"
    Weights.model_validate(right)
    with pytest.raises(ValidationError):
        Weights.model_validate(right | wrong)
