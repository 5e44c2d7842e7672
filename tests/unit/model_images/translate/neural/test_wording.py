"""What becomes of lines when the model gives terms back, loses them, or says too much."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from airdub.glossary import Term
from model_images.translate.glossary import protect
from model_images.translate.neural.choosing import Candidate
from model_images.translate.neural.wording import Worder
from model_images.translate.protocol import Job
from tests.builders import transcript

ANNA, HOUSE = Term("Anna", "Ana"), Term("house", "casona")


class Phrasebook:
    """A model that knows whole sentences, and nothing else."""

    def __init__(self, **known: tuple[str, ...] | str) -> None:
        self.known = {"": ""} | {text.replace("_", " "): said for text, said in known.items()}
        self.asked: list[str] = []

    def candidates(
        self, texts: Sequence[str], tell: Callable[[int], None]
    ) -> list[list[Candidate]]:
        self.asked += texts
        tell(len(texts))
        return [self._candidates(text) for text in texts]

    def _candidates(self, text: str) -> list[Candidate]:
        said = self.known[text.rstrip(".")]
        several = (said,) if isinstance(said, str) else said
        return [Candidate(one, -at / 10) for at, one in enumerate(several)]


def worded(
    model: Phrasebook, *texts: str, length_s: float = 2.0, to: str = "es"
) -> tuple[list[str], list[str]]:
    """Lines and warnings; a third of a second is between two segments."""
    step = length_s + 0.3
    spans = [(at * step, at * step + length_s, text) for at, text in enumerate(texts)]
    source = transcript(*spans)
    protected = [protect(text, [ANNA, HOUSE]) for text in texts]
    warnings: list[str] = []
    job = Job(
        segments=source.segments,
        texts=[one.text for one in protected],
        terms=[one.terms for one in protected],
        source_language="en",
        target_language=to,
        duration=source.duration,
        target_script=None,
        warn=warnings.append,
        progress=lambda done, total, unit: None,
    )
    return Worder(job, lambda: model).texts(), warnings


def test_a_term_comes_back_through_its_stand_in() -> None:
    model = Phrasebook(XQZ0J_has_a_XQZ1J="XQZ0J tiene una XQZ1J.")
    assert worded(model, "Anna has a house.") == (["Ana tiene una casona."], [])


def test_the_next_candidate_is_taken_if_the_first_loses_a_term() -> None:
    model = Phrasebook(XQZ0J_is_here=("Está aquí.", "XQZ0J XQZ0J.", "XQZ0J está aquí."))
    assert worded(model, "Anna is here.")[0] == ["Ana está aquí."]


def test_the_terms_translation_is_tried_in_its_place() -> None:
    model = Phrasebook(XQZ0J_is_here="Está aquí.", Ana_is_here=("Está aquí.", "Ana está aquí."))
    assert worded(model, "Anna is here.")[0] == ["Ana está aquí."]
    assert model.asked == ["XQZ0J is here.", "Ana is here."]


def test_a_term_that_no_candidate_has_leaves_the_likeliest() -> None:
    model = Phrasebook(XQZ0J_is_here="Está aquí.", Ana_is_here=("Ella está.", "Está aquí."))
    assert worded(model, "Anna is here.")[0] == ["Ella está."]


def test_a_sentence_over_two_segments_is_divided_and_keeps_terms_in_their_segments() -> None:
    model = Phrasebook(
        **{"When_XQZ0J_comes,_the_XQZ1J_sleeps": "Cuando XQZ0J viene, XQZ1J duerme."}
    )
    assert worded(model, "When Anna comes,", "the house sleeps.")[0] == [
        "Cuando Ana viene,",
        "casona duerme.",
    ]


def test_segments_are_translated_one_by_one_where_the_whole_cannot_be_divided() -> None:
    known = {
        "When_XQZ0J_comes,_the_XQZ1J_sleeps": ("XQZ1J duerme con XQZ0J.", "Duerme."),
        "When_XQZ0J_comes,": "Cuando XQZ0J viene,",
        "the_XQZ0J_sleeps": "la XQZ0J duerme.",
    }
    said, _ = worded(Phrasebook(**known), "When Anna comes,", "the house sleeps.")
    assert said == ["Cuando Ana viene,", "la casona duerme."]


def test_a_shorter_candidate_is_said_where_time_is_short() -> None:
    known = ("Ella se encuentra en este lugar ahora.", "Está aquí.")
    assert worded(Phrasebook(She_is_here=known), "She is here.", length_s=0.5)[0] == ["Está aquí."]
    assert worded(Phrasebook(She_is_here=known), "She is here.", length_s=4.0)[0] == [known[0]]


def test_nothing_is_asked_of_the_model_where_nothing_is_said() -> None:
    model = Phrasebook()
    texts = ["", "👍", "3:30.", "Anna!", "..."]
    assert worded(model, *texts)[0] == ["", "👍", "3:30.", "Ana!", "..."]
    assert model.asked == []


def test_a_number_that_is_gone_is_told() -> None:
    said, warnings = worded(Phrasebook(At_7="A las siete."), "At 7.")
    assert said == ["A las siete."]
    assert warnings == ["s0001: 7 is not in the translation 'A las siete.'"]


def test_a_number_that_moves_within_its_sentence_is_not_gone() -> None:
    model = Phrasebook(**{"At_7_he_came,_and_left_at_9": "Vino, y se fue a las 9, a las 7."})
    said, warnings = worded(model, "At 7 he came,", "and left at 9.")
    assert " ".join(said) == "Vino, y se fue a las 9, a las 7."
    assert warnings == []


def test_a_text_of_several_sentences_is_one_line_again() -> None:
    model = Phrasebook(Come_in="Pasa.", Sit_down="Siéntate.")
    assert worded(model, "Come in. Sit down.")[0] == ["Pasa. Siéntate."]
    model = Phrasebook(Come_in="進来。", Sit_down="坐。")
    assert worded(model, "Come in. Sit down.", to="zh")[0] == ["進来。坐。"]
