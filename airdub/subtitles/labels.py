"""Speaker labels at the start of a line: `ANA:`, `Dr. Ruiz:`, `田中：`. Pure heuristics.

A wrong yes swallows words of the dialogue, a wrong no speaks a name aloud. So the colon must
stand where subtitlers put it and the name must look like one in its script.
"""

from __future__ import annotations

import re
import unicodedata

from airdub.transcript import Kind

_BRACKETED = r"[(\[（［【][^()\[\]（）［］【】]{0,40}[)\]）］】]"
_LABEL = re.compile(
    rf"(?P<name>[^:：\n]{{1,40}}?)\s*(?:{_BRACKETED})?\s*(?P<colon>[:：])(?P<gap>\s*)(?=\S)"
)
_WORD = re.compile(r"[^\W\d_](?:[\w'’.\-]*)|#?\d{1,3}")
_INITIALS = re.compile(r"\b\w{1,4}\.")
_PARTICLES = {"de", "del", "la", "las", "los", "da", "do", "dos", "von", "van", "der", "di", "el"}
_PARTICLES |= {"and", "y", "e", "et", "und"}  # two speak at once
_NARRATORS = re.compile(r"narrator|narrador|narradora|narrateur|narratrice|erzähler|narratore")
# Words that open a sentence before a colon. In capitals they are as much no name.
_OPENERS = re.compile(
    r"note|dear|querido|querida|notes|nota|notas|remarque|hinweis|warning|caution|attention|"
    r"atención|aviso|achtung|question|answer|pregunta|respuesta|frage|antwort|réponse|example|"
    r"ejemplo|exemple|beispiel|remember|recuerda|recuerde|listen|look|escucha|escuche|mira|"
    r"mire|oye|regarde|écoute|tip|hint|fact|hecho|result|resultado|reason|razón|conclusion|"
    r"conclusión|problem|problema|rule|regla|step|paso|part|parte|chapter|capítulo|time|date|"
    r"hora|fecha|today|hoy|tomorrow|mañana|first|second|third|primero|segundo|tercero|finally|"
    r"finalmente|update|ps|fyi|todo|ojo|truth|verdad|think|imagine|imagina|here|there|this|"
    r"that|aquí|esto|eso|yes|no|sí|also|además|but|pero|and|then|y|entonces|so|así|well|bueno|"
    r"message|mensaje|subject|asunto|address|dirección"
)
_CASELESS_OPENERS = re.compile(r"注意|注|例|例如|比如|質問|问题|答案|참고|주의|예|질문")
_CHINESE_VERBS = tuple("说說道问問答是叫喊曰言想知记記看听聽如")
_CHINESE_PRONOUNS = tuple("我你他她它这這那您咱")


def begins_with_label(line: str) -> bool:
    """Whether a line opens with a label; what is said may follow on the next line."""
    name, _ = split_label(f"{line} X" if line.rstrip().endswith((":", "：")) else line)
    return bool(name)


def split_label(text: str) -> tuple[str, str]:
    """(name, what is said) of a turn; the name is "" when there is no label.

    `NOTE:`, `10:30`, `https://...` and whole clauses before a colon are no labels. A description
    between name and colon (`ANA (off):`) is dropped.
    """
    bare = text.lstrip()
    bracketed = re.match(rf"{_BRACKETED}\s*[:：]\s*(?=\S)", bare)
    if bracketed and is_name(inner := re.split(r"[)\]）］】]", bracketed[0][1:])[0].strip()):
        return inner, bare[bracketed.end() :]
    match = _LABEL.match(bare)
    if not match:
        return "", text
    name, rest = match["name"].strip(), bare[match.end() :]
    # `10:30`, `http://`, `ratio 3:1`: a Western colon is followed by a blank unless in capitals
    touching = match["colon"] == ":" and not match["gap"]
    if touching and (not name.isupper() or rest[0] in "/0123456789"):
        return "", text
    if not is_name(name) or (not name.isupper() and rest[0].islower()):
        return "", text
    return name, rest


def is_name(name: str) -> bool:
    """Whether the words before a colon look like a name or a role."""
    # without vowel signs and other marks, which regular expressions don't count to words
    name = "".join(char for char in name if not unicodedata.category(char).startswith("M"))
    words = name.split()
    letters = "".join(char for char in name if char.isalpha())
    if not letters or len(name) > 30 or re.search(r"[.!?…,;¿¡]", _INITIALS.sub("", name)):
        return False
    if not all(_WORD.fullmatch(word) for word in words):
        return False
    if _OPENERS.fullmatch(words[0].casefold().strip(".")) or _CASELESS_OPENERS.fullmatch(name):
        return False
    if letters == letters.lower() == letters.upper():
        return _is_caseless_name(name, words)
    if letters.isupper():
        return len(letters) > 1 and len(words) <= 4
    names = [word for word in words if word not in _PARTICLES]
    capital = all(word[0].isupper() or word[0] in "#0123456789" for word in names)
    return 1 <= len(names) <= 3 and words[0][0].isupper() and capital


def kind_of_speech(name: str) -> Kind:
    """Narration when the label is a narrator's, else dialogue."""
    return Kind.NARRATION if _NARRATORS.fullmatch(name.casefold()) else Kind.DIALOGUE


def _is_caseless_name(name: str, words: list[str]) -> bool:
    """Chinese, Japanese, Korean, Arabic, Hindi ...: short, and in Chinese no clause of speech."""
    if any("\u4e00" <= char <= "\u9fff" for char in name):
        clause = name.endswith(_CHINESE_VERBS) or name.startswith(_CHINESE_PRONOUNS)
        return len(name) <= 5 and not clause
    return len(words) <= 2 and len(name) <= 16
