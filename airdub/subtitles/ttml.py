"""TTML, DFXP and IMSC: paragraphs to cues, agents to voices; `ttml_times` has the times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from airdub.subtitles.markup import tidy
from airdub.subtitles.script import MAX_CUES, Cue, Run, refusal, too_many_cues
from airdub.subtitles.ttml_times import CONTENT, Span, TtmlClock, has_times, resolve_times
from airdub.subtitles.xml_tree import Node, parse_xml

_SMALL_PRINT = ("text", "textContainer", "delimiter")  # ruby: how the base text is read


def read_ttml(text: str, *, name: str, rate: Fraction | None) -> tuple[list[Cue], TtmlClock]:
    """Cues in document order.

    A paragraph is a cue; one without times of its own gives a cue for each timed span.

    Args:
        text: the document.
        name: the file's name, for messages.
        rate: the media's frames a second, for a document that counts frames without a rate.

    Raises:
        InvalidInput: it is no well-formed TTML, or a time is malformed, with its line.
    """
    root = parse_xml(text, name=name)
    if root.tag != "tt":
        what = f"the root element is <{root.tag or 'of a foreign namespace'}>, not <tt>"
        raise refusal(name, f"line {root.line}", what, "export the script as TTML or IMSC")
    clock = TtmlClock.of(root, name=name, media_rate=rate)
    body = next((node for node in root.children if node.tag == "body"), None)
    if body is None:
        return [], clock
    count = sum(node.tag in ("p", "span") for node in body.walk())
    if count > 2 * MAX_CUES:
        raise too_many_cues(name, count)
    agents = _agents(root)
    spans = resolve_times(body, clock)
    cues: list[Cue] = []
    for number, (paragraph, agent, keep_lines) in enumerate(_paragraphs(body, "", False), 1):
        timed = [node for node in paragraph.walk() if node is not paragraph and has_times(node)]
        for node in [paragraph] if has_times(paragraph) or not timed else timed:
            runs = _joined(list(_runs(node, agent, agents, keep_lines)))
            if runs:
                cues.append(_cue(node, number, runs, spans, name))
    return cues, clock


def _cue(node: Node, number: int, runs: tuple[Run, ...], spans: dict[int, Span], name: str) -> Cue:
    place = f"line {node.line}, cue {number}"
    if id(node) not in spans:
        what = f"the <{node.tag}> begins and ends at the same instant"
        raise refusal(name, f"{place}, end", what, "make the end later than the begin")
    start, end = spans[id(node)]
    if end is None:
        what = f"the <{node.tag}> has no end time"
        raise refusal(name, f"{place}, end", what, "give it an end or a dur attribute")
    return Cue(place, start, end, runs)


def _paragraphs(node: Node, agent: str, keep_lines: bool) -> Iterator[tuple[Node, str, bool]]:
    """(paragraph, its agent, whether its line feeds count) in document order."""
    agent = node.attributes.get("ttm:agent", agent)
    if "xml:space" in node.attributes:
        keep_lines = node.attributes["xml:space"] == "preserve"
    if node.tag == "p":
        yield node, agent, keep_lines
        return
    for child in node.children:
        if child.tag in CONTENT:
            yield from _paragraphs(child, agent, keep_lines)


def _runs(node: Node, agent: str, agents: dict[str, str], keep_lines: bool) -> Iterator[Run]:
    agent = node.attributes.get("ttm:agent", agent)
    voice = agents.get(agent, agent)
    for part in node.parts:
        if isinstance(part, str):
            yield Run(part if keep_lines else re.sub(r"\s+", " ", part), voice)
        elif part.tag == "br":
            yield Run("\n", voice)
        elif part.tag == "span" and part.attributes.get("tts:ruby") not in _SMALL_PRINT:
            yield from _runs(part, agent, agents, keep_lines)


def _joined(runs: list[Run]) -> tuple[Run, ...]:
    """Neighbouring runs of one voice joined, their blanks tidied, empty ones left out."""
    joined: list[Run] = []
    for run in runs:
        if joined and (joined[-1].voice == run.voice or not run.text.strip()):
            joined[-1] = Run(joined[-1].text + run.text, joined[-1].voice)
        else:
            joined.append(run)
    tidied = (Run(tidy(run.text), run.voice) for run in joined)
    return tuple(run for run in tidied if run.text)


def _agents(root: Node) -> dict[str, str]:
    """Names of the document's agents by their id (the id itself where there is no name)."""
    names = {}
    for node in root.walk():
        if node.tag == "ttm:agent" and "xml:id" in node.attributes:
            texts = (
                tidy("".join(part for part in below.parts if isinstance(part, str)))
                for below in node.children
                if below.tag == "ttm:name"
            )
            agent = node.attributes["xml:id"]
            names[agent] = next((text for text in texts if text), agent)
    return names
