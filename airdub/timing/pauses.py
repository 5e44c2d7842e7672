"""Pauses inside a line: where the source makes them, and where the take could."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from airdub.timing.plan import Pause, Placement
from airdub.timing.scenes import Span, without
from airdub.transcript import Segment, Take
from airdub.units import ms_to_ticks, rescale

SHORTEST_TAKE_GAP = ms_to_ticks(40)
SHORTEST_INSERT = ms_to_ticks(50)
FARTHEST = 0.2  # of the line: a pause further off belongs to another phrase


def source_pauses(
    segment: Segment, speech: Sequence[Span] | None, shortest: int
) -> tuple[Span, ...]:
    """Silences inside a source line.

    Args:
        speech: spans of detected speech, in order; None: the gaps between the line's words.
        shortest: ticks below which a silence is no pause.
    """
    if speech is None:
        voiced = [(word.start, word.end) for word in segment.words]
    else:
        first = max(0, bisect_right(speech, (segment.start, 0)) - 1)
        last = bisect_right(speech, (segment.end, 0))
        voiced = list(speech[first:last])
    inside = [span for span in voiced if span[1] > segment.start and span[0] < segment.end]
    if not inside:
        return ()
    gaps = without((inside[0][0], max(end for _, end in inside)), inside)
    return tuple(gap for gap in gaps if gap[1] - gap[0] >= shortest)


def take_gaps(take: Take) -> tuple[Span, ...]:
    """Silences between a take's phonemes, in its samples."""
    sounds = [(p.start, p.end) for p in take.phonemes if not is_silence(p.symbol)]
    if not sounds:
        return ()
    gaps = without((sounds[0][0], max(end for _, end in sounds)), sounds)
    return tuple(gap for gap in gaps if gap[1] - gap[0] >= SHORTEST_TAKE_GAP)


def is_silence(symbol: str) -> bool:
    """Whether a phoneme symbol stands for silence (espeak-ng writes `_`, `_:`; flite `pau`)."""
    return symbol.startswith("_") or symbol in ("", "pau", "sil")


def insert_pauses(
    placement: Placement, pauses: Sequence[Span], gaps: Sequence[Span], spare: int
) -> tuple[Pause, ...]:
    """Delay phrases of a line to the onsets of the source's phrases.

    Each source pause takes the take's silence that lies nearest at the same share of the line.

    Args:
        placement: of the line, without pauses.
        pauses: of the source line, on the title's timeline.
        gaps: silences of the take, in its samples.
        spare: ticks by which the line may grow.
    """
    inserted: list[Pause] = []
    silent = 0
    speech = placement.source_end - placement.source_start - sum(b - a for a, b in pauses)
    free = list(gaps)
    for begin, end in pauses:
        share = (begin - placement.source_start - silent) / max(1, speech)
        silent += end - begin
        nearest = min(
            free, key=lambda gap: abs(gap[0] / placement.take_length - share), default=None
        )
        if nearest is None or abs(nearest[0] / placement.take_length - share) > FARTHEST:
            continue
        free = [gap for gap in free if gap[0] > nearest[0]]
        grown = sum(pause.length for pause in inserted)
        wait = min(end - placement.tick_of(nearest[1]) - grown, spare - grown)
        if wait >= SHORTEST_INSERT:
            middle = (nearest[0] + nearest[1]) // 2
            at = rescale(middle, placement.take_length, placement.stretched_length)
            inserted.append(Pause(at=at, length=wait))
    return tuple(inserted)
