"""The one line that every figure is printed as, and the statistics that all benchmarks share."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence


def figure(
    area: str, name: str, value: float, unit: str, *, least: float | None = None, most: float | None = None
) -> bool:
    """Print `bench <area>.<name> <value> <unit> goal <op><value> ok|short`; return whether the goal is met."""
    goal, met = "-", True
    if least is not None:
        goal, met = f">={least:g}", value >= least
    elif most is not None:
        goal, met = f"<={most:g}", value <= most
    print(f"bench {area}.{name} {value:.3f} {unit} goal {goal} {'ok' if met else 'short'}", flush=True)
    return met


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0-1) of `values` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def interleaved(
    first: Callable[[], object], second: Callable[[], object], rounds: int
) -> tuple[list[float], list[float]]:
    """Time two things in turn, so that a noisy machine disturbs both alike; seconds of each round."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        pair = ((0, first), (1, second)) if number % 2 == 0 else ((1, second), (0, first))
        for index, action in pair:
            began = time.perf_counter()
            action()
            times[index].append(time.perf_counter() - began)
    return times


def ratio(first: Sequence[float], second: Sequence[float]) -> float:
    """Return median of `first` ÷ median of `second`."""
    return statistics.median(first) / statistics.median(second)
