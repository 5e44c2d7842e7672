"""A character keeps the voice of the first published episode."""

from __future__ import annotations

import pytest

from airdub.continuity.voices import kept_voices, record_voices
from airdub.errors import IncompleteResult
from airdub.orders import DubOrder
from tests.builders import stored, transcript
from tests.unit.airdub.catalog.judged import TITLE_ID

from .conftest import Library

ORDER = DubOrder(
    title_id=TITLE_ID,
    source="/films/tower.mp4",
    source_language="en",
    target_language="es-419",
)
VOICES = {"ANNA": "roa/es-419+f2", "speaker_1": "roa/es-419"}


def publish(library: Library, run_id: str = "first") -> dict[str, str]:
    """Publish the title with these voices, and record them."""
    library.publish(run_id, {"source": library.file("film", run_id)}, voices=VOICES)
    return record_voices(library.catalog, library.store, library.releases[0])


def kept(library: Library, *speakers: str, engine: str = "espeak_ng") -> dict[str, str]:
    """What a dub of the title with these speakers would be told."""
    spans = [(float(at), at + 0.9, "Words.") for at in range(len(speakers))]
    source = transcript(*spans)
    segments = tuple(
        segment.model_copy(update={"speaker": speaker})
        for segment, speaker in zip(source.segments, speakers, strict=True)
    )
    said = source.model_copy(update={"segments": segments})
    ref = stored(library.store, "said", said)
    return kept_voices(library.catalog, library.store, ORDER, engine, ref)


def test_what_was_published_is_kept_for_those_who_have_a_name(library: Library) -> None:
    library.register()
    assert publish(library) == VOICES
    told = kept(library, "Anna", "BEN", "speaker_1")
    assert told == {"Anna": "roa/es-419+f2"}
    assert kept(library, "BEN") == {}
    assert kept(library, "ANNA", engine="xtts") == {}


def test_a_person_may_say_who_an_unnamed_voice_is(library: Library) -> None:
    library.register()
    publish(library)
    library.catalog.set_label("tower", "ANNA", "speaker_1", TITLE_ID)
    assert kept(library, "speaker_1") == {"speaker_1": "roa/es-419+f2"}


def test_recording_a_release_again_changes_nothing(library: Library) -> None:
    library.register()
    publish(library)
    before = library.catalog.voices_of_series("tower")
    record_voices(library.catalog, library.store, library.releases[0])
    assert library.catalog.voices_of_series("tower") == before


def test_a_title_outside_any_series_keeps_nothing(library: Library) -> None:
    assert publish(library) == {}
    assert kept(library, "ANNA") == {}
    library.register(series_id=None)
    assert publish(library, "second") == {}


def test_a_release_that_is_not_current_decides_nothing(library: Library) -> None:
    library.register()
    library.publish("first", {"source": library.file("film", "one")}, voices=VOICES)
    old = library.releases[0].model_copy(update={"state": "replaced"})
    assert record_voices(library.catalog, library.store, old) == {}
    assert library.catalog.characters("tower") == []


def test_a_release_whose_work_is_gone_keeps_nothing_and_says_so(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    library.register()
    library.publish("first", {"source": library.file("film", "one")}, voices=VOICES)
    library.store.delete("work/synthesize")
    assert record_voices(library.catalog, library.store, library.releases[0]) == {}
    assert "voices are not kept" in caplog.text


def test_a_transcript_that_can_not_be_read_says_what_to_clear(library: Library) -> None:
    library.register()
    publish(library)
    ref = library.file("transcript", "no transcript")
    with pytest.raises(IncompleteResult, match="clear transcribe"):
        kept_voices(library.catalog, library.store, ORDER, "espeak_ng", ref)
    library.store.delete(ref.key)
    with pytest.raises(IncompleteResult, match="clear transcribe"):
        kept_voices(library.catalog, library.store, ORDER, "espeak_ng", ref)
