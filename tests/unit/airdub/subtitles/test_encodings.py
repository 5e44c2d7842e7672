from __future__ import annotations

import pytest

from airdub.errors import InvalidInput
from airdub.subtitles.encodings import decode

CUE = "1\n00:00:01,000 --> 00:00:02,000\n"
TEXTS = {
    "es": "¿Qué pasó, señor Núñez?",
    "fr": "Ça va être l’été, n’est-ce pas ?",
    "ru": "Привет, как дела? Всё хорошо.",
    "uk": "Привіт, як справи? Їжак.",
    "ko": "안녕하세요 반갑습니다",
    "ja": "こんにちは、元気ですか？ボーカル",
    "zh": "你好，最近怎么样？",
    "zh-Hant": "你好，最近怎麼樣？",
    "ar": "مرحبا كيف حالك",
    "hi": "नमस्ते, आप कैसे हैं?",
    "el": "Καλημέρα τι κάνεις",
    "he": "שלום מה שלומך",
    "tr": "Günaydın, nasılsın? Şöyle",
    "th": "สวัสดีครับ",
}
LEGACY = [
    ("es", "cp1252"),
    ("fr", "cp1252"),
    ("ru", "cp1251"),
    ("ru", "koi8_r"),
    ("ru", "cp866"),
    ("uk", "cp1251"),
    ("ko", "cp949"),
    ("ko", "iso2022_kr"),
    ("ja", "cp932"),
    ("ja", "euc_jp"),
    ("ja", "iso2022_jp"),
    ("zh", "gb18030"),
    ("zh-Hant", "big5"),
    ("ar", "cp1256"),
    ("el", "cp1253"),
    ("he", "cp1255"),
    ("tr", "cp1254"),
    ("th", "cp874"),
]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_unicode_is_read_with_and_without_a_mark(language: str, codec: str) -> None:
    text = f"{CUE}{TEXTS[language]}\n"
    assert decode(text.encode(codec), name="s.srt", language=language)[0] == text


@pytest.mark.parametrize(("language", "codec"), LEGACY)
def test_the_language_tells_which_code_page_it_is(language: str, codec: str) -> None:
    text = f"{CUE}{TEXTS[language]}\n"
    assert decode(text.encode(codec), name="s.srt", language=language)[0] == text


def test_line_ends_become_line_feeds() -> None:
    assert decode(b"a\r\nb\rc\n\x1a", name="s", language="en")[0] == "a\nb\nc\n"


@pytest.mark.parametrize(
    ("data", "language", "line", "reason"),
    [
        (f"{CUE}{TEXTS['ja']}".encode("cp932"), "es", 3, "no encoding fits"),
        (f"{CUE}{TEXTS['ru']}".encode("cp1251"), "es", 3, "no encoding fits"),
        (f"{CUE}{TEXTS['es']}".encode("cp1252"), "ko", 3, "no encoding fits"),
        (f"{CUE}Hola".encode("cp037"), "es", 1, "no encoding fits"),
        (CUE.encode() + b"\xff\xfa\xfb\x9f\xa7 \x81\x8d", "es", 3, "no encoding fits"),
        (f"{CUE}¿Qué pasó,".encode() + b"\xf1\n", "es", 3, "not valid utf-8"),
        (f"{CUE}¿Qué pasó, señor".encode()[:-3] + b"\n", "es", 3, "not valid utf-8"),
        (f"{CUE}Hola".encode("utf-16")[:-1], "es", 3, "not valid utf-16"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "es", 1, "which no text has"),
        (b"GIF89a\x01\x02", "es", 1, "which no text has"),
        (f"{CUE}{TEXTS['es']}".encode().decode("cp1252").encode(), "es", 3, "wrong encoding"),
    ],
)
def test_what_is_no_text_of_the_language_is_refused_with_its_line(
    data: bytes, language: str, line: int, reason: str
) -> None:
    with pytest.raises(InvalidInput, match=reason) as caught:
        decode(data, name="film.srt", language=language)
    assert caught.value.where.startswith(f"film.srt, line {line}")
    assert "UTF-8" in caught.value.remedy


def test_capitals_with_tilde_are_no_sign_of_a_wrong_encoding() -> None:
    text = f"{CUE}NÃO HÁ PÃO, IRMÃ! “Â”"
    assert decode(text.encode(), name="s", language="pt")[0] == text
