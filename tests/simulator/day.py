"""One day in a made-up hall, event by event; the rule that calls is the product's own."""

from __future__ import annotations

import datetime as dt
import heapq
import math
import random
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tenants.queueing.rule import PRIORITY, begins, order
from tenants.waiting.state import Person
from tests.simulator.parameters import SimDesk, SimHall, clock_of, parameters

MIDNIGHT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)  # a Monday
CLASSES = ("elderly", "disability", "pregnant", "infant")
# Nobody sits at a counter longer; a made-up tail would have no end.
LONGEST_VISIT = 2.5 * 3600
By = Callable[..., list[Person]]


@dataclass(slots=True)
class Visit:
    """What became of one arrival; moments are seconds since midnight."""

    person: Person
    came: float
    wave: str | None = None
    called: float | None = None
    ended: float | None = None
    absent: bool = False
    desk: int | None = None
    # When somebody who began later was first called by a counter that could have called this one.
    passed_at: float | None = None
    # Seconds from there to the last such call, those aside that the cap on priority calls in a row forced.
    passed_for: float = 0.0
    # Such calls longer after the first than the rule's bound allows.
    passed_late: int = 0


@dataclass(slots=True)
class Day:
    """A day while it goes on: what an onlooker could know at `now`."""

    hall: SimHall
    start: dt.datetime
    now: float
    opens: float
    closes: float
    rest: tuple[float, float]
    visits: dict[int, Visit] = field(default_factory=dict)
    lines: dict[tuple[int, str], deque[Person]] = field(default_factory=lambda: defaultdict(deque))
    busy: dict[int, Visit] = field(default_factory=dict)
    paused: set[int] = field(default_factory=set)
    # Ends of what a counter did last, for the gap until its next call.
    idle_since: dict[int, float] = field(default_factory=dict)
    calls: list[tuple[float, Person, SimDesk]] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    streaks: dict[str, int] = field(default_factory=dict)
    horizons: dict[int, dt.datetime] = field(default_factory=dict)
    seen: int = 0

    def at(self, seconds: float) -> dt.datetime:
        """A moment of this day."""
        return self.start + dt.timedelta(seconds=seconds)

    def waiting(self) -> list[Person]:
        """Everybody in line."""
        return [person for line in self.lines.values() for person in line]


