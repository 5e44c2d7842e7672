"""Lines get shorter, stay well written, and keep numbers, names and negation."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airdub.repair.ladders import SHORTENED_LANGUAGES
from model_images.common.espeak import count_syllables
from model_images.translate.shortening import shorten
from model_images.translate.shortening.shortener import rulebook


def shortest(text: str, language: str) -> str:
    return shorten(text, language, 1, lambda line: count_syllables(line, language))


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("I am here, and we are late.", "I'm here, and we're late."),
        ("You can not go there.", "You can't go there."),
        ("It is what it is.", "It's what it is."),
        ("He will not come, but she will.", "He won't come, but she will."),
        ("We have been waiting.", "We've been waiting."),
        ("I have a dog.", "I have a dog."),
        ("He has limited time.", "He has limited time."),
        ("In order to win, he ran.", "To win, he ran."),
        ("Well, to be honest, I like it.", "I like it."),
        ("He sings well, and she dances.", "He sings well, and she dances."),
        ("It was, you know, a very old house.", "It was a very old house."),
        ("It was a really good day.", "It was a good day."),
        ("She is not really happy.", "She's not really happy."),
        ("I know that you came.", "I know you came."),
        ("I know that man.", "I know that man."),
        ("I am going to Madrid.", "I'm going to Madrid."),
        ("You do not have to do it.", "You don't have to do it."),
        ("We have to leave immediately.", "We must leave at once."),
        ("I like it very much.", "I like it very much."),
        ("I don't think it's very good.", "I don't think it's very good."),
        ("They weren't just friends.", "They weren't just friends."),
        ("Of course, John Smith paid 20 dollars.", "John Smith paid 20 dollars."),
        ("Quite a few came.", "Quite a few came."),
        ("The vast majority of the people stayed.", "Most of the people stayed."),
    ],
)
def test_english(long: str, short: str) -> None:
    assert shortest(long, "en-US") == short


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("Yo creo que sí.", "Creo que sí."),
        ("Yo no lo sé.", "No lo sé."),
        ("Yo mismo lo hice.", "Yo mismo lo hice."),
        ("Mi hermano y yo vivimos aquí.", "Mi hermano y yo vivimos aquí."),
        ("Nosotros no vamos.", "No vamos."),
        ("Para nosotros estamos bien.", "Para nosotros estamos bien."),
        ("Con el fin de ganar, corrió.", "Para ganar, corrió."),
        ("La verdad es que murió.", "Murió."),
        ("Pues, en realidad, es una casa muy bonita.", "Es una casa bonita."),
        ("No es muy bonita.", "No es muy bonita."),
        ("Alrededor de la casa hay 20 árboles.", "Alrededor de la casa hay 20 árboles."),
        ("Realmente no lo sé.", "No lo sé."),
        ("¿Pero qué haces en este momento?", "¿Pero qué haces ahora?"),
    ],
)
def test_spanish(long: str, short: str) -> None:
    assert shortest(long, "es") == short


def test_no_more_is_changed_than_is_needed() -> None:
    line = "Well, I am here, and we are really late."
    count = len
    assert shorten(line, "en", len(line), count) == line
    assert shorten(line, "en", len(line) - 1, count) == "Well, I'm here, and we are really late."


def test_a_name_that_comes_to_begin_the_sentence_stays() -> None:
    assert shorten("really Just I", "en", 1, len) == "Just I"


def test_the_planner_of_repairs_knows_the_languages() -> None:
    assert all(rulebook(language) for language in SHORTENED_LANGUAGES)


def test_a_language_without_rules_keeps_its_lines() -> None:
    assert rulebook("ca") is None
    assert shorten("En realitat, és molt bonic.", "ca", 1, len) == "En realitat, és molt bonic."


_WORDS = {
    "en": "I am not very well , you know 7 seven John Madrid never that is really a . Just in order"
    " to be honest of course the I will have been able nobody",
    "es": "Yo no sé muy bien , la verdad es que 7 siete Juan Madrid nunca . en realidad nosotros"
    " vamos con el fin de ser sin nadie creo pues",
}


@settings(max_examples=150, deadline=None)  # the machine may be busy
@given(st.sampled_from(sorted(_WORDS)), st.data())
def test_whatever_is_said_numbers_names_and_negation_stay(
    language: str, data: st.DataObject
) -> None:
    words = data.draw(st.lists(st.sampled_from(_WORDS[language].split()), min_size=1, max_size=14))
    line = " ".join(words)
    book = rulebook(language)
    assert book is not None
    made = shorten(line, language, 1, len)
    assert len(made) <= len(line)
    assert book.keeps(line, made) or made == line
    before, after = (re.findall(r"\w+", text.casefold()) for text in (line, made))
    for kept in ("7", "seven", "siete", "nobody", "nadie", "nunca", "never"):
        assert after.count(kept) == before.count(kept)
    assert {"madrid", "john", "juan"} & set(before) == {"madrid", "john", "juan"} & set(after)


def test_hostile_text_does_no_harm() -> None:
    for text in ("", " ", "...", "\\1 \\g<who> I am \\n here", "(((", "a" * 3000, "I am " * 400):
        assert shorten(text, "en", 1, len) is not None
