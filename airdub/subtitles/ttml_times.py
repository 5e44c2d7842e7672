"""When the elements of a TTML document begin and end: ttconv resolves the time containers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from airdub.subtitles.script import refusal
from airdub.subtitles.timecodes import Label, effective_rate, is_label
from airdub.subtitles.xml_tree import Node
from airdub.units import CLOCK_HZ, round_half_up

CONTENT = ("body", "div", "p", "span")
"""Elements that hold text and have times."""

Span = tuple[int, int | None]
"""(start, end) in ticks; an end of None is indefinite."""

_TT = "{http://www.w3.org/ns/ttml}"
_TTP = "{http://www.w3.org/ns/ttml#parameter}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TIMES = ("begin", "end", "dur")
_EXPRESSION = re.compile(r"\d+(?::\d+){2}(?:[:.;]\d+)?|\d+(?:\.\d+)?(?:h|m|s|ms|f|t)", re.ASCII)
_POSITIVE = re.compile(r"0*[1-9]\d{0,8}", re.ASCII)
_REMEDY = "write a TTML time such as 00:01:02.500, 62.5s or 00:01:02:12"


def has_times(node: Node) -> bool:
    """Whether the element has a time attribute of its own."""
    return any(attribute in node.attributes for attribute in _TIMES)


@dataclass(frozen=True)
class TtmlClock:
    """How a document counts time.

    Attributes:
        name: the file's name, for messages.
        rate: frames a second.
        ticks_per_second: of the `t` metric.
        label: `HH:MM:SS:FF` are SMPTE labels (`ttp:timeBase="smpte"`), with `drop` for drop-frame;
            else they are clock times with frames for the fraction of a second. `HH:MM:SS;FF`, which
            TTML does not know, says both.
    """

    name: str
    rate: Fraction
    ticks_per_second: int
    label: bool
    drop: bool

    @classmethod
    def of(cls, root: Node, *, name: str, media_rate: Fraction | None) -> TtmlClock:
        """The clock that the attributes of `<tt>` describe.

        Where frames are counted and no rate is given, TTML says 30; the media's rate is likelier.

        Raises:
            InvalidInput: a malformed attribute.
        """
        semicolons = any(";" in node.attributes.get("begin", "") for node in root.walk())
        drop = semicolons or root.attributes.get("ttp:dropMode") == "dropNTSC"
        frame_rate = _numbers(root, "ttp:frameRate", 1, name)
        multiplier = _numbers(root, "ttp:frameRateMultiplier", 2, name) or [1, 1]
        rate = media_rate or Fraction(30)
        if frame_rate:
            rate = effective_rate(frame_rate[0], (multiplier[0], multiplier[1]), drop=drop)
        tick_rate = _numbers(root, "ttp:tickRate", 1, name) or frame_rate or [1]
        label = semicolons or root.attributes.get("ttp:timeBase") == "smpte"
        return cls(name, rate, tick_rate[0], label, drop)

    def ticks(self, node: Node, attribute: str) -> int:
        """An attribute's time in ticks.

        Raises:
            InvalidInput: it is negative or malformed.
        """
        from ttconv.imsc.attributes import TemporalAttributeParsingContext, parse_time_expression

        text = node.attributes[attribute].strip()
        place = f"line {node.line}, <{node.tag}>, {attribute}"
        if text.startswith("-"):
            raise refusal(self.name, place, f"the time {text[:40]!r} is negative", _REMEDY)
        if not _EXPRESSION.fullmatch(text[:40]):
            raise refusal(self.name, place, f"{text[:40]!r} is no time", _REMEDY)
        try:
            if is_label(text) and self.label:
                return replace(Label.parse(text), drop=self.drop).ticks(self.rate)
            context = TemporalAttributeParsingContext(self.rate, self.ticks_per_second)
            seconds: Fraction = parse_time_expression(context, text, strict=True)
        except ValueError as error:
            raise refusal(self.name, place, f"{text!r} is no time: {error}", _REMEDY) from error
        return round_half_up(seconds * CLOCK_HZ)


def resolve_times(body: Node, clock: TtmlClock) -> dict[int, Span]:
    """Times of the content elements on the document's timeline, by the node's `id()`.

    An element that ttconv drops since it has no length is missing. The number of a node travels
    through ttconv as its language: the model keeps that, and drops `xml:id`.

    Raises:
        InvalidInput: a time is malformed, or the containers contradict each other.
    """
    from ttconv.imsc.reader import to_model

    nodes: list[Node] = []
    root = ET.Element(f"{_TT}tt", {f"{_TTP}tickRate": str(CLOCK_HZ), _LANG: ""})
    root.append(_skeleton(body, clock, nodes))
    try:
        model: Any = to_model(ET.ElementTree(root)).get_body()
    except (AttributeError, RuntimeError, TypeError, ValueError) as error:
        what = f"its time containers can't be resolved ({error})"
        raise refusal(clock.name, "<body>", what, "give each paragraph begin and end") from error
    spans: dict[int, Span] = {}
    for index, span in _absolute(model, 0, None):
        spans.setdefault(id(nodes[index]), span)  # bare text inherits its element's language
    return spans


def _skeleton(node: Node, clock: TtmlClock, nodes: list[Node]) -> ET.Element:
    """The element with its times in ticks, and of its text no more than that there is some."""
    copy = ET.Element(f"{_TT}{node.tag}", {_LANG: str(len(nodes))})
    nodes.append(node)
    for attribute in _TIMES:
        if attribute in node.attributes:
            copy.set(attribute, f"{clock.ticks(node, attribute)}t")
    if "timeContainer" in node.attributes:
        copy.set("timeContainer", node.attributes["timeContainer"])
    if any(isinstance(part, str) and part.strip() for part in node.parts):
        copy.text = "text"
    for child in node.children:
        if child.tag in CONTENT:
            copy.append(_skeleton(child, clock, nodes))
    return copy


def _absolute(element: Any, base: int, limit: int | None) -> Iterator[tuple[int, Span]]:
    """(number of the node, span): an element counts from its parent's begin, within its end."""
    begin, end = element.get_begin(), element.get_end()
    start = base + round_half_up((begin or 0) * CLOCK_HZ)
    ends = [] if end is None else [base + round_half_up(end * CLOCK_HZ)]
    stop = min([*ends, *([] if limit is None else [limit])], default=None)
    if element.get_lang():
        yield int(element.get_lang()), (start, stop)
    for child in element:
        yield from _absolute(child, start, stop)


def _numbers(root: Node, attribute: str, count: int, name: str) -> list[int]:
    """The positive numbers of an attribute of `<tt>`; none where it is absent."""
    text = root.attributes.get(attribute, "").strip()
    if not text:
        return []
    fields = re.split(r"[\s:]+", text[:40])  # the drafts of DFXP wrote the multiplier as 1000:1001
    if len(fields) != count or not all(map(_POSITIVE.fullmatch, fields)):
        remedy = f"write {('a positive number', 'two positive numbers')[count - 1]}"
        raise refusal(name, f"line {root.line}, {attribute}", f"it is {text[:40]!r}", remedy)
    return [int(number) for number in fields]
