"""Channel layouts by FFmpeg's names: which channel is which, in its native order."""

from __future__ import annotations

from dataclasses import dataclass

_BASES = {
    "mono": "FC",
    "stereo": "FL FR",
    "2.1": "FL FR LFE",
    "3.0": "FL FR FC",
    "3.0(back)": "FL FR BC",
    "3.1": "FL FR FC LFE",
    "4.0": "FL FR FC BC",
    "4.1": "FL FR FC LFE BC",
    "quad": "FL FR BL BR",
    "quad(side)": "FL FR SL SR",
    "5.0": "FL FR FC BL BR",
    "5.0(side)": "FL FR FC SL SR",
    "5.1": "FL FR FC LFE BL BR",
    "5.1(side)": "FL FR FC LFE SL SR",
    "6.0": "FL FR FC BC SL SR",
    "6.1": "FL FR FC LFE BC SL SR",
    "7.0": "FL FR FC BL BR SL SR",
    "7.1": "FL FR FC LFE BL BR SL SR",
}
_BY_COUNT = {1: "mono", 2: "stereo", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_SURROUND_WEIGHT = (
    1.41  # +1.5 dB (ITU-R BS.1770, table 3), for every channel behind, as FFmpeg does
)


@dataclass(frozen=True)
class Layout:
    """The channels of a title, by name.

    Attributes:
        names: `FL`, `FC`, `LFE`, ... in file order; `?` where nothing is known.
    """

    names: tuple[str, ...]

    @property
    def voice(self) -> tuple[int, ...]:
        """Channels on which a dubbed voice is placed: the centre, or else the front pair."""
        if "FC" in self.names:
            return (self.names.index("FC"),)
        pair = tuple(self.names.index(name) for name in ("FL", "FR") if name in self.names)
        return pair or (0,)

    @property
    def front(self) -> tuple[int, ...]:
        """Channels from which the source's dialogue may come: all in front."""
        found = tuple(n for n, name in enumerate(self.names) if name in ("FL", "FR", "FC"))
        return found or (0,)

    @property
    def weights(self) -> tuple[float, ...]:
        """Weights of the channels in loudness: LFE counts nothing, surrounds +1.5 dB."""
        behind = dict.fromkeys(("BL", "BR", "BC", "SL", "SR"), _SURROUND_WEIGHT)
        return tuple({"LFE": 0.0, **behind}.get(name, 1.0) for name in self.names)


def layout_of(name: str, channels: int) -> Layout:
    """The layout of a stream; an unknown name counts as the usual one of that many channels.

    Args:
        name: FFmpeg's, e.g. `5.1(side)`.
    """
    for known in (name, _BY_COUNT.get(channels, "")):
        names = tuple(_BASES.get(known, "").split())
        if len(names) == channels:
            return Layout(names)
    return Layout(("FL", "FR")[:channels] + ("?",) * (channels - 2))
