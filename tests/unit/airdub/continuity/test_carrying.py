"""What a dub takes along from its series and from its title's current release."""

from __future__ import annotations

import pytest

from airdub.continuity.documents import GlossaryTerm
from tests.unit.airdub.catalog.judged import TITLE_ID

from .conftest import APERTIUM, Library

NEWER = APERTIUM.model_copy(update={"version": "2"})


def test_nothing_is_carried_into_a_title_that_is_new(library: Library) -> None:
    assert library.carried({"source": library.file("film", "one")}) == {}


class TestApprovedLines:
    def test_another_version_gets_the_lines_of_the_current_release(self, library: Library) -> None:
        old = {"source": library.file("film", "one")}
        library.publish("first", old)
        changed = {"source": library.file("film", "two")}
        assert library.approved(changed) == ["Hola.", "Chao."]
        assert library.approved({**old, "script": library.file("srt", "a")}) == ["Hola.", "Chao."]
        library.publish("second", changed, spoken={"s0001": ("Hello.", "¡Hola!", "apertium")})
        assert library.approved({"source": library.file("film", "three")}) == ["¡Hola!"]

    def test_the_same_version_gets_none(self, library: Library) -> None:
        files = {"source": library.file("film", "one"), "glossary": library.file("terms", "x")}
        library.publish("first", files)
        assert library.approved(dict(files)) == []
        assert library.approved(dict(files), NEWER) == []

    def test_doing_a_release_again_gives_it_what_it_was_given(self, library: Library) -> None:
        library.publish("first", {"source": library.file("film", "one")})
        files = {"source": library.file("film", "two")}
        carried = library.carried(files)
        library.publish("second", files | carried)
        assert library.carried(files) == carried
        assert library.approved(files, NEWER) == ["Chao."]

    def test_an_engine_that_got_better_translates_all_that_nobody_wrote(
        self, library: Library
    ) -> None:
        machine = {"s0001": ("Hello.", "Hola.", "apertium, shortened")}
        library.publish("first", {"source": library.file("film", "one")}, spoken=machine)
        files = {"source": library.file("film", "two")}
        library.publish("second", files | library.carried(files))
        assert library.approved(files) == ["Hola."]
        assert library.carried(files, NEWER) == {}

    def test_a_script_beside_the_video_is_a_newer_word(self, library: Library) -> None:
        library.publish("first", {"source": library.file("film", "one")})
        files = {"source": library.file("film", "two"), "target_script": library.file("es", "x")}
        assert library.approved(files) == []

    def test_a_withdrawn_release_approves_nothing(self, library: Library) -> None:
        library.publish("first", {"source": library.file("film", "one")})
        (release,) = library.releases
        library.catalog.release_state(release.release_id, "withdrawn", was="current")
        assert library.approved({"source": library.file("film", "two")}) == []

    def test_lines_from_another_language_are_of_no_use(self, library: Library) -> None:
        library.publish("first", {"source": library.file("film", "one")})
        assert library.carried({"source": library.file("film", "two")}, source="fr") == {}

    @pytest.mark.parametrize("gone", ["work/ingest", "work/translate", "inputs/first-lines.json"])
    def test_a_release_whose_work_is_gone_approves_nothing_and_says_so(
        self, library: Library, gone: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        library.publish("first", {"source": library.file("film", "one")})
        library.store.delete(gone)
        assert library.approved({"source": library.file("film", "two")}) == []
        assert "No line keeps its approved translation" in caplog.text


class TestSeriesGlossary:
    def term(self, source: str, target: str, language: str = "es") -> GlossaryTerm:
        return GlossaryTerm(source_language="en", language=language, source=source, target=target)

    def test_the_words_of_the_series_are_an_input(self, library: Library) -> None:
        library.register()
        terms = [self.term("mill", "molino"), self.term("car", "voiture", "fr")]
        library.catalog.set_terms("tower", [*terms, self.term("Anna", "Anna", "es-419")])
        ref = library.carried({"source": library.file("film", "one")})["series_glossary"]
        text = library.store.read(ref.key).decode()
        assert text == "source,target,case\nAnna,Anna,no\nmill,molino,no\n"
        assert ref.key.endswith(f"{ref.sha256}/series-glossary.csv")
        assert ref.bytes == len(text)
        again = library.carried({"source": library.file("film", "two")})
        assert again == {"series_glossary": ref}

    def test_a_title_outside_any_series_has_none(self, library: Library) -> None:
        library.register(series_id=None)
        assert library.catalog.title(TITLE_ID)
        assert library.carried({"source": library.file("film", "one")}) == {}
