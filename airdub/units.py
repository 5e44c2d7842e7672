"""Rational time bases, sample and frame arithmetic, and the house's one rounding rule.

Instants and lengths are integers: *ticks* of a 48 kHz clock (one tick is one sample of the
dub). 1 ms is 48 ticks, a 16 kHz sample is 3, a 23.976 fps frame is exactly 2002. Seconds exist
only at the edges (messages, engines that want floats) and are never added up.
"""

from __future__ import annotations

from fractions import Fraction

CLOCK_HZ = 48_000
"""Ticks per second of the house clock; also the sample rate of every stem and mix."""

TICKS_PER_MS = CLOCK_HZ // 1000


def round_half_up(value: Fraction | int | float) -> int:
    """Round to the nearest integer, halves away from minus infinity: the only rounding rule.

    Python's ``round`` sends halves to the even neighbour, so equal spacings come out unequal.
    """
    exact = Fraction(value)
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def seconds_to_ticks(seconds: Fraction | int | float) -> int:
    """Ticks nearest to an instant or length in seconds."""
    return round_half_up(Fraction(seconds) * CLOCK_HZ)


def ms_to_ticks(milliseconds: Fraction | int | float) -> int:
    """Ticks nearest to an instant or length in milliseconds."""
    return round_half_up(Fraction(milliseconds) * TICKS_PER_MS)


def ticks_to_seconds(ticks: int) -> float:
    """Seconds as a float, for engines and messages; never add the results up."""
    return ticks / CLOCK_HZ


def ticks_to_ms(ticks: int) -> int:
    """Milliseconds nearest to an instant in ticks (what subtitle files hold)."""
    return round_half_up(Fraction(ticks, TICKS_PER_MS))


def rescale(value: int, from_hz: Fraction | int, to_hz: Fraction | int) -> int:
    """Convert a count at one rate to the nearest count at another, exactly.

    ``rescale(n, 48_000, 16_000)`` converts samples; ``rescale(frame, fps, 48_000)`` gives a
    frame's tick.

    Raises:
        ValueError: a rate is not positive.
    """
    if from_hz <= 0 or to_hz <= 0:
        raise ValueError(f"rates must be positive, got {from_hz} and {to_hz}")
    return round_half_up(Fraction(value) * Fraction(to_hz) / Fraction(from_hz))


def parse_rate(text: str) -> Fraction:
    """Parse a rate as ffprobe writes it: ``"24000/1001"``, ``"25"``; ``"0/0"`` is 0."""
    numerator, _, denominator = text.partition("/")
    bottom = int(denominator or 1)
    return Fraction(int(numerator), bottom) if bottom else Fraction(0)
