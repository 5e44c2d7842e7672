"""Items are cached by all that may change them."""

from __future__ import annotations

from pathlib import Path

import pytest

from airdub.consents import consent_folder
from airdub.requests import EngineRef
from model_images.runner.items import ItemCache, NoteCache
from tests.builders import local_store

KEY = {"text": "Hola", "rate": 1.0}


@pytest.fixture
def take(tmp_path: Path) -> Path:
    file = tmp_path / "take.wav"
    file.write_bytes(b"RIFFtake")
    return file


def test_an_item_comes_back(tmp_path: Path, take: Path) -> None:
    store = local_store(tmp_path)
    cache = ItemCache(store, "synthesize", EngineRef(name="flite", version="1"))
    assert cache.get(KEY) is None
    item = cache.put(KEY, take, {"phonemes": 4})
    assert cache.get(KEY) == item
    assert store.read(item.file.key) == b"RIFFtake"
    assert item.data == {"phonemes": 4}


def test_what_holds_a_person_lies_apart_from_all_else(tmp_path: Path, take: Path) -> None:
    store = local_store(tmp_path)
    cache = ItemCache(store, "convert_voice", EngineRef(name="world", version="1"))
    ana, ben = "Ana", "Ben"
    item = cache.put(KEY, take, {}, ana)
    assert item.file.key.startswith(f"{consent_folder('convert_voice', ana)}/")
    assert cache.get(KEY, ana) == item
    assert cache.get(KEY, ben) is None
    assert cache.get(KEY) is None


def test_another_key_engine_or_version_is_another_item(tmp_path: Path, take: Path) -> None:
    store = local_store(tmp_path)
    ItemCache(store, "synthesize", EngineRef(name="flite", version="1")).put(KEY, take, {})
    assert ItemCache(store, "synthesize", EngineRef(name="flite", version="2")).get(KEY) is None
    assert ItemCache(store, "synthesize", EngineRef(name="other", version="1")).get(KEY) is None
    again = ItemCache(store, "synthesize", EngineRef(name="flite", version="1"))
    assert again.get({**KEY, "rate": 1.1}) is None
    assert again.get(dict(reversed(KEY.items()))) is not None


def test_the_second_writer_adopts_the_first(tmp_path: Path, take: Path) -> None:
    store = local_store(tmp_path)
    cache = ItemCache(store, "synthesize", EngineRef(name="flite", version="1"))
    first = cache.put(KEY, take, {})
    take.write_bytes(b"RIFFother")
    assert cache.put(KEY, take, {}) == first
    assert len([key for key in store.list("work") if key.endswith(".wav")]) == 1


def test_an_item_whose_sound_is_gone_is_made_again(tmp_path: Path, take: Path) -> None:
    store = local_store(tmp_path)
    cache = ItemCache(store, "synthesize", EngineRef(name="flite", version="1"))
    store.delete(cache.put(KEY, take, {}).file.key)
    assert cache.get(KEY) is None
    assert cache.get(KEY) is None
    item = cache.put(KEY, take, {})
    assert cache.get(KEY) == item


def test_what_was_erased_stays_so_when_it_is_used(tmp_path: Path, take: Path) -> None:
    store = local_store(tmp_path)
    cache = ItemCache(store, "synthesize", EngineRef(name="flite", version="1"))
    item = cache.put(KEY, take, {})
    assert cache.touch(item)
    store.delete("work")
    assert not cache.touch(item)
    assert store.list("work") == []


class TestNotes:
    def test_a_note_is_found_by_its_key_alone(self, tmp_path: Path) -> None:
        notes = NoteCache(local_store(tmp_path), "evaluate", EngineRef(name="metrics", version="1"))
        assert notes.get({"line": "a"}) is None
        assert notes.put({"line": "a"}, {"words": ["one", "two"]}) == {"words": ["one", "two"]}
        assert notes.get({"line": "a"}) == {"words": ["one", "two"]}
        assert notes.get({"line": "b"}) is None

    def test_another_engine_version_has_its_own_notes(self, tmp_path: Path) -> None:
        store = local_store(tmp_path)
        NoteCache(store, "evaluate", EngineRef(name="metrics", version="1")).put({"a": 1}, 2)
        assert (
            NoteCache(store, "evaluate", EngineRef(name="metrics", version="2")).get({"a": 1})
            is None
        )

    def test_a_broken_note_is_no_note(self, tmp_path: Path) -> None:
        store = local_store(tmp_path)
        notes = NoteCache(store, "evaluate", EngineRef(name="metrics", version="1"))
        notes.put({"a": 1}, 2)
        (key,) = store.list("work/evaluate/notes")
        store.write(key, b"{half")
        assert notes.get({"a": 1}) is None
