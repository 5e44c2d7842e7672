"""How a dub says that its speech, and lips where they were changed, were made by machines.

The term is the IPTC's (https://cv.iptc.org/newscodes/digitalsourcetype/): a composite of several
elements, at least one of which is synthetic. It stands in the container, in `release.json`, and in
the C2PA manifest of releases that are signed.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from xml.sax.saxutils import escape

from airdub.languages import language_name

DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"

NAMESPACE = "urn:airdub:disclosure:1"
"""Of what XMP has no field for."""


class Part(StrEnum):
    """What of a dub can be synthetic."""

    SPEECH = "speech"
    LIPS = "lips"


def disclosure_text(parts: Iterable[Part], language: str) -> str:
    """What viewers may read: `The Spanish speech of this video (es-419) is synthetic; ...`."""
    text = f"The {language_name(language)} speech of this video ({language}) is synthetic"
    if Part.LIPS in set(parts):
        text += ", and lips were changed to match it"
    return f"{text}. {DIGITAL_SOURCE_TYPE}"


def container_tags(parts: Iterable[Part], language: str) -> dict[str, str]:
    """What programs and viewers may read, by the names of Matroska's tags."""
    listed = sorted(set(parts), reverse=True)
    return {
        "COMMENT": disclosure_text(listed, language),
        "DIGITAL_SOURCE_TYPE": DIGITAL_SOURCE_TYPE,
        "SYNTHETIC": ",".join(listed),
        "SYNTHETIC_LANGUAGE": language,
    }


def xmp_packet(parts: Iterable[Part], language: str) -> bytes:
    """The same as an XMP packet (ISO 16684-1), with the IPTC's property for the term."""
    items = "".join(f"<rdf:li>{part}</rdf:li>" for part in sorted(set(parts), reverse=True))
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" '
        'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'xmlns:airdub="{NAMESPACE}">'
        f"<Iptc4xmpExt:DigitalSourceType>{DIGITAL_SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>"
        f"<airdub:synthetic><rdf:Bag>{items}</rdf:Bag></airdub:synthetic>"
        f"<airdub:language>{escape(language)}</airdub:language>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="r"?>'
    ).encode()
