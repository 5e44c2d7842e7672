"""Every phoneme has a mouth shape, in every language."""

import pytest

from airdub.languages import parse_language
from model_images.common.espeak import phonemize
from model_images.lipsync.shapes import REST, UNKNOWN, Shape, shapes_of, table_for

IPA = table_for("x-none")


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("a", [Shape(1.0, 0.6)]),
        ("ˈaː", [Shape(1.0, 0.6)]),
        ("ã", [Shape(1.0, 0.6)]),
        ("p", [Shape(0.0, 0.5)]),
        ("pʰ", [Shape(0.0, 0.5)]),
        ("aɪ", [Shape(1.0, 0.6), Shape(0.38, 0.8)]),
        ("tʃ", [Shape(0.20, 0.55), Shape(0.25, 0.22)]),
        ("ç", [Shape(0.28, 0.75)]),
        ("c\N{COMBINING CEDILLA}", [Shape(0.28, 0.75)]),
        ("h", [None]),
        ("?", [None]),
        ("", [REST]),
        ("_:", [REST]),
        ("pau", [REST]),
        ("\N{LATIN LETTER BILABIAL PERCUSSIVE}", [UNKNOWN]),
    ],
)
def test_symbols(symbol, expected):
    assert shapes_of(symbol, IPA) == expected


def test_lips_touch_for_bilabials_alone():
    shut = {symbol for symbol, shape in IPA.items() if shape and shape.shut}
    assert shut == set("mpbɓʙ")
    assert all(0 <= v <= 1 for shape in IPA.values() if shape for v in shape)


def test_a_language_changes_what_it_must_and_inherits_the_rest():
    korean, english = table_for("ko-KR"), table_for("en-GB")
    assert korean["ɯ"].width > korean["u"].width
    assert korean["o"].opening < IPA["o"].opening
    assert korean["m"] == english["m"] == IPA["m"]
    assert shapes_of("dʒ", english) == [Shape(0.25, 0.22)]
    assert english["ɹ"].width < IPA["ɹ"].width


def test_a_language_without_a_table_has_the_default():
    assert table_for("fr") == table_for("sw") == IPA


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The quick brown fox jumps over the lazy dog; she measured azure, church and joy."),
        (
            "ko",
            "안녕하세요 저는 오늘 학교에 갔습니다. 빨리 뛰어가서 꽃을 샀어요. 의사 왜 예쁜 땅콩",
        ),
        ("es", "El niño llevó un perro pequeño a la guitarra, quizás jamás bebió agua."),
        ("fr", "Où est la rue du bon vin blanc? Un œuf, deux yeux, la famille Huitième."),
        ("de", "Können Sie die schönen Straßen am Bach durch Zürich führen?"),
        ("ja", "こんにちは きょうは がっこうに いきました"),
        ("ru", "Здравствуйте, сегодня я пошёл в школу, чтобы учить язык"),
        ("ar", "مرحبا ذهبت اليوم إلى المدرسة"),
        ("hi", "नमस्ते मैं आज विद्यालय गया था"),
        ("vi", "Đường phố Hà Nội rất đẹp vào mùa thu"),
        ("pl", "Chrząszcz brzmi w trzcinie w Szczebrzeszynie, źdźbło"),
    ],
)
def test_no_phoneme_of_a_real_sentence_is_unknown(language, text):
    symbols = phonemize(text, parse_language(language))
    table = table_for(language)
    assert [symbol for symbol in symbols if UNKNOWN in shapes_of(symbol, table)] == []
    assert len({shape for symbol in symbols for shape in shapes_of(symbol, table)}) > 8
