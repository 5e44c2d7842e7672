"""Per-item caches: a stage that works item by item redoes only what changed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import Field, JsonValue, ValidationError

from airdub import CONTRACT_VERSION
from airdub.artifacts import ArtifactRef, ArtifactStore, file_digest
from airdub.consents import consent_folder
from airdub.model import Document, canonical_json
from airdub.requests import EngineRef


class StoredItem(Document):
    """One cached item: its file, and whatever small data belongs to it."""

    file: ArtifactRef
    data: dict[str, JsonValue] = Field(default_factory=dict)


def _fingerprint(stage: str, engine: EngineRef, key: dict[str, Any]) -> str:
    return hashlib.sha256(
        canonical_json(
            {
                "contract": CONTRACT_VERSION,
                "stage": stage,
                "engine": engine.model_dump(mode="json"),
                "key": key,
            }
        )
    ).hexdigest()


class ItemCache:
    """Items of one stage and engine, by everything that may change them.

    An item lies under `work/<stage>/items/<fp[:2]>/<fp>/`; its `item.json` is created last and only
    if absent, like a stage's result. An item that holds a person's voice or face lies under
    `work/<stage>/consents/<consent>/` instead, so that it goes when he takes his consent back.

    Args:
        kind: name of the folder of those that need no consent.
    """

    def __init__(
        self, store: ArtifactStore, stage: str, engine: EngineRef, kind: str = "items"
    ) -> None:
        self._store = store
        self._stage = stage
        self._engine = engine
        self._kind = kind

    def _folder(self, key: dict[str, Any], consent: str) -> str:
        print_ = _fingerprint(self._stage, self._engine, key)
        root = (
            consent_folder(self._stage, consent) if consent else f"work/{self._stage}/{self._kind}"
        )
        return f"{root}/{print_[:2]}/{print_}"

    def get(self, key: dict[str, Any], consent: str = "") -> StoredItem | None:
        """The item made for this key, if it was and its file is still whole.

        Args:
            consent: name of the consent under which it holds a voice or face (`consent_folder`);
                "" it holds none.
        """
        try:
            item = StoredItem.model_validate_json(
                self._store.read(f"{self._folder(key, consent)}/item.json")
            )
        except (FileNotFoundError, ValidationError):
            return None
        return item if self._store.holds(item.file) else None

    def touch(self, item: StoredItem) -> bool:
        """Let sweeping see that an item is used; False when it is gone."""
        return self._store.touch(f"{_folder_of(item)}/item.json")

    def drop(self, item: StoredItem) -> None:
        """Remove an item that is of no use, so that it is made again."""
        self._store.delete(_folder_of(item))

    def put(
        self,
        key: dict[str, Any],
        file: Path,
        data: dict[str, Any],
        consent: str = "",
        media_type: str = "audio/wav",
    ) -> StoredItem:
        """Store an item; when another writer was first, his is returned.

        Args:
            key: everything that may change the item, but the engine.
            file: copied.
            consent: see `get`.
        """
        folder = self._folder(key, consent)
        digest, _ = file_digest(file)  # named by content: manifests of items are reproducible
        ref = self._store.put(file, f"{folder}/{digest}{file.suffix}", media_type)
        item = StoredItem(file=ref, data=data)
        if self._store.create(f"{folder}/item.json", item.to_json()):
            return item
        winner = self.get(key, consent)
        if winner is None:  # the winner's file is gone: ours takes its place
            self._store.write(f"{folder}/item.json", item.to_json())
            return item
        if winner.file.key != ref.key:
            self._store.delete(ref.key)
        return winner


def _folder_of(item: StoredItem) -> str:
    return item.file.key.rpartition("/")[0]


class NoteCache:
    """Small JSON values of one stage and engine, by everything that may change them.

    A value lies in `work/<stage>/notes/<fp[:2]>/<fp>.json`; whoever writes it writes the same.
    """

    def __init__(self, store: ArtifactStore, stage: str, engine: EngineRef) -> None:
        self._store = store
        self._stage = stage
        self._engine = engine

    def _key(self, key: dict[str, Any]) -> str:
        print_ = _fingerprint(self._stage, self._engine, key)
        return f"work/{self._stage}/notes/{print_[:2]}/{print_}.json"

    def get(self, key: dict[str, Any]) -> Any:
        """The value for this key; None when there is none, or it can't be read."""
        try:
            return json.loads(self._store.read(self._key(key)))
        except (FileNotFoundError, ValueError):
            return None

    def put(self, key: dict[str, Any], value: Any) -> Any:
        """Keep a value; returns it as it will be read back.

        Raises:
            ValueError: it is None, or no JSON value.
        """
        if value is None:
            raise ValueError("None is no note")
        data = canonical_json(value)
        self._store.write(self._key(key), data)
        return json.loads(data)
