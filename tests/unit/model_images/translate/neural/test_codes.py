"""Models' codes are found for languages as people write them, scripts included."""

from __future__ import annotations

import pytest

from airdub.errors import InvalidInput
from model_images.translate.neural.codes import model_code

NLLB = [
    "arb_Arab", "ary_Arab", "azb_Arab", "azj_Latn", "bos_Latn", "eng_Latn", "spa_Latn",
    "est_Latn", "pes_Arab", "prs_Arab", "hrv_Latn", "kor_Hang", "lvs_Latn", "nno_Latn",
    "nob_Latn", "pbt_Arab", "quy_Latn", "srp_Cyrl", "swh_Latn", "tgl_Latn", "zho_Hans",
    "zho_Hant", "yue_Hant", "zsm_Latn",
]  # fmt: skip
M2M100 = ["ar", "az", "en", "es", "fa", "he", "ko", "no", "ns", "ps", "sr", "tl", "zh"]


@pytest.mark.parametrize(
    ("language", "nllb", "m2m100"),
    [
        ("en-GB", "eng_Latn", "en"),
        ("es-419", "spa_Latn", "es"),
        ("zh", "zho_Hans", "zh"),
        ("zh-TW", "zho_Hant", ""),
        ("zh-Hant-HK", "zho_Hant", ""),
        ("yue", "yue_Hant", ""),
        ("ar-EG", "arb_Arab", "ar"),
        ("ary", "ary_Arab", ""),
        ("fa", "pes_Arab", "fa"),
        ("fa-AF", "prs_Arab", "fa"),
        ("no", "nob_Latn", "no"),
        ("nb", "nob_Latn", "no"),
        ("nn", "nno_Latn", ""),
        ("sr", "srp_Cyrl", "sr"),
        ("hr", "hrv_Latn", ""),
        ("ko", "kor_Hang", "ko"),
        ("et", "est_Latn", ""),
        ("lv", "lvs_Latn", ""),
        ("ms", "zsm_Latn", ""),
        ("sw", "swh_Latn", ""),
        ("ps", "pbt_Arab", "ps"),
        ("qu", "quy_Latn", ""),
        ("az", "azj_Latn", "az"),
        ("fil", "tgl_Latn", "tl"),
        ("iw", "", "he"),
    ],
)
def test_a_language_is_found_by_any_of_its_names(language: str, nllb: str, m2m100: str) -> None:
    for codes, code in ((NLLB, nllb), (M2M100, m2m100)):
        if code:
            assert model_code(language, codes, where="target_language") == code
        else:
            with pytest.raises(InvalidInput, match="the model has no"):
                model_code(language, codes, where="target_language")


@pytest.mark.parametrize("language", ["sr-Latn", "pa-PK", "tlh", "la"])
def test_another_script_or_language_is_refused(language: str) -> None:
    with pytest.raises(InvalidInput, match=r"target_language: the model has no .*languages are ar"):
        model_code(language, [*NLLB, "pan_Guru"], where="target_language")
