"""The parameters of a simulated hall, read from `parameters.toml` and drawn by a seed."""

from __future__ import annotations

import datetime as dt
import random
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tenants.queueing.rule import Rule

FILE = Path(__file__).with_name("parameters.toml")


@cache
def parameters() -> dict[str, Any]:
    """Everything in the file."""
    return tomllib.loads(FILE.read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class SimDesk:
    key: int
    group: str
    serves: frozenset[int]
    # How slow its officer is; 1.0 = as the service usually takes.
    officer: float


@dataclass(frozen=True, slots=True)
class SimHall:
    """One made-up hall, the same on all of its days."""

    seed: int
    desks: tuple[SimDesk, ...]
    national: dict[int, int | None]
    minutes: dict[int, float]
    # Each service's share of the day's arrivals.
    shares: dict[int, float]
    visitors: int
    variation: float
    no_show: float
    gap: float
    pauses: float
    day_factor: tuple[float, float]
    history_days: int
    rule: Rule


def make_hall(
    seed: int, family: str = "unseen", rule: Rule | None = None, agencies: Collection[int] = range(5)
) -> SimHall:
    """Draw a hall of a family of parameters, with all of its agencies or some."""
    dice = random.Random(seed)
    data, ranges = parameters(), parameters()[family]
    desks: list[SimDesk] = []
    national: dict[int, int | None] = {}
    minutes: dict[int, float] = {}
    shares: dict[int, float] = {}
    key = service = 0
    opening = 6.25 * 60
    for agency, (counters, services) in enumerate(
        zip(data["agencies"]["counters"], data["agencies"]["services"], strict=True)
    ):
        mine = list(range(service, service + services))
        service += services
        if agency not in agencies:
            continue
        for one in mine:
            usual = data["services"]["minutes"][one]
            # Where no source gives minutes, the catalogue says nothing.
            national[one] = usual if dice.random() < 0.7 else None
            minutes[one] = usual * dice.uniform(*ranges["pace"])
        load = dice.uniform(*ranges["load"])
        weights = [dice.uniform(0.5, 1.5) for _one in mine]
        work = load * counters * opening
        for one, weight in zip(mine, weights, strict=True):
            shares[one] = work * weight / sum(weights) / minutes[one]
        for _number in range(counters):
            # Some counters serve only a part, as in real halls.
            part = frozenset(mine if dice.random() < 0.7 or len(mine) == 1 else mine[:-1])
            desks.append(SimDesk(key, "ABCDEFGH"[agency], part, dice.uniform(*ranges["officer_factor"])))
            key += 1
    served = frozenset().union(*(desk.serves for desk in desks))
    return SimHall(
        seed=seed, desks=tuple(desks), national=national, minutes=minutes,
        shares={one: people for one, people in shares.items() if one in served},
        visitors=round(sum(shares.values())), variation=dice.uniform(*ranges["variation"]),
        no_show=dice.uniform(*ranges["no_show"]), gap=dice.uniform(*ranges["gap_seconds"]),
        pauses=dice.uniform(*ranges["pauses_an_hour"]), day_factor=tuple(ranges["day_factor"]),
        history_days=dice.randint(*ranges["history_days"]), rule=rule or Rule(),
    )  # fmt: skip


# Agencies of a small hall: a day in it is lived in seconds, and many halls say more than many people of one.
SMALL = ((0,), (1, 3), (2, 4), (1, 2))


def small_hall(seed: int, family: str = "unseen") -> SimHall:
    """Draw a hall of three to five counters."""
    return make_hall(seed, family, agencies=SMALL[seed % len(SMALL)])


def clock_of(text: str) -> dt.timedelta:
    """Return "08:30" as the time since midnight."""
    hour, minute = text.split(":")
    return dt.timedelta(hours=int(hour), minutes=int(minute))
