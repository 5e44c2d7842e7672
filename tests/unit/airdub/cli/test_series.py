"""What a series keeps, from the command line."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from airdub.catalog import open_catalog
from airdub.cli import app
from airdub.glossary import Term
from airdub.library.documents import FileBeside, SourceVersion, Title
from airdub.queue.selecting import Planner
from airdub.settings import load_settings

SPANISH = ("--to", "ES", "--engine", "espeak_ng")
WORDS = ("--from", "en", "--to", "es")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["series", *(str(argument) for argument in arguments)])


def row(shown: Result, word: str) -> str:
    """The table's row that has the word."""
    return next(line for line in shown.stdout.splitlines() if word in line)


@pytest.fixture
def tower(installation: Path) -> Path:
    """A library with two episodes of the series `tower`."""
    with open_catalog(load_settings().catalog_url) as catalog:
        for number in (1, 2):
            file = FileBeside(
                ending="", location=f"/films/e{number}.mp4", sha256="a" * 64, bytes=1, stamp="1"
            )
            version = SourceVersion.of(f"tower-e{number}", [file], 60.0)
            title = Title(
                title_id=f"tower-e{number}", name="x", series_id="tower", source_language="en",
                location=file.location, version=version.version, duration_s=60.0,
            )  # fmt: skip
            catalog.register(title, version, "The [red]Tower[/bold]")
    return installation


def published(number: int, voices: dict[str, str]) -> None:
    with open_catalog(load_settings().catalog_url) as catalog:
        of = {"language": "es", "engine": "espeak_ng", "run_id": f"run {number}"}
        catalog.keep_voices("tower", f"tower-e{number}", voices, **of)


@pytest.mark.usefixtures("tower")
class TestCommands:
    def test_series_are_listed_by_their_names_as_they_are(self) -> None:
        shown = run("list")
        assert "The [red]Tower[/bold]" in row(shown, "tower")
        assert row(shown, "tower").split()[-2] == "2"

    def test_it_shows_where_a_voice_comes_from_and_who_speaks_otherwise(self) -> None:
        published(1, {"ANNA": "roa/es+f2", "[/BEN]": "roa/es"})
        published(2, {"ANNA": "roa/es"})
        run("label", "tower", "DR. RUIZ", "Anna")
        run("label", "tower", "speaker_1", "CLEO", "--title", "tower-e2")
        shown = run("show", "tower")
        assert "roa/es+f2" in row(shown, "ANNA")
        assert "dr. ruiz" in row(shown, "ANNA")
        assert "tower-e1" in row(shown, "ANNA")
        assert "roa/es" in row(shown, "[/BEN]")
        assert "speaker_1 in tower-e2" in row(shown, "CLEO")
        assert "tower-e2 in es: anna has the voice roa/es;" in shown.stdout

    def test_a_person_chooses_a_voice_and_takes_it_back(self) -> None:
        published(1, {"ANNA": "roa/es"})
        assert run("voice", "tower", "Anna", "roa/es+f4", *SPANISH).exit_code == 0
        assert "roa/es+f4" in row(run("show", "tower"), "ANNA")
        assert "tower-e1" not in row(run("show", "tower"), "ANNA")
        assert run("voice", "tower", "ANNA", *SPANISH, "--forget").exit_code == 0
        assert "roa/es" not in row(run("show", "tower"), "ANNA")
        assert run("voice", "tower", "ANNA", *SPANISH, "--forget").exit_code == 65

    def test_labels_are_taken_back(self) -> None:
        run("label", "tower", "DR. RUIZ", "ANNA")
        assert run("label", "tower", "dr. ruiz", "--forget").exit_code == 0
        assert "ruiz" not in run("show", "tower").stdout

    def test_a_word_is_said_replaced_and_forgotten(self) -> None:
        assert run("term", "tower", "old mill", "molino", *WORDS).exit_code == 0
        run("term", "tower", "Old Mill", " Molino Viejo ", *WORDS)
        run("term", "tower", "IT", *WORDS, "--match-case")
        shown = run("show", "tower")
        assert "Molino Viejo" in row(shown, "Old Mill")
        assert "as written" in row(shown, "IT")
        assert run("term", "tower", "OLD MILL", *WORDS, "--forget").exit_code == 0
        with open_catalog(load_settings().catalog_url) as catalog:
            assert catalog.terms_between("tower", "en", "es") == [Term("IT", "IT", True)]

    def test_a_glossary_s_file_is_taken_over(self, tower: Path) -> None:
        file = tower / "terms.csv"
        file.write_bytes("source,target\ncafe\u0301,cafetería\nAnna,\n".encode())
        assert "2 terms of tower" in run("terms", "tower", file, *WORDS).stdout
        with open_catalog(load_settings().catalog_url) as catalog:
            kept = catalog.terms_between("tower", "en", "es")
        assert kept == [Term("Anna", "Anna"), Term("café", "cafetería")]

    def test_episodes_are_asked_for_again(self) -> None:
        with open_catalog(load_settings().catalog_url) as catalog:
            title = catalog.title("tower-e1")
            assert title
            request = Planner().request(title, "es", "embedded")
            catalog.enqueue([request], "test")
            for was, state in pairwise(["waiting", "claimed", "running", "published"]):
                catalog.settle(request.request_id, state, was=was)
        assert "0 dubs asked for" in run("redo", "tower").stdout
        shown = run("redo", "tower", "--all", "--to", "es", "--dry-run")
        assert "tower-e1 in es\n1 dubs asked for, 0 of them new" in shown.stdout
        assert "1 dubs asked for, 1 of them new" in run("redo", "tower", "--all").stdout
        assert "0 dubs asked for" in run("redo", "tower", "--all").stdout
        assert run("redo", "nosuch").exit_code == 65

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("show", "nosuch"), "nosuch: there is no such series"),
            (("voice", "nosuch", "ANNA", "x", *SPANISH), "no such series"),
            (("voice", "tower", "ANNA", *SPANISH), "give VOICE, or --forget"),
            (("voice", "tower", "ANNA", "a\nb", *SPANISH), "can't be used"),
            (("voice", "tower", "x" * 200, "a", *SPANISH), "is no name"),
            (("voice", "tower", "ANNA", "x", "--to", "es", "--engine", "siri"), "siri"),
            (("voice", "tower", "ANNA", "x", "--to", "klingonese", "--engine", "flite"), "klingon"),
            (("label", "tower", "A", "B", "--title", "nosuch"), "none of its episodes"),
            (("term", "tower", " ", "x", *WORDS), "can't be used"),
            (("term", "tower", "mill", *WORDS, "--forget"), "nothing to forget"),
            (("terms", "tower", "/nowhere.csv", *WORDS), "there is no such file"),
        ],
    )
    def test_what_can_not_be_is_refused_with_65(
        self, arguments: tuple[str, ...], message: str
    ) -> None:
        result = run(*arguments)
        assert (result.exit_code, message in result.stderr) == (65, True), result.stderr
        assert "What to do" in result.stderr
