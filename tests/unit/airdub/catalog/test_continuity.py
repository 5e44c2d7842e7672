"""Characters, voices and words of series, on both databases."""

from __future__ import annotations

import pytest

from airdub.catalog import Catalog, open_catalog
from airdub.continuity.documents import CharacterLabel, GlossaryTerm
from airdub.errors import InvalidInput
from airdub.glossary import MAX_TERMS, Term
from airdub.library.documents import FileBeside, SourceVersion, Title
from tests.unit.airdub.catalog.judged import FORK

SPANISH = {"language": "es", "engine": "espeak_ng"}


def episode(catalog: Catalog, number: int, series_id: str = "tower") -> str:
    """Register an episode of a series; its title id."""
    title_id = f"{series_id}-e{number}"
    file = FileBeside(
        ending="", location=f"/films/{title_id}.mp4", sha256="a" * 64, bytes=1, stamp="1"
    )
    version = SourceVersion.of(title_id, [file], 60.0)
    title = Title(
        title_id=title_id, name=title_id, series_id=series_id, episode=number,
        source_language="en", location=file.location, version=version.version, duration_s=60.0,
    )  # fmt: skip
    catalog.register(title, version, "The Tower")
    return title_id


def publish(catalog: Catalog, title_id: str, voices: dict[str, str], **other: str) -> None:
    said = {**SPANISH, "run_id": f"run of {title_id}", **other}
    catalog.keep_voices("tower", title_id, voices, **said)


def _publish(url: str, title_id: str, speakers: list[str]) -> None:
    """Publish an episode from a process of its own."""
    with open_catalog(url) as catalog:
        publish(catalog, title_id, dict.fromkeys(speakers, title_id))


def spanish_voices(catalog: Catalog) -> dict[str, str]:
    return catalog.character_voices("tower", "es", "espeak_ng")


def test_series_are_listed_with_their_episodes(catalog: Catalog) -> None:
    episode(catalog, 1), episode(catalog, 2), episode(catalog, 1, "abbey")
    assert [(one.series_id, one.titles) for one in catalog.every_series()] == [
        ("abbey", 1),
        ("tower", 2),
    ]
    assert catalog.series("tower").name == "The Tower"
    with pytest.raises(InvalidInput, match="nosuch: there is no such series"):
        catalog.series("nosuch")


