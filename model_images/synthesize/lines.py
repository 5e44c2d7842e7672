"""Lines to takes, one by one, through the per-line cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airdub.repair.plan import FASTEST_PERCENT, SLOWEST_PERCENT
from airdub.transcript import Phoneme, Take
from airdub.units import CLOCK_HZ
from model_images.common.pcm import write_wav
from model_images.runner.items import ItemCache, StoredItem
from model_images.synthesize.protocol import Manner, Synthesizer
from model_images.synthesize.rates import Room, rate_percent
from model_images.synthesize.takes import cut_take

_NATURAL = 100


class LineSpeaker:
    """Speaks lines that were not spoken before.

    The natural take and the one at another rate are items of their own, so that moving a line asks
    the engine for nothing unless its rate changes.

    Args:
        items: the engine's.
        scratch: folder for temporary files.

    Attributes:
        computed: lines for which the engine was asked.
        cached: lines that were there.
    """

    def __init__(self, items: ItemCache, engine: Synthesizer, language: str, scratch: Path) -> None:
        self._items = items
        self._engine = engine
        self._language = language
        self._scratch = scratch
        self._asked = False
        self.computed = 0
        self.cached = 0

    def take(
        self, segment_id: str, text: str, manner: Manner, room: Room, percent: int | None = None
    ) -> Take | None:
        """The take of a line at the rate that its room and manner ask for.

        Args:
            percent: of the natural rate, whatever the room asks for.

        Returns:
            None when it has no sound.
        """
        self._asked = False
        voice = manner.voice
        natural = self._item(text, voice, _NATURAL)
        if natural is None:
            return None
        natural_length = int(natural.data["length"])
        percent = percent or _paced(rate_percent(natural_length, room), manner.pace)
        item = natural if percent == _NATURAL else self._item(text, voice, percent)
        if item is None:
            return None
        self.computed += self._asked
        self.cached += not self._asked
        return Take(
            segment_id=segment_id,
            voice=voice,
            audio=item.file,
            length=int(item.data["length"]),
            natural_length=natural_length,
            rate=percent / 100,
            phonemes=tuple(
                Phoneme(symbol=symbol, start=start, end=end)
                for symbol, start, end in item.data["phonemes"]
            ),
        )

    def _item(self, text: str, voice: str, percent: int) -> StoredItem | None:
        key = {
            "text": text,
            "language": self._language,
            "voice": voice,
            "rate_percent": percent,
        }
        return self._items.get(key) or self._spoken(key, text, voice, percent)

    def _spoken(
        self, key: dict[str, Any], text: str, voice: str, percent: int
    ) -> StoredItem | None:
        self._asked = True
        cut = cut_take(self._engine.speak(text, voice, percent / 100))
        if cut is None:
            return None
        wav = self._scratch / "line.wav"
        write_wav(wav, cut.samples, CLOCK_HZ, "PCM_16")
        data = {
            "length": len(cut.samples),
            "phonemes": [[p.symbol, p.start, p.end] for p in cut.phonemes],
        }
        return self._items.put(key, wav, data)


def _paced(percent: int, pace: float) -> int:
    """A rate at another pace, within what every engine speaks at."""
    return min(FASTEST_PERCENT, max(SLOWEST_PERCENT, round(percent * pace)))
