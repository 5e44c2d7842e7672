"""What series keep over their episodes: characters, their voices, and words."""

from __future__ import annotations

from collections.abc import Mapping

from airdub.catalog.glossaries import Glossaries
from airdub.catalog.session import now
from airdub.consents import checked_name
from airdub.continuity.characters import character_id, characters_of
from airdub.continuity.documents import (
    Character,
    CharacterLabel,
    CharacterVoice,
    EpisodeVoice,
)
from airdub.errors import InvalidInput


class Continuity(Glossaries):
    """Characters and voices of series, and their words. Times are the catalogue's."""

    def characters(self, series_id: str) -> list[Character]:
        """Who speaks in a series."""
        rows = self._run("find_characters", series_id=series_id)
        return [Character.model_validate(row) for row in rows]

    def character_labels(self, series_id: str) -> list[CharacterLabel]:
        """How else a series' characters are called."""
        rows = self._run("labels_of_series", series_id=series_id)
        return [CharacterLabel.model_validate(row) for row in rows]

    def labels_of_title(self, series_id: str, title_id: str) -> dict[str, str]:
        """Character id by another name in an episode; what is said of it alone goes first."""
        rows = self._run("labels_of_title", series_id=series_id, title_id=title_id)
        return {row["label"]: row["character_id"] for row in rows}

    def set_label(self, series_id: str, name: str, label: str, title_id: str = "") -> None:
        """Say that scripts call a character otherwise.

        Args:
            name: of the character; "" takes the label back.
            title_id: the one episode that does; "" all.

        Raises:
            InvalidInput: there is no such series, or a name is none.
        """
        key = {"series_id": series_id, "title_id": title_id, "label": _identified(label)}
        with self.transaction():
            self.series(series_id)
            if not name:
                self._run("remove_character_label", **key)
                return
            character = self._character(series_id, name)
            self._run("set_character_label", **key, character_id=character)

    # voices

    def character_voices(self, series_id: str, language: str, engine: str) -> dict[str, str]:
        """The voices that characters keep with an engine in a language, by character id."""
        rows = self._run("character_voices", series_id=series_id, language=language, engine=engine)
        return {row["character_id"]: row["voice"] for row in rows}

    def voices_of_series(self, series_id: str) -> list[CharacterVoice]:
        """Every voice that a character of a series keeps."""
        rows = self._run("voices_of_series", series_id=series_id)
        return [CharacterVoice.model_validate(row) for row in rows]

    def spoken_otherwise(self, series_id: str) -> list[EpisodeVoice]:
        """Where a published episode has another voice than the one that the character keeps."""
        rows = self._run("episodes_spoken_otherwise", series_id=series_id)
        return [EpisodeVoice.model_validate(row) for row in rows]

    def set_voice(
        self, series_id: str, name: str, voice: str, *, language: str, engine: str, who: str
    ) -> None:
        """Give a character a voice, whatever he had; he need not have spoken yet.

        Args:
            who: the person who says so.

        Raises:
            InvalidInput: there is no such series, or the name is none.
        """
        of = {"series_id": series_id, "language": language, "engine": engine}
        with self.transaction():
            self.series(series_id)
            said = {"character_id": self._character(series_id, name), "voice": voice, "who": who}
            self._run("set_character_voice", **of, **said, now=now())

    def forget_voice(self, series_id: str, name: str, language: str, engine: str) -> bool:
        """Let the next published episode decide on a character's voice; whether he had one."""
        key = {"series_id": series_id, "character_id": _identified(name)}
        return bool(self._run("forget_character_voice", **key, language=language, engine=engine))

    def keep_voices(
        self,
        series_id: str,
        title_id: str,
        voices: Mapping[str, str],
        *,
        language: str,
        engine: str,
        run_id: str,
    ) -> None:
        """Record which voices a published episode has; the first one of a character is kept.

        Recording it again is fine; another release's voices replace those of the one before.

        Args:
            voices: by speaker of the episode.
            run_id: of the release.
        """
        of = {"series_id": series_id, "language": language, "title_id": title_id}
        with self.transaction():
            self._run("forget_episode_voices", **of)
            found = characters_of(voices, self.labels_of_title(series_id, title_id))
            speakers = {character: speaker for speaker, character in reversed(found.items())}
            for character in sorted(speakers):  # in one order: nobody waits for another in a circle
                speaker = speakers[character]
                self._character(series_id, speaker, character)
                said = {"character_id": character, "voice": voices[speaker], "now": now()}
                self._run("keep_character_voice", **of, engine=engine, **said)
                self._run("note_episode_voice", **of, engine=engine, run_id=run_id, **said)

    def _character(self, series_id: str, name: str, known: str = "") -> str:
        """A character's id, recorded if it is new."""
        identified = known or _identified(name)
        row = {"series_id": series_id, "character_id": identified, "name": checked_name(name)}
        self._run("insert_character", **row, now=now())
        return identified


def _identified(name: str) -> str:
    try:
        return character_id(name)
    except ValueError as error:
        raise InvalidInput(str(error), where="name", remedy="correct it") from error
