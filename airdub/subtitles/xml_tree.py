"""A TTML document as a small tree: no DTD, no entity, no deep nesting, and line numbers kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from airdub.subtitles.script import refusal

MAX_DEPTH = 40
_PREFIXES = {
    "": "",
    "#parameter": "ttp:",
    "#metadata": "ttm:",
    "#styling": "tts:",
    "#style": "tts:",
}
# TTML1/2 and IMSC, and the drafts of DFXP that are still in use.
_NAMESPACE = re.compile(r"http://www\.w3\.org/(?:ns/ttml|2006/\d\d/ttaf1)(#\w+)?$")
_XML = "http://www.w3.org/XML/1998/namespace"


@dataclass
class Node:
    """An element.

    Attributes:
        tag: `p`, `ttm:agent`, ...; "" for an element of a foreign namespace.
        attributes: by the same names, `xml:id` and `xml:space` among them.
        parts: text and child elements in order.
        line: where it begins in the file.
    """

    tag: str
    attributes: dict[str, str]
    line: int
    parts: list[str | Node] = field(default_factory=list)

    @property
    def children(self) -> Iterator[Node]:
        """Child elements."""
        return (part for part in self.parts if isinstance(part, Node))

    def walk(self) -> Iterator[Node]:
        """This element and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


def parse_xml(text: str, *, name: str) -> Node:
    """The document's root.

    Args:
        text: the document; what its declaration says of its encoding is ignored.
        name: the file's name, for messages.

    Raises:
        InvalidInput: not well-formed, a document type or entity declared, or nested too deeply.
    """
    open_nodes = [Node("", {}, 0)]
    parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
    parser.buffer_text = True

    def start(tag: str, attributes: dict[str, str]) -> None:
        line = parser.CurrentLineNumber
        if len(open_nodes) > MAX_DEPTH:
            what = f"elements are nested more than {MAX_DEPTH} deep"
            raise refusal(name, f"line {line}", what, "export the script again")
        named = {_short(key): value for key, value in attributes.items()}
        node = Node(_short(tag), named, line)
        open_nodes[-1].parts.append(node)
        open_nodes.append(node)

    def add_text(data: str) -> None:
        open_nodes[-1].parts.append(data)

    def refuse_doctype(*_: object) -> None:
        what = "a document type is declared, which TTML has no use for and attackers have"
        where = f"line {parser.CurrentLineNumber}"
        raise refusal(name, where, what, "remove the <!DOCTYPE ...> declaration")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_nodes.pop()
    parser.CharacterDataHandler = add_text
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        what = f"it is not well-formed XML: {expat.ErrorString(error.code)}"
        place = f"line {error.lineno}, column {error.offset + 1}"
        raise refusal(name, place, what, "export the script again as TTML") from error
    return next(open_nodes[0].children)


def _short(name: str) -> str:
    """expat's `namespace local` as a prefixed name; "" for a foreign namespace."""
    namespace, _, local = name.rpartition(" ")
    if not namespace:
        return local
    if namespace == _XML:
        return f"xml:{local}"
    match = _NAMESPACE.match(namespace)
    return f"{_PREFIXES.get(match[1] or '', 'other:')}{local}" if match else ""
