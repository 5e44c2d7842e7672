"""Bytes of a script to text: byte order marks, UTF-8, UTF-16, and the legacy code pages."""

from __future__ import annotations

import re
import unicodedata

from airdub.languages import base_language, script_of
from airdub.subtitles.script import refusal

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_ESCAPED = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$", "iso2022_jp_2"))

_BY_SCRIPT = {
    "Cyrl": ("cp1251", "koi8_u", "cp866", "iso8859_5"),
    "Grek": ("cp1253", "iso8859_7"),
    "Hebr": ("cp1255", "iso8859_8"),
    "Arab": ("cp1256", "iso8859_6"),
    "Thai": ("cp874",),
    "Jpan": ("cp932", "euc_jp"),
    "Kore": ("cp949",),
    "Hans": ("gb18030", "big5hkscs"),
    "Hant": ("big5hkscs", "gb18030"),
}
_CENTRAL_EUROPE = dict.fromkeys(
    ("bs", "cs", "hr", "hu", "pl", "ro", "sk", "sl", "sq"), ("cp1250", "iso8859_2")
)
_BALTIC = dict.fromkeys(("et", "lt", "lv"), ("cp1257", "iso8859_13"))
_BY_LANGUAGE = {
    **_CENTRAL_EUROPE,
    **_BALTIC,
    "tr": ("cp1254",),
    "az": ("cp1254",),
    "vi": ("cp1258",),
}
_WESTERN = ("cp1252",)

# How unicodedata names the letters of a script whose ISO 15924 code reads otherwise.
_LETTERS = {
    "Latn": ("LATIN",),
    "Cyrl": ("CYRILLIC",),
    "Grek": ("GREEK",),
    "Hebr": ("HEBREW",),
    "Arab": ("ARABIC",),
    "Thai": ("THAI",),
    "Jpan": ("HIRAGANA", "KATAKANA", "CJK", "HALFWIDTH", "FULLWIDTH"),
    "Kore": ("HANGUL", "CJK"),
    "Hans": ("CJK",),
    "Hant": ("CJK",),
}
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffd]")
_UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
# UTF-8 that was read as cp1252 and saved again: `Ã©`, `Â¿`, `â€™`.
_TWICE_ENCODED = re.compile("Ã[\u0080-\u00bf\u2018-\u203a]|Â[\u00a1-\u00bf]|â€.")

_REMEDY = "save the script as UTF-8"


def decode(data: bytes, *, name: str, language: str) -> tuple[str, str]:
    """A script's text and the encoding it was read with.

    Unicode is recognised by its marks and its rules. Anything else is read as one of the legacy
    code pages in use for the script's language, the one that charset-normalizer finds cleanest.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        language: BCP-47, the script's language.

    Returns:
        (text with `\\n` line ends and no byte order mark, Python's name of the codec).

    Raises:
        InvalidInput: binary data, damaged text, or no encoding that fits the language.
    """
    codec = _unicode_codec(data)
    if codec is None:
        text, codec = _decode_legacy(data, name, language)
    else:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError as error:
            raise _wrong(name, data, error.start, f"the bytes are not valid {codec}") from error
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip("\x1a")
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        raise refusal(
            name,
            f"line {line}",
            f"read as {codec} it holds the character U+{ord(control[0]):04X}, which no text has",
            "give a text file (SRT, WebVTT or TTML) in UTF-8",
        )
    _refuse_twice_encoded(text, name)
    return text, codec


def _unicode_codec(data: bytes) -> str | None:
    """The Unicode (or escape-sequence) codec of the bytes; None when they are of a code page."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return codec
    if b"\x00" in data:
        # Text in UTF-16 without a mark has its line feeds' and blanks' zero bytes on one side.
        even, odd = data[0::2].count(0), data[1::2].count(0)
        return "utf-16-le" if odd > even else "utf-16-be"
    for escape, codec in _ESCAPED:
        if escape in data:
            return codec
    try:
        data.decode()
    except UnicodeDecodeError:
        return "utf-8" if _damaged_utf8(data) else None
    return "utf-8"


def _damaged_utf8(data: bytes) -> bool:
    """Whether nearly all that is not ASCII follows UTF-8's rules: then it is UTF-8, and broken."""
    sound = sum(len(sequence) for sequence in _UTF8_SEQUENCE.findall(data))
    foreign = sum(byte >= 0x80 for byte in data)
    return sound >= 0.8 * foreign


def _decode_legacy(data: bytes, name: str, language: str) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    script = script_of(language)
    candidates = _BY_LANGUAGE.get(base_language(language)) or _BY_SCRIPT.get(script, _WESTERN)
    best = from_bytes(data, cp_isolation=list(candidates)).best()
    if best is None or not _plausible(str(best), script):
        first = next(index for index, byte in enumerate(data) if byte >= 0x80)
        tried = ", ".join(("utf-8", *candidates))
        raise _wrong(
            name, data, first, f"no encoding fits a script in {language!r} (tried {tried})"
        )
    return str(best), best.encoding


def _plausible(text: str, script: str) -> bool:
    """Whether the letters are those of the language's script.

    Text in Latin letters has a minority of accented ones; other scripts' letters are all theirs.
    """
    letters = [char for char in text if char.isalpha()]
    foreign = [char for char in letters if not char.isascii()]
    names = _LETTERS.get(script, ("LATIN",))
    own = sum(unicodedata.name(char, "").startswith(names) for char in foreign)
    share = 0.65 if "LATIN" in names else 1.0
    return own >= 0.9 * len(foreign) and len(foreign) <= share * len(letters)


def _refuse_twice_encoded(text: str, name: str) -> None:
    found = list(_TWICE_ENCODED.finditer(text))
    spoilt = sum(len(match[0]) for match in found)
    if len(found) >= 2 and spoilt >= 0.8 * sum(not char.isascii() for char in text):
        line = text.count("\n", 0, found[0].start()) + 1
        raise refusal(
            name,
            f"line {line}",
            f"the text was once read with a wrong encoding and saved so ({found[0][0]!r})",
            "export the script anew as UTF-8",
        )


def _wrong(name: str, data: bytes, offset: int, what: str) -> Exception:
    line = data.count(b"\n", 0, offset) + 1
    return refusal(name, f"line {line}, byte {offset}", what, _REMEDY)
