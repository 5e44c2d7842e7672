from __future__ import annotations

import subprocess
import sys

import pytest

from airdub.errors import InvalidInput
from airdub.languages import (
    base_language,
    iso639_2t,
    language_name,
    parse_language,
    same_language,
    script_of,
)


@pytest.mark.parametrize(
    ("tag", "normal"),
    [
        ("es", "es"),
        ("ES-419", "es-419"),
        ("en_us", "en-US"),
        ("spa", "es"),
        ("ger", "de"),
        ("cmn", "zh"),
        ("iw", "he"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("pt-br", "pt-BR"),
        ("yue", "yue"),
    ],
)
def test_a_tag_is_normalised(tag: str, normal: str) -> None:
    assert parse_language(tag) == normal


@pytest.mark.parametrize(
    "tag", ["", "x", "xx", "und", "mul", "zxx", "qaa", "en-zzz", "../es", "e" * 300, "es\n"]
)
def test_an_unknown_language_is_refused(tag: str) -> None:
    with pytest.raises(InvalidInput, match="no known language") as caught:
        parse_language(tag, where="--to")
    assert caught.value.where == "--to"
    assert "BCP-47" in caught.value.remedy


@pytest.mark.parametrize(("name", "tag"), [("Spanish", "es"), ("english", "en"), ("español", "es")])
def test_a_language_given_by_name_is_refused_with_its_tag(name: str, tag: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_language(name)
    assert caught.value.remedy == f"write '{tag}' for {name}"


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("es-419", "spa"),
        ("de", "deu"),
        ("zh", "zho"),
        ("zh-Hant", "zho"),
        ("fr-CA", "fra"),
        ("ca", "cat"),
        ("ko", "kor"),
        ("cs", "ces"),
        ("yue", "yue"),
    ],
)
def test_containers_get_the_terminology_code(tag: str, code: str) -> None:
    assert iso639_2t(tag) == code


def test_languages_compare_on_their_base() -> None:
    assert same_language("es-419", "es-ES")
    assert same_language("cmn", "zh-Hant")
    assert not same_language("es", "pt")
    assert base_language("zh-Hant-TW") == "zh"


@pytest.mark.parametrize(
    ("tag", "script"), [("ja", "Jpan"), ("zh-TW", "Hant"), ("sr", "Cyrl"), ("sr-Latn", "Latn")]
)
def test_the_writing_system_follows_language_and_region(tag: str, script: str) -> None:
    assert script_of(tag) == script


def test_messages_call_languages_by_their_names() -> None:
    assert [language_name(tag) for tag in ("es-419", "zh-Hant", "ko")] == [
        "Spanish",
        "Chinese",
        "Korean",
    ]


def test_importing_the_helpers_loads_no_language_database() -> None:
    code = "import sys, airdub.languages; sys.exit('langcodes' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
