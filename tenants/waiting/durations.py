"""How long one person keeps a counter: what recent days say, drawn towards the national figure when they say little.

Pure, no SQL. All times are seconds. A table is a sorted tuple of equally likely values: drawing from it is one index.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# What a service takes when neither the region nor a national source says anything.
UNKNOWN_MINUTES = 12
# So many made-up people stand for the national figure beside the region's own samples.
PRIOR_WEIGHT = 8
NO_SHOW_WEIGHT = 40
# One in seventeen who are called does not come, until the hall's own days say otherwise.
NO_SHOW_RATE = 0.06
NO_SHOW_SECONDS = 100.0
# From the end of one person to the call of the next.
GAP_SECONDS = 25.0
LONGEST_GAP = 1800.0
LONGEST_SERVICE = 3 * 3600.0
TABLE = 96
# What we may be wrong by in a mean, as the deviation of its logarithm: for any day, however well known the service is
# (days and officers differ), and for a service without samples.
UNSURE_DAY = 0.12
UNSURE_NEW = 0.35
# Quantiles of a gamma distribution of mean 1 and variation 0.6: short visits are common, long ones exist.
PRIOR_SHAPE = (0.24, 0.40, 0.53, 0.65, 0.79, 0.94, 1.13, 1.38, 1.81)


@dataclass(frozen=True, slots=True)
class Samples:
    """What was measured in one hall on recent days; `today` counts double, for today's hall is that of today."""

    served: Mapping[int, Sequence[float]] = field(default_factory=dict)
    today: Mapping[int, Sequence[float]] = field(default_factory=dict)
    national_minutes: Mapping[int, int | None] = field(default_factory=dict)
    called: int = 0
    absent: int = 0
    absent_seconds: Sequence[float] = ()
    gaps: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Duration:
    """One service: `visit` when somebody came, `call` for any call; both with the gap after it.

    `unsure` is the standard deviation of the logarithm of what we may be wrong by in the mean.
    """

    visit: tuple[float, ...]
    call: tuple[float, ...]
    unsure: float

    @property
    def mean(self) -> float:
        """Seconds a counter is kept by one call."""
        return sum(self.call) / len(self.call)


def durations(samples: Samples, services: Sequence[int]) -> dict[int, Duration]:
    """Return the distribution of each service."""
    rate = (samples.absent + NO_SHOW_RATE * NO_SHOW_WEIGHT) / (samples.called + NO_SHOW_WEIGHT)
    absent = [*samples.absent_seconds, *[NO_SHOW_SECONDS] * 3]
    # Three short gaps stand in for a hall without a history.
    gaps = [min(gap, LONGEST_GAP) for gap in samples.gaps] or [
        GAP_SECONDS * 0.5,
        GAP_SECONDS,
        GAP_SECONDS * 1.5,
    ]
    return {service: _duration(samples, service, rate, absent, gaps) for service in services}


def usual_seconds(samples: Samples, service: int) -> float:
    """Return what one person usually takes: the stated minutes, else what recent days say, else a guess."""
    minutes, own = samples.national_minutes.get(service), samples.served.get(service)
    return 60.0 * (minutes or UNKNOWN_MINUTES) if minutes or not own else sum(own) / len(own)


def _duration(
    samples: Samples, service: int, rate: float, absent: Sequence[float], gaps: Sequence[float]
) -> Duration:
    minutes = samples.national_minutes.get(service)
    today = samples.today.get(service, ())
    own = [min(s, LONGEST_SERVICE) for s in (*samples.served.get(service, ()), *today, *today)]
    # Without a source for the service the region's own days weigh more.
    weight = PRIOR_WEIGHT if minutes else PRIOR_WEIGHT / 2
    mean = 60.0 * (minutes or UNKNOWN_MINUTES)
    prior = [mean * share for share in PRIOR_SHAPE]
    each = weight / len(prior)
    pool = sorted([(value, 1.0) for value in own] + [(value, each) for value in prior])
    # The same hall gives the same table: what people read must not flicker.
    dice = random.Random(service)  # noqa: S311  # statistics, no secret
    draw, count = dice.random, len(gaps)
    visit = sorted(value + gaps[int(draw() * count)] for value in _spread(pool, TABLE))
    missing = round(rate * TABLE)
    lost = [dice.choice(absent) + dice.choice(gaps) for _each in range(missing)]
    call = sorted([*lost, *_thin(visit, TABLE - missing)])
    unsure = math.hypot(UNSURE_DAY, UNSURE_NEW / math.sqrt(1 + len(own) / 3))
    return Duration(tuple(visit), tuple(call), unsure)


def _spread(pool: Sequence[tuple[float, float]], count: int) -> list[float]:
    """`count` equally likely values of weighted ones, smoothed between neighbours."""
    total = sum(weight for _value, weight in pool)
    centres, reached = [], 0.0
    for value, weight in pool:
        centres.append(((reached + weight / 2) / total, value))
        reached += weight
    spread, index, last = [], 0, len(centres) - 1
    for step in range(count):
        share = (step + 0.5) / count
        while index < last and centres[index + 1][0] < share:
            index += 1
        low, small = centres[index]
        high, large = centres[index + 1] if index < last else (low, small)
        if share <= low or high <= low:
            spread.append(small)
        elif share >= high:
            spread.append(large)
        else:
            spread.append(small + (large - small) * (share - low) / (high - low))
    return spread


def _thin(values: Sequence[float], count: int) -> list[float]:
    return [values[int((step + 0.5) * len(values) / count)] for step in range(count)]
