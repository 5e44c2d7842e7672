"""What a bracketed description is about, by the words that subtitlers use. Pure.

No word list knows every language. What it does not know is taken for a sound that stays in the
original, so a description is never spoken either way.
"""

from __future__ import annotations

import re

from airdub.transcript import Kind

_LANGUAGES = (
    "english|french|spanish|german|italian|portuguese|russian|chinese|mandarin|japanese|korean|"
    "arabic|hindi|(?:a )?foreign language|inglés|francés|alemán|español|italiano|portugués|ruso|"
    "chino|japonés|coreano|árabe|anglais|français|allemand|espagnol|englisch|französisch|spanisch"
)
_SIGNS = (
    (Kind.FOREIGN, rf"\b(?:{_LANGUAGES})\b|외국어|외국 말|外国語|外语|外語"),
    (
        Kind.SONG,
        r"\b(?:music|songs?\b|sing(?:s|ing)\b|humm|chant|melod|jingle|cancion|canción|canta|tararea"
        r"|músic|musique|chanson|musik|gesang|singt|canzone|музык|пес|поет|موسيقى|أغنية|संगीत|गीत)"
        r"|음악|노래|音楽|音乐|音樂|歌|[♩♪♫♬]",
    ),
    (
        Kind.CROWD,
        r"\b(?:crowd|applau|cheer|audience|chatter|murmur|multitud|aplau|vítor|público|foule"
        r"|acclam|brouhaha|publikum|beifall|jubel|menge\b|folla|аплод|толпа|تصفيق|भीड़|ताल)"
        r"|박수|환호|관중|웅성|拍手|歓声|掌声|掌聲|欢呼|歡呼",
    ),
    (
        Kind.ON_SCREEN_TEXT,
        r"^(?:sign|text|caption|title|letrero|texto|rótulo|panneau|schild)\b"
        r"|\b(?:1[5-9]|20)\d\d\b|\d:\d\d|\b(?:later|earlier|después|antes|plus tard|später)$",
    ),
)
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _SIGNS)


def described_kind(description: str) -> Kind:
    """What the text within brackets describes.

    `[applause]` is a crowd, `(soft music)` a song, `[in French]` foreign speech, `[Madrid, 1990]`
    text on the screen; any other sound (`[laughs]`, `[door slams]`) counts as an effort, a sound
    of the original that stays.
    """
    folded = description.casefold().strip()
    found = (kind for kind, pattern in _PATTERNS if pattern.search(folded))
    return next(found, Kind.EFFORT)
