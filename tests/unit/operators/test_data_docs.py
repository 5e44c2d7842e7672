"""The pages of a validation: they tell what was wrong, run nothing, and are the same each time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from airdub.errors import EngineFailed
from airdub.gates.suite import suite_of
from operators.data_docs import INDEX, SUITE, safe_page, safe_pages
from operators.validation import validate
from tests.unit.airdub.gates.tables import PRINT, changed, profile

HEADING = "Gates test-en, run film.en.1: 3 of what blocks is not met"
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


def pages(folder: Path) -> dict[str, str]:
    rows = changed("word_error_rate", "s0002", value=0.9)
    rows = [one | ({"metric": HOSTILE} if one["metric"] == "mos" else {}) for one in rows]
    suite = suite_of(profile(), PRINT)
    validate(suite, rows, name="test-en", run_id="film.en.1", pages=folder)
    return {name: content.decode() for name, content in safe_pages(folder, HEADING).items()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return pages(tmp_path_factory.mktemp("pages"))


class Outline(HTMLParser):
    """Tags that are open at the end, and all attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in ("br", "hr", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_index_tells_each_expectation_and_what_failed(made: dict[str, str]) -> None:
    text = re.sub(r"(<[^>]+>|\s)+", " ", made[INDEX])
    assert "Failed" in text
    assert HEADING in text
    assert "psnr: at least 35 dB 40" in text
    assert re.search(r"word_error_rate, every line: at most 0.5 ratio.*0\.9.*s0002", text)
    assert "word_error_rate: at most 0.3 ratio" in made[SUITE]


def test_pages_run_nothing_and_load_nothing(made: dict[str, str]) -> None:
    for page in made.values():
        outline = Outline(page)
        assert not outline.tags & {"script", "link", "img", "iframe", "form", "object", "svg"}
        for name, value in outline.attributes:
            assert not name.startswith("on")
            assert name != "src"
            if name == "href":
                assert value in (INDEX, SUITE) or str(value).startswith("#section-")
        assert "http" not in page


def test_pages_are_well_formed(made: dict[str, str]) -> None:
    for page in made.values():
        assert Outline(page).open == []


def test_pages_are_the_same_each_time(made: dict[str, str], tmp_path: Path) -> None:
    assert pages(tmp_path) == made


def test_text_stays_text() -> None:
    page = safe_page("<body><p onclick='x()'>1 &lt; 2 &amp;&lt;b&gt;</p></body>", "a < b")
    assert "<p>1 &lt; 2 &amp;&lt;b&gt;</p>" in page
    assert "<h1>a &lt; b</h1>" in page


def test_a_site_without_its_pages_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="wrote 0 pages"):
        safe_pages(tmp_path, HEADING)