class TestVoices:
    def test_the_first_published_episode_decides_and_later_ones_are_told(
        self, catalog: Catalog
    ) -> None:
        one, two = episode(catalog, 1), episode(catalog, 2)
        publish(catalog, one, {"ANNA": "roa/es+f2", "speaker_1": "roa/es"})
        publish(catalog, two, {"Anna": "roa/es", "BEN": "roa/es+m3"})
        assert spanish_voices(catalog) == {"anna": "roa/es+f2", "ben": "roa/es+m3"}
        (stray,) = catalog.spoken_otherwise("tower")
        assert (stray.title_id, stray.character_id, stray.voice) == (two, "anna", "roa/es")
        publish(catalog, two, {"Anna": "roa/es+f2", "BEN": "roa/es+m3"}, run_id="again")
        assert catalog.spoken_otherwise("tower") == []
        kept = {one.character_id: one.title_id for one in catalog.voices_of_series("tower")}
        assert kept == {"anna": one, "ben": two}
        assert [one.name for one in catalog.characters("tower")] == ["ANNA", "BEN"]

    def test_each_language_and_each_engine_has_voices_of_its_own(self, catalog: Catalog) -> None:
        one = episode(catalog, 1)
        publish(catalog, one, {"ANNA": "roa/es+f2"})
        publish(catalog, one, {"ANNA": "roa/fr"}, language="fr")
        publish(catalog, one, {"ANNA": "female-7"}, engine="xtts")
        assert spanish_voices(catalog) == {"anna": "roa/es+f2"}
        assert catalog.character_voices("tower", "es", "xtts") == {"anna": "female-7"}
        assert catalog.character_voices("tower", "fr", "espeak_ng") == {"anna": "roa/fr"}
        assert catalog.character_voices("abbey", "es", "xtts") == {}
        assert catalog.spoken_otherwise("tower") == []

    def test_a_persons_choice_replaces_what_was_found_and_stays(self, catalog: Catalog) -> None:
        one = episode(catalog, 1)
        publish(catalog, one, {"ANNA": "roa/es"})
        catalog.set_voice("tower", " Anna ", "roa/es+f4", **SPANISH, who="eva")
        publish(catalog, one, {"ANNA": "roa/es"})
        (kept,) = catalog.voices_of_series("tower")
        assert (kept.voice, kept.who, kept.title_id) == ("roa/es+f4", "eva", "")
        assert [one.title_id for one in catalog.spoken_otherwise("tower")] == [one]
        assert catalog.forget_voice("tower", "ANNA", "es", "espeak_ng")
        assert not catalog.forget_voice("tower", "ANNA", "es", "espeak_ng")
        assert spanish_voices(catalog) == {}
        publish(catalog, one, {"ANNA": "roa/es"})
        assert spanish_voices(catalog) == {"anna": "roa/es"}

    def test_another_name_is_the_same_character(self, catalog: Catalog) -> None:
        one, two = episode(catalog, 1), episode(catalog, 2)
        publish(catalog, one, {"ANNA": "roa/es+f2"})
        catalog.set_label("tower", "ANNA", "DR. LÓPEZ")
        catalog.set_label("tower", "BEN", "speaker_1", two)
        assert catalog.labels_of_title("tower", one) == {"dr. lópez": "anna"}
        labels = {"dr. lópez": "anna", "speaker_1": "ben"}
        assert catalog.labels_of_title("tower", two) == labels
        publish(catalog, two, {"Dr. López": "roa/es", "speaker_1": "roa/es+m3"})
        assert spanish_voices(catalog) == {"anna": "roa/es+f2", "ben": "roa/es+m3"}
        catalog.set_label("tower", "BEN", "Dr. López", two)
        assert catalog.labels_of_title("tower", two)["dr. lópez"] == "ben"
        catalog.set_label("tower", "", "Dr. López", two)
        assert catalog.character_labels("tower") == [
            CharacterLabel(label="dr. lópez", character_id="anna"),
            CharacterLabel(title_id=two, label="speaker_1", character_id="ben"),
        ]

    def test_of_two_who_are_the_same_character_the_first_counts(self, catalog: Catalog) -> None:
        one = episode(catalog, 1)
        catalog.set_label("tower", "ANNA", "THE VOICE")
        publish(catalog, one, {"THE VOICE": "roa/es+f5", "ANNA": "roa/es+f2"})
        assert spanish_voices(catalog) == {"anna": "roa/es+f2"}
        assert catalog.spoken_otherwise("tower") == []

    def test_publishers_at_once_keep_one_voice_each(self, ready_url: str, catalog: Catalog) -> None:
        titles = [episode(catalog, number) for number in range(4)]
        names = [f"C{number:02}" for number in range(20)]
        called = [f"X{19 - number:02}" for number in range(20)]  # sorted the other way round
        for title in titles[::2]:
            for name, label in zip(names, called, strict=True):
                catalog.set_label("tower", name, label, title)
        processes = [
            FORK.Process(target=_publish, args=(ready_url, title, names if at % 2 else called))
            for at, title in enumerate(titles)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join(60)
        assert [process.exitcode for process in processes] == [0] * 4
        assert sorted(spanish_voices(catalog)) == [name.lower() for name in names]
        strays = catalog.spoken_otherwise("tower")
        assert len(strays) == 3 * 20, "each character has one of the four episodes' voices"

    def test_what_is_no_series_or_name_is_refused(self, catalog: Catalog) -> None:
        episode(catalog, 1)
        with pytest.raises(InvalidInput, match="no such series"):
            catalog.set_voice("nosuch", "ANNA", "roa/es", **SPANISH, who="eva")
        with pytest.raises(InvalidInput, match="is no name"):
            catalog.set_voice("tower", "a\nb", "roa/es", **SPANISH, who="eva")
        with pytest.raises(InvalidInput, match="no such series"):
            catalog.set_label("nosuch", "ANNA", "A")
        assert catalog.characters("tower") == []


class TestTerms:
    def given(self, source: str, target: str, **other: object) -> GlossaryTerm:
        fields = {"source_language": "en", "language": "es", "source": source, "target": target}
        return GlossaryTerm.model_validate(fields | other)

    def test_terms_are_kept_by_their_word(self, catalog: Catalog) -> None:
        episode(catalog, 1)
        catalog.set_terms("tower", [self.given("Old Mill", "Molino"), self.given("it", "ello")])
        catalog.set_terms("tower", [self.given("old mill", "Molino Viejo")])
        catalog.set_terms("tower", [self.given("IT", "TI", match_case=True)])
        assert catalog.terms_between("tower", "en", "es") == [
            Term("IT", "TI", match_case=True),
            Term("it", "ello"),
            Term("old mill", "Molino Viejo"),
        ]
        assert len(catalog.terms_of_series("tower")) == 3
        assert catalog.forget_term("tower", "en", "es", "Old Mill")
        assert not catalog.forget_term("tower", "en", "es", "Old Mill")
        assert len(catalog.terms_of_series("tower")) == 2

    def test_a_region_has_its_own_words_and_those_of_its_language(self, catalog: Catalog) -> None:
        episode(catalog, 1)
        general = [self.given("car", "coche"), self.given("mill", "molino")]
        catalog.set_terms("tower", [*general, self.given("car", "carro", language="es-419")])
        catalog.set_terms("tower", [self.given("lift", "elevador", source_language="en-GB")])
        assert set(catalog.terms_between("tower", "en-GB", "es-419")) == {
            Term("mill", "molino"),
            Term("car", "carro"),
            Term("lift", "elevador"),
        }
        assert Term("car", "coche") in catalog.terms_between("tower", "en", "es")
        assert Term("lift", "elevador") in catalog.terms_between("tower", "en-GB", "es")
        assert catalog.terms_between("tower", "en", "fr") == []
        assert catalog.terms_between("abbey", "en", "es") == []

    def test_too_many_terms_are_refused_as_a_whole(self, catalog: Catalog) -> None:
        episode(catalog, 1)
        many = [self.given(f"w{number}", "x") for number in range(MAX_TERMS + 1)]
        with pytest.raises(InvalidInput, match=f"{MAX_TERMS + 1} terms from en to es"):
            catalog.set_terms("tower", many)
        assert catalog.terms_of_series("tower") == []
        with pytest.raises(InvalidInput, match="no such series"):
            catalog.set_terms("nosuch", many[:1])
