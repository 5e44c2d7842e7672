from __future__ import annotations

from fractions import Fraction

import pytest

from airdub.errors import InvalidInput
from airdub.subtitles.script import Run
from airdub.subtitles.ttml import read_ttml

SECOND = 48_000
NAMESPACES = (
    'xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" '
    'xmlns:tts="http://www.w3.org/ns/ttml#styling" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"'
)
FILM = 'ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001"'


def document(body: str, attributes: str = "", head: str = "") -> str:
    return (
        f'<?xml version="1.0"?>\n<tt {NAMESPACES} xml:lang="es" {attributes}>\n'
        f"<head>{head}</head>\n{body}\n</tt>"
    )


def paragraphs(*lines: str) -> str:
    return "<body><div>\n" + "\n".join(lines) + "\n</div></body>"


def times(text: str, rate: Fraction | None = None) -> list[tuple[int, int]]:
    return [(cue.start, cue.end) for cue in read_ttml(text, name="s.ttml", rate=rate)[0]]


def test_paragraphs_become_cues_with_their_place() -> None:
    text = document(
        paragraphs(
            '<p begin="00:00:01.000" end="00:00:02.5">Hola<br/>',
            '  <span tts:fontStyle="italic">mundo</span> y   más</p>',
            '<p begin="3s" dur="500ms" xml:space="preserve">- a\n- b</p>',
        )
    )
    cues, _ = read_ttml(text, name="s.ttml", rate=None)
    assert [(cue.place, cue.start, cue.end, cue.text) for cue in cues] == [
        ("line 5, cue 1", SECOND, SECOND * 5 // 2, "Hola\nmundo y más"),
        ("line 7, cue 2", 3 * SECOND, SECOND * 7 // 2, "- a\n- b"),
    ]


@pytest.mark.parametrize(
    ("begin", "end", "attributes", "span"),
    [
        ("00:00:01:12", "00:00:02:00", FILM, (72_024, 96_000)),  # 1 s + 12 frames of 2002
        ("36f", "48f", FILM, (72_072, 96_096)),
        ("01:00:00:00", "01:00:10:00", f'{FILM} ttp:timeBase="smpte"', (172_972_800, 173_453_280)),
        (
            "01:00:00:00",
            "01:00:00:02",
            'ttp:frameRate="30" ttp:timeBase="smpte" ttp:dropMode="dropNTSC"',
            (172_799_827, 172_803_030),
        ),
        ("01:00:00;00", "01:00:00;02", 'ttp:frameRate="30" ttp:frameRateMultiplier="1000:1001"',
         (172_799_827, 172_803_030)),
        ("10000000t", "25000000t", 'ttp:tickRate="10000000"', (SECOND, SECOND * 5 // 2)),
        ("25t", "50t", 'ttp:frameRate="25"', (SECOND, 2 * SECOND)),
        ("1m", "0.5h", "", (60 * SECOND, 1800 * SECOND)),
    ],
)  # fmt: skip
def test_time_expressions(begin: str, end: str, attributes: str, span: tuple[int, int]) -> None:
    text = document(paragraphs(f'<p begin="{begin}" end="{end}">a</p>'), attributes)
    assert times(text) == [span]


def test_frames_without_a_rate_are_the_media_s() -> None:
    text = document(paragraphs('<p begin="25f" end="50f">a</p>'))
    assert times(text, Fraction(25)) == [(SECOND, 2 * SECOND)]
    assert times(text) == [(40_000, 80_000)]


def test_containers_shift_clip_and_follow_each_other() -> None:
    text = document(
        '<body timeContainer="seq">'
        '<div begin="1s" dur="3s"><p begin="1s" dur="5s">a</p></div>'
        '<div dur="2s"><p>b</p></div></body>'
    )
    assert times(text) == [(2 * SECOND, 4 * SECOND), (4 * SECOND, 6 * SECOND)]


def test_timed_spans_are_cues_where_the_paragraph_has_no_times() -> None:
    text = document(
        paragraphs('<p><span begin="1s" end="2s">a</span> <span begin="3s" end="4s">b</span></p>')
    )
    assert times(text) == [(SECOND, 2 * SECOND), (3 * SECOND, 4 * SECOND)]


def test_agents_are_voices_by_their_names() -> None:
    head = (
        '<metadata><ttm:agent xml:id="a1" type="person">'
        '<ttm:name type="full">Ana María</ttm:name></ttm:agent></metadata>'
    )
    body = paragraphs(
        '<p ttm:agent="a1" begin="1s" end="2s">Hola <span ttm:agent="a2">Adiós</span></p>'
    )
    cues, _ = read_ttml(document(body, head=head), name="s.ttml", rate=None)
    assert cues[0].runs == (Run("Hola", "Ana María"), Run("Adiós", "a2"))


def test_ruby_and_metadata_are_not_read_aloud() -> None:
    body = paragraphs(
        '<p begin="1s" end="2s"><metadata><ttm:desc>x</ttm:desc></metadata>'
        '<span tts:ruby="container"><span tts:ruby="base">漢字</span>'
        '<span tts:ruby="text">かんじ</span></span>です</p>'
    )
    assert read_ttml(document(body), name="s.ttml", rate=None)[0][0].text == "漢字です"


@pytest.mark.parametrize("namespace", ["http://www.w3.org/2006/10/ttaf1", ""])
def test_dfxp_drafts_are_read(namespace: str) -> None:
    text = f'<tt xmlns="{namespace}"><body><div><p begin="1s" end="2s">a</p></div></body></tt>'
    assert times(text) == [(SECOND, 2 * SECOND)]


@pytest.mark.parametrize(
    ("body", "where", "reason"),
    [
        ('<p begin="-1s" end="2s">a</p>', "line 5, <p>, begin", "negative"),
        ('<p begin="1s" end="x">a</p>', "line 5, <p>, end", "no time"),
        ('<p begin="1s" dur="12foo">a</p>', "line 5, <p>, dur", "no time"),
        ('<p begin="00:61:00.0" end="2s">a</p>', "line 5, <p>, begin", "no time"),
        ('<p begin="00:00:01:99" end="2s">a</p>', "line 5, <p>, begin", "no time"),
        ('<p begin="5s">a</p>', "line 5, cue 1, end", "no end time"),
        ('<p begin="5s" end="5s">a</p>', "line 5, cue 1, end", "same instant"),
        ('<p begin="1s" end="2s">a</div>', "line 5, column 27", "not well-formed"),
        ('<p begin="1s" end="2s">a &nbsp; b</p>', "line 5, column 26", "undefined entity"),
        ("<div>" * 60, "line 5", "nested more than 40 deep"),
    ],
)
def test_malformed_documents_are_refused_with_their_line(
    body: str, where: str, reason: str
) -> None:
    with pytest.raises(InvalidInput, match=reason) as caught:
        times(document(paragraphs(body)))
    assert caught.value.where == f"s.ttml, {where}"
    assert caught.value.remedy


@pytest.mark.parametrize("attribute", ['ttp:frameRate="0"', 'ttp:frameRateMultiplier="1001"'])
def test_malformed_rates_are_refused(attribute: str) -> None:
    with pytest.raises(InvalidInput, match="it is '") as caught:
        times(document(paragraphs('<p begin="1f" end="2f">a</p>'), attribute))
    assert attribute.partition("=")[0] in caught.value.where


def test_an_entity_bomb_is_refused_before_it_goes_off() -> None:
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 30))
    text = f'<!DOCTYPE t [<!ENTITY l0 "lol">{bomb}]><tt {NAMESPACES}><body>&l29;</body></tt>'
    with pytest.raises(InvalidInput, match="document type"):
        times(text)


def test_another_root_is_refused() -> None:
    with pytest.raises(InvalidInput, match="root element is <html>"):
        times("<html><body/></html>")


def test_a_document_without_body_has_no_cues() -> None:
    assert times(f"<tt {NAMESPACES}/>") == []
