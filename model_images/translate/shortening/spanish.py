"""How Spanish says a line in fewer syllables."""

from __future__ import annotations

import re

from model_images.translate.shortening.rules import Rule, Rulebook

_ON_THE_WAY = r"(?:(?:no|ya|me|te|le|les|lo|la|los|las|se|nos)\s+){0,3}"
_NO_VERB = r"(?!(?:mismo|solo|sólo|pero|tampoco|primero|luego|cuando|mismos|como)\b)"
_WITH_OTHERS = "a|de|con|por|para|en|y|e|o|u|ni"

_SUBJECTS = (
    # the verb's ending says who it is
    Rule.phrase(
        rf"yo(?=\s+{_ON_THE_WAY}{_NO_VERB}\w+(?:oy|[^ou\W]o|é|í)\b(?<!\bno))",
        not_after=_WITH_OTHERS,
    ),
    Rule.phrase(rf"nosotr[oa]s(?=\s+{_ON_THE_WAY}{_NO_VERB}\w+mos\b)", not_after=_WITH_OTHERS),
)

_PLAINER = (
    Rule.phrase(r"con el (?:fin|objeto|objetivo|propósito) de(?=\s+\w+r\b)", "para"),
    Rule.phrase(r"a fin de(?=\s+\w+r\b)", "para"),
    Rule.phrase("(?:debido|gracias) a que|por el hecho de que|puesto que|ya que", "porque"),
    Rule.phrase("a pesar (?:del hecho )?de que", "aunque"),
    Rule.phrase("en este (?:preciso |mismo )?momento", "ahora"),
    Rule.phrase("en la actualidad|hoy en día", "hoy"),
    Rule.phrase("en aquel (?:entonces|momento)", "entonces"),
    Rule.phrase("con (?:respecto|relación) a|en relación con|en cuanto a", "sobre"),
    Rule.phrase("a causa de", "por"),
    Rule.phrase("el hecho de que", "que"),
    Rule.phrase("de vez en cuando", "a veces"),
    Rule.phrase("es capaz de", "puede"),
    Rule.phrase("son capaces de", "pueden"),
    Rule.phrase("inmediatamente", "ya"),
    Rule.phrase("solamente|únicamente", "solo"),
)

_FILLERS = (
    "bueno", "pues", "bien", "mira", "mire", "oye", "oiga", "vaya", "eh", "ah", "sabes",
    "sabe usted", "ya sabes", "o sea", "es decir", "en realidad", "de hecho", "la verdad",
    "a decir verdad", "por supuesto", "desde luego", "claro", "claro está", "al fin y al cabo",
    "en fin", "por cierto", "como ya saben", "como ustedes saben", "como usted sabe", "digamos",
    "básicamente", "sinceramente", "francamente",
)  # fmt: skip

_WEAK = (
    r"(?:realmente|simplemente|básicamente|verdaderamente|absolutamente|completamente|totalmente"
    r"|evidentemente|obviamente|ciertamente|literalmente|precisamente|por supuesto|desde luego|muy)"
)
_NO = r"(?:no|ni|nunca|sin|jamás|nada|nadie|tampoco)(?:\s+\w+){0,2}"

_REMOVALS = (
    *Rule.fillers(_FILLERS),
    Rule.phrase("(?:la verdad|lo cierto) es que"),
    Rule.phrase(rf"{_WEAK}(?=\s+[a-záéíóúñ])", not_after=_NO),
)

_NUMBERS = (
    "cero uno una un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce"
    " quince dieciséis diecisiete dieciocho diecinueve veinte treinta cuarenta cincuenta sesenta"
    " setenta ochenta noventa cien ciento mil millón millones primero primera segundo segunda"
    " tercero tercera medio media docena mitad"
)

BOOK = Rulebook(
    rules=(*_SUBJECTS, *_PLAINER, *_REMOVALS),
    negations=re.compile(
        r"^(?:no|nunca|jamás|nadie|nada|ningun[oa]s?|ningún|tampoco|ni|sin|apenas)$"
    ),
    numbers=frozenset(_NUMBERS.split()),
)
