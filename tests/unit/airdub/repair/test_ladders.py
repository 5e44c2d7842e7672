"""A repair chooses among the engines that the profile lists for the languages and that can run."""

from __future__ import annotations

from typing import Any

from airdub.engines import Environment
from airdub.orders import DubOrder
from airdub.repair import Ladders, ladders_of
from tests.fakes.stage_python import complete


def order(source: str, target: str) -> DubOrder:
    return DubOrder(source="/film.mp4", source_language=source, target_language=target)


def engines(source: str, target: str, *inputs: str, **changes: Any) -> dict[str, tuple[str, ...]]:
    environment = Environment.model_validate(complete().model_dump() | changes)
    return dict(ladders_of(order(source, target), inputs, environment).engines)


def test_best_first_as_the_profile_lists_them() -> None:
    english = engines("es", "en", "target_script", "background_stem", "dialogue_stem")
    assert english["synthesize"] == ("flite", "espeak_ng")
    assert english["translate"] == ("script", "apertium")
    assert english["separate"] == ("supplied", "repet")
    assert engines("en", "es")["synthesize"] == ("espeak_ng",)


def test_what_cannot_run_here_is_no_rung_but_the_first_engine_stays() -> None:
    without = engines("es", "en", "target_script", programs={"libespeak-ng1": "1"})
    assert without["translate"] == ("script",)
    assert without["synthesize"] == ("flite", "espeak_ng")


def test_rules_to_shorten_lines_are_known_by_language() -> None:
    known = {
        target: ladders_of(order("en", target), (), complete()).shortens
        for target in ("es-419", "ca", "en-GB")
    }
    assert known == {"es-419": True, "ca": False, "en-GB": True}


def test_rungs_below() -> None:
    ladders = Ladders({"translate": ("script", "apertium", "nllb")})
    assert ladders.first("translate") == "script"
    assert ladders.after("translate") == ("apertium", "nllb")
    assert ladders.after("translate", "apertium") == ("nllb",)
    assert ladders.after("translate", "nllb") == ()
    assert (ladders.first("mix"), ladders.after("mix")) == ("", ())