def begin(hall: SimHall, number: int) -> tuple[Day, random.Random, float]:
    """The hall's `number`-th day before anything has happened, its dice and its pace."""
    dice = random.Random(hall.seed * 10_007 + number)
    hours = parameters()["hours"]
    start = MIDNIGHT + dt.timedelta(days=number // 5 * 7 + number % 5)
    opens, closes = (clock_of(hours[name]).total_seconds() for name in ("opens", "closes"))
    rest = (clock_of(hours["rest"][0]).total_seconds(), clock_of(hours["rest"][1]).total_seconds())
    return Day(hall, start, opens, opens, closes, rest), dice, dice.uniform(*hall.day_factor)


def play(
    hall: SimHall,
    number: int,
    *,
    by: By = order,
    every: float | None = None,
    look: Callable[[Day], None] | None = None,
) -> Day:
    """Play the hall's `number`-th day; with `every`, `look` sees it each so many seconds."""
    day, dice, pace = begin(hall, number)
    opens, closes, rest = day.opens, day.closes, day.rest
    events: list[tuple[float, int, int, object]] = []
    order_of = iter(range(10**9))

    def plan(at: float, what: int, thing: object) -> None:
        heapq.heappush(events, (at, what, next(order_of), thing))

    for visit in arrivals(hall, day, dice):
        plan(visit.came, 0, visit)
    for desk in hall.desks:
        plan(opens + dice.expovariate(1 / 240), 2, desk)
    if every and look:
        for tick in range(1, int((closes - opens) / every)):
            plan(opens + tick * every, 3, None)
    pause_due = {d.key: opens + next_pause(hall, dice) for d in hall.desks}
    idle: set[int] = set()
    while events:
        day.now, what, _n, thing = heapq.heappop(events)
        if what == 0:
            assert isinstance(thing, Visit)
            day.visits[thing.person.id] = thing
            day.lines[thing.person.service_id, thing.person.kind].append(thing.person)
            for desk in hall.desks:
                if desk.key in idle and thing.person.service_id in desk.serves:
                    idle.discard(desk.key)
                    # Somebody has to look up first.
                    plan(day.now + dice.uniform(2, 15), 2, desk)
                    break
        elif what == 1:
            assert isinstance(thing, Visit) and thing.desk is not None
            thing.ended = day.now
            del day.busy[thing.desk]
            day.idle_since[thing.desk] = day.now
            desk = hall.desks[thing.desk]
            if pause_due[desk.key] <= day.now:
                day.paused.add(desk.key)
                back = day.now + dice.uniform(180, 900)
                pause_due[desk.key] = back + next_pause(hall, dice)
                plan(back, 2, desk)
            else:
                plan(day.now + dice.gammavariate(2, hall.gap / 2), 2, desk)
        elif what == 2:
            assert isinstance(thing, SimDesk)
            if day.now >= closes:
                continue
            if rest[0] <= day.now < rest[1]:
                plan(rest[1] + dice.expovariate(1 / 120), 2, thing)
                continue
            day.paused.discard(thing.key)
            chosen = _call(day, thing, by)
            if chosen is None:
                idle.add(thing.key)
                continue
            plan(day.now + seconds_of(hall, chosen, thing, pace, number), 1, chosen)
        elif look:
            look(day)
    return day


def arrivals(hall: SimHall, day: Day, dice: random.Random) -> Sequence[Visit]:
    """Everybody who comes on a day, by arrival."""
    data = parameters()
    weekday = data["arrivals"]["by_weekday"][str(day.start.isoweekday())]
    found = []
    for service, usual in hall.shares.items():
        for hour, share in data["arrivals"]["by_hour"].items():
            mean = usual * weekday * share
            count = _poisson(mean, dice)
            found += [(int(hour) * 3600 + dice.random() * 3600, service) for _one in range(count)]
    visits = []
    for number, (came, service) in enumerate(sorted(found), start=1):
        toss, people = dice.random(), data["people"]
        kind, due = "walk_in", None
        if toss < people["priority"]:
            kind = PRIORITY
        elif toss < people["priority"] + people["booked"]:
            kind, due = "booked", day.at(came + dice.uniform(-600, 1500))
        at = day.at(came)
        wave = dice.choice(CLASSES) if kind == PRIORITY else None
        visits.append(Visit(Person(number, service, kind, at, at, number, due), came, wave))
    return visits


def _poisson(mean: float, dice: random.Random) -> int:
    count, left = -1, mean
    while left > 0:
        left -= dice.expovariate(1)
        count += 1
    return max(0, count)


def next_pause(hall: SimHall, dice: random.Random) -> float:
    """Seconds until an officer wants to rest."""
    return dice.expovariate(hall.pauses / 3600) if hall.pauses > 0.01 else math.inf


def seconds_of(hall: SimHall, visit: Visit, desk: SimDesk, pace: float, number: int) -> float:
    """Each visit has dice of its own: under another rule it takes what it takes under this one."""
    dice = random.Random(f"{hall.seed}-{number}-{visit.person.id}")
    visit.absent = dice.random() < hall.no_show
    if visit.absent:
        return dice.uniform(60, 150)
    mean = hall.minutes[visit.person.service_id] * 60 * desk.officer * pace
    sigma = math.sqrt(math.log(1 + hall.variation**2))
    return min(LONGEST_VISIT, dice.lognormvariate(math.log(mean) - sigma * sigma / 2, sigma))


def _call(day: Day, desk: SimDesk, by: By) -> Visit | None:
    """Let the rule choose among the first of each service and kind; within those it goes by waiting alone."""
    heads = []
    for service in desk.serves:
        for kind in (PRIORITY, "walk_in"):
            line = day.lines.get((service, kind))
            if line:
                heads.append(line[0])
        # Bookings come early or late: their waiting begins at different moments.
        heads += day.lines.get((service, "booked"), ())
    if not heads:
        return None
    _remember(day)
    chosen = by(heads, day.hall.rule, day.at(day.now), day.streaks.get(desk.group, 0), day.horizons)[0]
    day.lines[chosen.service_id, chosen.kind].remove(chosen)
    _passed(day, desk, chosen)
    priority = chosen.kind == PRIORITY
    day.streaks[desk.group] = day.streaks.get(desk.group, 0) + 1 if priority else 0
    day.calls.append((day.now, chosen, desk))
    if desk.key in day.idle_since and chosen.arrived_at < day.at(day.idle_since[desk.key]):
        day.gaps.append(day.now - day.idle_since[desk.key])
    visit = day.visits[chosen.id]
    visit.called, visit.desk = day.now, desk.key
    day.busy[desk.key] = visit
    return visit


def _remember(day: Day) -> None:
    bound = day.hall.rule.bound.total_seconds()
    while day.seen < len(day.calls) and day.calls[day.seen][0] <= day.now - bound:
        _at, person, desk = day.calls[day.seen]
        for service in desk.serves:
            day.horizons[service] = max(begins(person), day.horizons.get(service, begins(person)))
        day.seen += 1


def _passed(day: Day, desk: SimDesk, chosen: Person) -> None:
    """Note who is passed over by this call, and who has been for longer than the rule allows."""
    bound, since = day.hall.rule.bound.total_seconds(), begins(chosen)
    full = day.streaks.get(desk.group, 0) >= day.hall.rule.max_priority_streak
    for (service, kind), line in day.lines.items():
        if service not in desk.serves:
            continue
        for person in line:
            if begins(person) >= since:
                if kind != "booked":
                    break
                continue
            visit = day.visits[person.id]
            if visit.passed_at is None:
                visit.passed_at = day.now
            if not (full and kind == PRIORITY):
                visit.passed_for = day.now - visit.passed_at
                visit.passed_late += visit.passed_for > bound


def first_come(people: Sequence[Person], *_rule: object) -> list[Person]:
    """The order of a hall without priorities, to compare with."""
    return sorted(people, key=lambda p: (begins(p), p.number))
