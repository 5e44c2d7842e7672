"""What a recogniser hears of each line, and how much of it is wrong.

The recogniser is pocketsphinx: it has no part in choosing takes or texts of the dub. Its own floor
on clean sentences by flite is a WER of 0.06 (48 sentences of two voices, 412 words).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import jiwer
import numpy as np
from numpy.typing import NDArray
from soxr import resample

from airdub.languages import language_name
from airdub.units import CLOCK_HZ, ms_to_ticks
from model_images.common import recogniser
from model_images.common.pcm import dialogue_channels, read_span
from model_images.evaluate.analysis.shares import Share, pooled
from model_images.evaluate.analysis.wording import tokens
from model_images.evaluate.evidence import DubbedLine, Evidence
from model_images.evaluate.protocol import Absent, Measured

METHOD = f"{recogniser.NAME} en-us (its floor: 0.06), text2num, jiwer WER"
VERSION = "1"

Span = tuple[int, int]

_MARGIN = ms_to_ticks(250)
_MOST_SHARED = 0.1


def measure_errors(evidence: Evidence, sound: Path, kept: Sequence[Span] = ()) -> Measured:
    """Word errors (changed, left out, put in) over words, of each line and of the title.

    A line that was never spoken, or is silent, has all its words wrong.

    Args:
        sound: 48 kHz, on the picture's timeline.
        kept: spans of original voices in it.
    """
    if not recogniser.recognises(evidence.target_language):
        return Measured(Absent(_no_recogniser(evidence.target_language)))
    spans = {line.id: (p.start, p.end) for line in evidence.lines if (p := line.placement)}
    found: dict[str, Share | Absent] = {}
    for line in evidence.lines:
        others = [span for id_, span in spans.items() if id_ != line.id]
        found[line.id] = _errors(evidence, sound, line, [*others, *kept])
        evidence.progress(len(found), len(evidence.lines), "lines heard")
    return pooled(found)


def _no_recogniser(language: str) -> str:
    return (
        f"there is no recogniser for {language_name(language)}: {recogniser.NAME} knows English "
        "only; an evaluate engine with a recogniser of that language (Whisper) would measure it"
    )


def _errors(
    evidence: Evidence, sound: Path, line: DubbedLine, others: Sequence[Span]
) -> Share | Absent:
    wanted = tokens(line.text, evidence.target_language)
    if not wanted:
        return Absent("the line has no words")
    if line.placement is None:
        return Share(len(wanted), len(wanted))
    span = (line.placement.start, line.placement.end)
    if shared(span, others) > _MOST_SHARED:
        return Absent("another voice speaks at the same time: a recogniser can't tell them apart")
    said = tokens(
        " ".join(_heard(evidence, sound, widened(span, others))), evidence.target_language
    )
    return Share(word_errors(wanted, said), len(wanted))


def word_errors(wanted: Sequence[str], said: Sequence[str]) -> int:
    """Least number of words to change, leave out and put in (Levenshtein distance, by jiwer)."""
    found = jiwer.process_words(" ".join(wanted), " ".join(said))
    return found.substitutions + found.deletions + found.insertions


def shared(span: Span, others: Sequence[Span]) -> float:
    """Share (0..1) of a span in which any of the others sounds too."""
    start, end = span
    covered, at = 0, start
    for first, last in sorted(others):
        covered += max(0, min(end, last) - max(at, first))
        at = max(at, min(end, last))
    return covered / (end - start)


def widened(span: Span, others: Sequence[Span], margin: int = _MARGIN) -> Span:
    """A span with a margin, so that nothing is cut; halfway to its neighbours at most."""
    start, end = span
    before = max((last for _, last in others if last <= start), default=start - 2 * margin)
    after = min((first for first, _ in others if first >= end), default=end + 2 * margin)
    return start - min(margin, (start - before) // 2), end + min(margin, (after - end) // 2)


def _heard(evidence: Evidence, sound: Path, span: Span) -> list[str]:
    """The words that are recognised in a span."""
    samples = _speech(sound, span)
    key = {
        "heard by": [recogniser.NAME, recogniser.VERSION],
        "samples": hashlib.sha256(samples.tobytes()).hexdigest(),
    }

    def listen() -> list[str]:
        return [word.text for word in evidence.once(_loaded).hear(samples)]

    return list(evidence.remember(key, listen))


def _loaded(evidence: Evidence) -> recogniser.Recogniser:
    return recogniser.Recogniser()


def _speech(sound: Path, span: Span) -> NDArray[np.float32]:
    """The channels of a span that carry dialogue, as a recogniser wants them."""
    samples = read_span(sound, *span)
    mono = samples[:, dialogue_channels(samples.shape[1])].mean(axis=1)
    return np.ascontiguousarray(resample(mono, CLOCK_HZ, recogniser.RATE_HZ), np.float32)
