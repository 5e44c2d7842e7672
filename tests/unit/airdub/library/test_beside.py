"""What lies beside a video is told by its name alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airdub.library.beside import chosen_endings, endings_of, is_ending, present_inputs


def test_what_is_taken_into_a_dub_depends_on_its_languages() -> None:
    beside = ".es.reference.srt .es.srt .glossary.csv .me.wav .srt"
    assert present_inputs(beside, "en", "es") == {
        *("source", "script", "target_script", "reference", "background_stem", "glossary")
    }
    assert present_inputs(beside, "es", "en") == {
        *("source", "script", "background_stem", "glossary")
    }
    assert present_inputs("", "en", "es") == {"source"}


def test_the_most_particular_script_is_taken() -> None:
    there = {".srt", ".pt.vtt", ".pt-br.ttml"}
    assert chosen_endings(there, "pt-BR", "en") == {"script": ".pt-br.ttml"}
    assert chosen_endings(there - {".pt-br.ttml"}, "pt-BR", "en") == {"script": ".pt.vtt"}
    assert chosen_endings({".srt"}, "pt-BR", "en") == {"script": ".srt"}


def test_a_file_may_lie_beside_two_videos() -> None:
    assert list(endings_of("film.es.srt")) == [("film", ".es.srt"), ("film.es", ".srt")]
    assert list(endings_of("Film 1.5.ME.WAV")) == [("Film 1.5", ".me.wav")]
    assert list(endings_of("film.mp4")) == []


@pytest.mark.parametrize(
    ("ending", "known"),
    [
        (".srt", True),
        (".zh-Hant-TW.TTML", True),
        (".es.reference.vtt", True),
        (".reference.srt", False),
        (".wav", False),
        (".csv", False),
        (".mp4.srt", False),
        (".e.srt", False),
        (".es\n.srt", False),
        (".srt\n", False),
    ],
)
def test_only_known_endings_count(ending: str, known: bool) -> None:
    assert is_ending(ending) is known


_LANGUAGES = st.sampled_from(["en", "es", "es-419", "pt-BR", "zh-Hant"])


@given(_LANGUAGES, _LANGUAGES, st.data())
def test_whatever_is_chosen_is_an_ending_that_a_scan_records(
    source: str, target: str, data: st.DataObject
) -> None:
    suffixes = st.sampled_from(["srt", "vtt", "ttml"])
    tags = st.sampled_from(["", f".{source}", f".{target}", f".{target}.reference", ".fr"])
    there = data.draw(
        st.sets(st.builds(lambda tag, suffix: f"{tag}.{suffix}".casefold(), tags, suffixes))
    )
    chosen = chosen_endings(there, source, target)
    assert set(chosen.values()) <= there
    assert all(is_ending(ending) for ending in chosen.values())
    assert present_inputs(" ".join(there), source, target) == {"source", *chosen}
