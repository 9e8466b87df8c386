"""A waiting time as people are told it: a range, rounded so that it claims no more than is known. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Beyond this a number helps nobody: the page says what to do instead.
LONGEST_MINUTES = 8 * 60


@dataclass(frozen=True, slots=True)
class Range:
    """Minutes from now: half of the people wait less than `low`, four of five less than `high`."""

    low: int
    high: int


def rounded(p50: float, p80: float) -> Range | None:
    """Return seconds as a range in honest minutes, None when too far away to be worth a word.

    To the minute up to 5, to 2 minutes up to 20, to 5 up to an hour, to 10 above: about the width of what is unknown.
    The upper end is rounded up, for it is what people plan by; the lower one to the nearest.
    """
    if p80 / 60 > LONGEST_MINUTES:
        return None
    step = _step(p80 / 60)
    high = max(1, math.ceil(p80 / 60 / step) * step)
    step = _step(p50 / 60)
    return Range(min(int(p50 / 60 / step + 0.5) * step, high), high)


def _step(minutes: float) -> int:
    return 1 if minutes < 5 else 2 if minutes < 20 else 5 if minutes < 60 else 10
