"""Pages of Great Expectations, made safe to serve beside Airflow, and the same each time.

As they are written they load scripts and styles from six other sites, don't escape what they show
and hold moments and paths of the machine. A page that is served where people are logged in may do
none of that: only its own text stays, with a style of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser
from pathlib import Path

from airdub.errors import EngineFailed

INDEX, SUITE = "index.html", "suite.html"

_DROPPED = frozenset({"script", "style", "svg", "footer", "button", "form", "label", "iframe"})
_DROPPED_CLASSES = frozenset({"collapse", "ge-breadcrumbs", "mb-3"})
"""Left out with all that is in them: what runs, an advertisement, moments, tracebacks."""

_EMPTY = frozenset({"br", "hr"})
_TEXT = frozenset({"a", "b", "code", "div", "em", "i", "p", "pre", "small", "span", "strong", "u"})
_TABLES = frozenset({"table", "tbody", "td", "th", "thead", "tr"})
_KEPT = _EMPTY | _TEXT | _TABLES | {"h1", "h2", "h3", "h4", "h5", "h6", "li", "nav", "ol", "ul"}
_SECTION = re.compile(r"^section-\d+$")

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem;
  color: #1f2933; background: #fff; }
h1 { font-size: 1.3rem; }
h5, h6 { margin: 1.2rem 0 .3rem; font-size: 1.05rem; }
table { border-collapse: collapse; margin: .4rem 0; }
td, th { border: 1px solid #cbd2d9; padding: .25rem .6rem; text-align: left; vertical-align: top; }
nav ol, nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem; }
.badge { background: #e4e7eb; border-radius: 3px; padding: 0 .3rem; }
.text-success::before { content: "passed"; color: #0b6e4f; }
.text-danger::before { content: "FAILED"; color: #b91c1c; font-weight: bold; }
.text-warning::before { content: "warning"; color: #92600a; }
@media (prefers-color-scheme: dark) {
  body { background: #16191d; color: #e4e7eb; } a { color: #7cb7ff; }
  .badge { background: #3e4c59; }
  .text-success::before { color: #5fd3a5; } .text-danger::before { color: #ff8a8a; }
}
"""


def safe_pages(site: Path, heading: str) -> dict[str, bytes]:
    """The site's two pages: `INDEX` tells the validation, `SUITE` the expectations.

    Args:
        site: folder of a site with one suite and one validation.
        heading: of both, plain text.

    Raises:
        EngineFailed: it hasn't exactly those.
    """
    made = {}
    for name, folder in ((INDEX, "validations"), (SUITE, "expectations")):
        pages = [*(site / folder).rglob("*.html")]
        if len(pages) != 1:
            raise EngineFailed(f"Great Expectations wrote {len(pages)} pages", where=folder)
        made[name] = safe_page(pages[0].read_text(encoding="utf-8"), heading).encode()
    return made


def safe_page(page: str, heading: str) -> str:
    """The page's body without anything that runs, loads or leads elsewhere."""
    body = _Body()
    body.feed(page)
    body.close()
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Release gate</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(heading)}</h1>\n{''.join(body.parts)}\n</body>\n</html>\n"
    )


class _Body(HTMLParser):
    """Writes anew what may stay of a page's body."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._inside = False
        self._dropping = ""
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a known tag with its harmless attributes."""
        given = {name: value or "" for name, value in attrs}
        self._inside |= tag == "body"
        if self._dropping:
            self._depth += tag == self._dropping
        elif _is_dropped(tag, given):
            self._dropping, self._depth = tag, 1
        elif tag in _KEPT and self._inside:
            kept = "".join(f' {name}="{escape(value)}"' for name, value in _harmless(given))
            self.parts.append(f"<{tag}{kept}>")

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened."""
        if self._dropping:
            self._depth -= tag == self._dropping
            if not self._depth:
                self._dropping = ""
        elif tag in _KEPT - _EMPTY and self._inside:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Text, escaped; the page's indentation goes."""
        if self._inside and not self._dropping:
            self.parts.append(escape(data, quote=False) if data.strip() else "\n")


def _is_dropped(tag: str, given: dict[str, str]) -> bool:
    classes = {*given.get("class", "").split()}
    return (
        tag in _DROPPED
        or bool(_DROPPED_CLASSES & classes)
        or given.get("data-toggle") == "collapse"
    )


def _harmless(given: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Attributes that neither run nor lead out of the two pages."""
    for name in ("class", "colspan", "rowspan"):
        if name in given:
            yield name, given[name]
    if _SECTION.match(given.get("id", "")):
        yield "id", given["id"]
    target = given.get("href", "")
    if _SECTION.match(target.removeprefix("#")):
        yield "href", target
    elif "expectations/" in target:
        yield "href", SUITE
    elif target.endswith(INDEX):
        yield "href", INDEX
