"""Announced waits against the real ones: coverage with its standard error, bias, error."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

RIVALS = ("line", "line_by_counters", "group_by_counters")


@dataclass(slots=True)
class Score:
    """Announced against real, in seconds; `real` None = not called that day although announced.

    People of one day wait for the same slow visit: the days are what counts as independent, each with its hall.
    """

    pairs: list[tuple[float, float, float | None]] = field(default_factory=list)
    days: list[tuple[int, int]] = field(default_factory=list)

    def add(self, middle: float, high: float, real: float | None, day: tuple[int, int] = (0, 0)) -> None:
        """Note one announcement; `day` names hall and day."""
        self.pairs.append((middle, high, real))
        self.days.append(day)

    @property
    def coverage(self) -> float:
        """Share of real waits within the upper end; who was never called counts as not covered."""
        return sum(1 for _m, high, real in self.pairs if real is not None and real <= high) / len(self.pairs)

    @property
    def standard_error(self) -> float:
        """Of the coverage, by halls as the independent units: days of one hall share its history and officers."""
        share = self.coverage
        missed: dict[int, float] = defaultdict(float)
        for (_middle, high, real), (hall, _day) in zip(self.pairs, self.days, strict=True):
            missed[hall] += (real is not None and real <= high) - share
        number = len(missed)
        if number < 2:
            return math.inf
        spread = sum(value * value for value in missed.values()) * number / (number - 1)
        return math.sqrt(spread) / len(self.pairs)

    def by_hall(self) -> dict[int, float]:
        """The coverage in each hall."""
        held: dict[int, list[bool]] = defaultdict(list)
        for (_middle, high, real), (hall, _day) in zip(self.pairs, self.days, strict=True):
            held[hall].append(real is not None and real <= high)
        return {hall: sum(own) / len(own) for hall, own in held.items()}

    @property
    def below_middle(self) -> float:
        """Share of real waits below the announced middle."""
        return sum(1 for middle, _h, real in self.pairs if real is not None and real <= middle) / len(
            self.pairs
        )

    @property
    def bias(self) -> float:
        """Announced middle minus real, in minutes, on average."""
        known = [(middle, real) for middle, _h, real in self.pairs if real is not None]
        return sum(middle - real for middle, real in known) / len(known) / 60

    @property
    def error(self) -> float:
        """Absolute error of the middle, in minutes, on average."""
        known = [(middle, real) for middle, _h, real in self.pairs if real is not None]
        return sum(abs(middle - real) for middle, real in known) / len(known) / 60

    def line(self, name: str) -> str:
        """One line for people to read."""
        return (
            f"{name:>22}: {len(self.pairs)} announcements, covers {self.coverage:.3f} "
            f"(se {self.standard_error:.3f}), bias {self.bias:+.1f} min, error {self.error:.1f} min"
        )


@dataclass(slots=True)
class Verdict:
    """Ours and the rivals' on the same people: `first` is what a person is told on coming.

    Rivals: people before one in the own service's line times average time; the same ÷ counters; and, the strongest
    form, everybody before one at the same counters times average ÷ counters.
    """

    ours: Score = field(default_factory=Score)
    first: Score = field(default_factory=Score)
    rivals: dict[str, Score] = field(default_factory=lambda: {name: Score() for name in RIVALS})

    def lines(self) -> list[str]:
        """Everything in lines to read."""
        named = {"ours": self.ours, "ours, on coming": self.first, **self.rivals}
        return [score.line(name) for name, score in named.items()]
