"""How English says a line in fewer syllables."""

from __future__ import annotations

import re

from model_images.translate.shortening.rules import Rule, Rulebook

_DONE = r"(?:been|got|had|seen|done|made|gone|come|known|taken|given|found|heard|told|said)"
_ADVERB = r"(?:(?:not|never|always|already|just|ever|only|also|\w+ly)\s+)?"
_AND_ON = r"(?=\s+\w)"  # "it is." stays: the end of a sentence is stressed
_THEY = r"(?P<who>i|you|we|they|he|she)"
_A_SUBJECT = (
    r"(?=\s+(?:i|you|he|she|it|we|they|the|this|there|these|those|my|your|his|her|our|their"
    r"|everything|everyone|everybody|nothing|nobody)\b)"
)

_CONTRACTIONS = (
    Rule.phrase(r"can\s?not", "can't"),
    Rule.phrase("will not", "won't"),
    Rule.phrase(r"(?P<be>is|are|was|were|do|does|did|has|have|had) not", r"\g<be>n't"),
    Rule.phrase(r"(?P<may>could|would|should|must|need) not", r"\g<may>n't"),
    Rule.phrase(rf"i am{_AND_ON}", "I'm"),
    Rule.phrase(rf"(?P<who>you|we|they) are{_AND_ON}", r"\g<who>'re"),
    Rule.phrase(
        rf"(?P<who>he|she|it|that|there|here|what|who|where|how) is{_AND_ON}", r"\g<who>'s"
    ),
    Rule.phrase(rf"{_THEY} will{_AND_ON}", r"\g<who>'ll"),
    Rule.phrase(rf"{_THEY} would{_AND_ON}", r"\g<who>'d"),
    Rule.phrase(rf"(?P<who>i|you|we|they) have(?=\s+{_ADVERB}(?:{_DONE}|\w+ed)\b)", r"\g<who>'ve"),
    Rule.phrase(rf"(?P<who>he|she|it) has(?=\s+{_ADVERB}{_DONE}\b)", r"\g<who>'s"),
    Rule.phrase(rf"{_THEY} had(?=\s+{_ADVERB}{_DONE}\b)", r"\g<who>'d"),
    Rule.phrase(rf"let us{_AND_ON}", "let's"),
)

_PLAINER = (
    Rule.phrase("in order to|so as to", "to"),
    Rule.phrase("for the purpose of", "for"),
    Rule.phrase("(?:due|owing) to the fact that|in view of the fact that", "because"),
    Rule.phrase("(?:despite|in spite of) the fact that", "although"),
    Rule.phrase("in the event that", "if"),
    Rule.phrase("at (?:this|the present) (?:point|moment) in time", "now"),
    Rule.phrase("at the present (?:time|moment)|at this moment", "now"),
    Rule.phrase("at that (?:point|moment) in time", "then"),
    Rule.phrase("in the near future", "soon"),
    Rule.phrase("until such time as", "until"),
    Rule.phrase("on a daily basis", "daily"),
    Rule.phrase("an? (?:large|great|considerable) number of", "many"),
    Rule.phrase("a great deal of", "much"),
    Rule.phrase(r"the (?:vast )?majority(?= of the\b)", "most"),
    Rule.phrase("the (?:vast )?majority of", "most"),
    Rule.phrase("with (?:regard|respect) to|in relation to|in regard to", "about"),
    Rule.phrase("each and every|every single", "every"),
    Rule.phrase(r"all of(?=\s+(?:the|this|that|these|those|our|your|my|his|her|their)\b)", "all"),
    Rule.phrase(r"(?P<who>i)(?: am|['’]m) able to", r"\g<who> can"),
    Rule.phrase(r"(?P<who>you|we|they)(?: are|['’]re) able to", r"\g<who> can"),
    Rule.phrase(r"(?P<who>he|she|it)(?: is|['’]s) able to", r"\g<who> can"),
    Rule.phrase(r"(?P<who>i|you|we|they) have to(?!\s+do\s+with)", r"\g<who> must"),
    Rule.phrase(r"(?P<who>he|she|it) has to(?!\s+do\s+with)", r"\g<who> must"),
    Rule.phrase("nevertheless|nonetheless", "still"),
    Rule.phrase("approximately", "about"),
    Rule.phrase("immediately", "at once"),
    Rule.phrase("additionally|furthermore", "also"),
)

_FILLERS = (
    "well", "now", "look", "listen", "okay", "oh", "ah", "um", "uh", "you know", "you see",
    "i mean", "actually", "basically", "honestly", "of course", "in fact", "as a matter of fact",
    "to be honest", "to tell the truth", "to tell you the truth", "as you know", "as you can see",
    "as i said", "by the way", "after all", "at the end of the day", "in other words", "believe me",
    "let me tell you",
)  # fmt: skip

_WEAK = (
    r"(?:really|actually|basically|simply|just|very(?! much)|quite(?! a)|truly|absolutely"
    r"|completely|totally|certainly|definitely|obviously|literally)"
)
_NO = r"(?:not|\w+n['’]t|never|no|hardly|nothing|nobody|without)(?:\s+[\w'’]+){0,2}"

_REMOVALS = (
    *Rule.fillers(_FILLERS),
    *(
        Rule.phrase(rf"(?<=\b{verb} )that{_A_SUBJECT}")
        for verb in ("say", "said", "think", "thought", "know", "knew", "hope", "believe", "sure")
    ),
    Rule.phrase(rf"{_WEAK}(?=\s+[a-z])", not_after=rf"an?|{_NO}"),
    # "a very old house" would need another article
    Rule.phrase(rf"(?<=\ba ){_WEAK}(?=\s+[b-df-gj-np-tv-z])", not_after=_NO),
)

_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
    " hundred thousand million billion first second third half quarter dozen twice"
)

BOOK = Rulebook(
    rules=(*_CONTRACTIONS, *_PLAINER, *_REMOVALS),
    negations=re.compile(
        r"^(?:no|not|never|none|nobody|nothing|nowhere|neither|nor|without|hardly|cannot)$|n't$"
    ),
    numbers=frozenset(_NUMBERS.split()),
)
