"""What the product would have announced on simulated days, and the rivals' estimate, against what really came."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tenants.waiting.durations import UNKNOWN_MINUTES, Samples, durations
from tenants.waiting.engine import simulate
from tenants.waiting.ranges import rounded
from tenants.waiting.state import Busy, Desk, Person, State
from tests.simulator.day import Day, play
from tests.simulator.parameters import SimHall, make_hall
from tests.simulator.scores import RIVALS, Verdict

# As many samples of a service as the product reads.
MOST_SAMPLES = 60
LOOK_SECONDS = 900.0
WALK_SECONDS = 40.0
Make = Callable[[int, str], SimHall]


class History:
    """What earlier days of a hall left behind, as the product reads it."""

    def __init__(self) -> None:
        self.served: dict[int, list[float]] = {}
        self.absent: list[float] = []
        self.called = 0
        self.gaps: list[float] = []

    def add(self, day: Day) -> None:
        for _at, person, _desk in day.calls:
            visit = day.visits[person.id]
            if visit.ended is None or visit.called is None:
                continue
            self.called += 1
            if visit.absent:
                self.absent.append(visit.ended - visit.called)
            else:
                self.served.setdefault(person.service_id, []).append(visit.ended - visit.called)
        self.gaps += day.gaps

    def samples(self, hall: SimHall, day: Day) -> Samples:
        today = History()
        today.add(day)
        return Samples(
            served={service: own[-MOST_SAMPLES:] for service, own in self.served.items()},
            today=today.served,
            national_minutes=hall.national,
            called=self.called + today.called,
            absent=len(self.absent) + len(today.absent),
            absent_seconds=(self.absent + today.absent)[-200:],
            gaps=(self.gaps + today.gaps)[-300:],
        )


def state_of(day: Day, samples: Samples) -> State:
    """The hall as the product would load it."""
    hall, now = day.hall, day.now
    desks = []
    for desk in hall.desks:
        visit = day.busy.get(desk.key)
        busy = None
        if visit is not None and visit.called is not None:
            # An officer presses "start" when the person has walked up; until then nobody knows who will come.
            elapsed = now - visit.called
            busy = Busy(visit.person.service_id, elapsed, elapsed > WALK_SECONDS and not visit.absent)
        paused = now - day.idle_since[desk.key] if desk.key in day.paused else None
        desks.append(Desk(desk.key, desk.group, desk.serves, day.closes - now, busy, paused))
    recent = [
        (day.at(at), max(p.arrived_at, p.due_at or p.arrived_at), d.serves)
        for at, p, d in day.calls
        if at > now - 7200
    ]
    rest = (day.rest[0] - now, day.rest[1] - now + 60) if day.rest[1] > now else None
    return State(
        moment=day.at(now), desks=desks, waiting=day.waiting(), rule=hall.rule, called=recent,
        durations=durations(samples, sorted(hall.shares)), streaks=dict(day.streaks), rest=rest,
        expected=_expected(day), seed=int(now),
    )  # fmt: skip


def _expected(day: Day) -> list[Person]:
    """Priority arrivals of the coming hour, as many as have come in the past one, spread evenly."""
    found, recent = (
        [],
        [v.person for v in day.visits.values() if v.came > day.now - 3600 and v.person.kind != "walk_in"],
    )
    for number, person in enumerate(recent):
        at = day.at(day.now + (number + 0.5) / len(recent) * 3600)
        if at < day.at(day.closes):
            found.append(Person(-1 - number, person.service_id, person.kind, at, at, 10_000 + number))
    return found


def judge(family: str, seeds: Sequence[int], days: int = 1, make: Make = make_hall) -> Verdict:
    """Play halls of a family of parameters after their own histories; announce to everybody every 15 minutes."""
    verdict = Verdict()
    for seed in seeds:
        hall, history = make(seed, family), History()
        for number in range(hall.history_days):
            history.add(play(hall, number))
        for number in range(hall.history_days, hall.history_days + days):
            told: list[tuple[int, float, float, float, tuple[float, ...], bool]] = []

            def look(day: Day) -> None:
                samples = history.samples(hall, day)  # noqa: B023  # used before the loop goes on
                state = state_of(day, samples)
                outlook = simulate(state)
                rivals = rival(day, samples)
                for person in state.waiting:
                    wait = outlook.waits.get(person.id)
                    shown = rounded(wait.p50, wait.p80) if wait and wait.served > 0.5 else None
                    if shown is None:
                        continue
                    new = day.visits[person.id].came > day.now - LOOK_SECONDS
                    told.append(  # noqa: B023  # as above
                        (person.id, day.now, shown.low * 60, shown.high * 60, rivals[person.id], new)
                    )

            day = play(hall, number, every=LOOK_SECONDS, look=look)
            for key, at, low, high, guesses, new in told:
                called = day.visits[key].called
                real = None if called is None else called - at
                verdict.ours.add(low, high, real, (seed, number))
                for name, guess in zip(RIVALS, guesses, strict=True):
                    verdict.rivals[name].add(guess, guess, real, (seed, number))
                if new:
                    verdict.first.add(low, high, real, (seed, number))
            history.add(day)
    return verdict


def rival(day: Day, samples: Samples) -> dict[int, tuple[float, ...]]:
    """What the rivals would tell each of those who wait, in seconds: see Verdict."""
    found: dict[int, tuple[float, ...]] = {}
    everybody = day.waiting()
    average = {}
    for service in day.hall.shares:
        own = [*samples.served.get(service, ()), *samples.today.get(service, ())]
        average[service] = (
            sum(own) / len(own) if own else 60.0 * (day.hall.national[service] or UNKNOWN_MINUTES)
        )
    for service in day.hall.shares:
        desks = [desk for desk in day.hall.desks if service in desk.serves]
        shared = frozenset().union(*(desk.serves for desk in desks))
        line = sorted((p for p in everybody if p.service_id in shared), key=lambda p: p.number)
        own_ahead, group_work = 0, 0.0
        for person in line:
            if person.service_id == service:
                alone = own_ahead * average[service]
                found[person.id] = (alone, alone / len(desks), group_work / len(desks))
                own_ahead += 1
            group_work += average[person.service_id]
    return found
