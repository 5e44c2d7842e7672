"""The page needs nothing else, quotes as text, and its plots show the numbers."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from airdub.reports import plots
from airdub.reports.page import page, told

from .reports import EMPTY, SCOPE, report, stage


class Elements(HTMLParser):
    """What a browser would find: names of elements, and all their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def labels(svg: str) -> list[str]:
    """What the marks of a plot say to those who can't see them."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own
    return [found for one in root.iter() if (found := one.get("aria-label"))]


@pytest.fixture(scope="module")
def text() -> str:
    return page(report())


def test_the_page_loads_and_runs_nothing(text: str) -> None:
    found = Elements(text)
    assert found.names.count("svg") == 7
    assert not {"script", "link", "img", "iframe", "object", "image", "a"} & set(found.names)
    for name, value in found.attributes:
        assert not name.startswith("on")
        assert name in ("xmlns", "xmlns:xlink") or "//" not in value
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in found.attributes


def test_what_the_catalogue_says_is_text(text: str) -> None:
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_an_empty_report_says_so() -> None:
    text = page(report(**EMPTY))
    assert "<svg" not in text
    assert text.count("No run of this scope was judged.") == 3
    assert "No GPU seconds were used." in text


def test_it_says_what_it_is_about(text: str) -> None:
    scope = SCOPE.model_copy(update={"titles": ("maria-*",), "series": "maria", "language": "es"})
    assert told(scope) == (
        "Judged from 2026-11-01 to 2026-11-21T12:00Z, titles maria-*, series maria, into es"
    )
    assert "Judged from 2026-11-01" in text
    many = SCOPE.model_copy(update={"titles": tuple("abcdefg"), "states": ("in_review",)})
    assert "titles a, b, c, d, e and 2 more, requests that are in review" in told(many)


def test_days_are_stacked_by_decision_with_a_line_of_releases() -> None:
    found = " ".join(labels(plots.throughput(report().days, report().released)))
    assert re.search(r"runs judged; line: released: 3; what: APPROVED", found)
    assert re.search(r"runs judged; line: released: 1; what: REJECTED", found)
    assert "what: RETRY" not in found


def test_only_what_was_computed_has_a_time() -> None:
    svg = plots.stage_times(
        [stage("mux", 2.0), stage("probe", 1.0), stage("mix", 9.0, cached=True)]
    )
    assert "mix" not in svg
    order = [svg.index(f">{name}<") for name in ("probe", "mux")]
    assert order == sorted(order)  # as in the pipeline


def test_cache_hits_count_uses_of_all_languages() -> None:
    found = " ".join(labels(plots.cache_hits(report().costs)))
    assert re.search(r"66\.6+7%; row: lipsync; what: found in the store", found)
    assert re.search(r"75\.0+%; row: probe; what: computed", found)


def test_the_metric_that_is_missed_most_comes_first() -> None:
    svg = plots.gate_outcomes(report().outcomes)
    assert svg.index(">word error rate<") < svg.index(">mos<")
    assert ">not measured<" in svg


@pytest.mark.parametrize("first", [[], ["word_error_rate"], ["no_such_metric"]])
def test_values_have_a_plot_for_each_metric(first: list[str]) -> None:
    svg = plots.metric_values(report().metrics, first)
    assert ">word error rate<" in svg


def test_seconds_per_title_leave_out_those_that_used_none() -> None:
    found = " ".join(labels(plots.title_seconds(report().titles, "gpu_s")))
    assert "dubs: 1" in found
    assert "dubs: 2" not in found
