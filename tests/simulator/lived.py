"""What the product announced on lived days of made-up halls, against what came; beside it the pure days."""

from __future__ import annotations

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from mpp.database.session import read
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing.models import Ticket
from tenants.waiting import queries
from tenants.waiting import service as waiting
from tenants.waiting.durations import UNKNOWN_MINUTES
from tenants.waiting.models import LATE, WaitAnnouncement
from tests.simulator.clock import movable
from tests.simulator.day import MIDNIGHT, play
from tests.simulator.judging import History
from tests.simulator.living import Lived, LivingDay, Rivals
from tests.simulator.parameters import SimHall, small_hall
from tests.simulator.rows import Rows, build, remember
from tests.simulator.scores import RIVALS, Score, Verdict
from tests.support.hall import at


@dataclass(slots=True)
class LivedVerdict(Verdict):
    """And what the product itself says: `public` is its accuracy by hall (people, share covered), `logged` every change
    of what it showed, as scored by its own job.
    """

    public: dict[int, tuple[int, float]] = field(default_factory=dict)
    logged: Score = field(default_factory=Score)
    happened: dict[str, int] = field(default_factory=dict)


def judge_lived(
    app: Platform,
    region: Region,
    settings: Settings,
    seeds: Sequence[int],
    *,
    family: str = "unseen",
    days: int = 1,
) -> LivedVerdict:
    """Live `days` days in each small hall through the real services after the hall's own history."""
    verdict = LivedVerdict()
    happened: Tally[str] = Tally()
    with (
        pytest.MonkeyPatch.context() as patch,
        movable(settings, MIDNIGHT, patch) as clock,
        at(app, region),
    ):
        for seed in seeds:
            hall, history = small_hall(seed, family), History()
            earlier = [play(hall, number) for number in range(hall.history_days)]
            for day in earlier:
                history.add(day)
            clock.set(MIDNIGHT)
            rows = build(hall)
            remember(rows, earlier)
            waiting.forget()
            for number in range(hall.history_days, hall.history_days + days):
                living = LivingDay(clock, settings, hall, rows, number, lambda *_seen: ())
                living.rivals = _rivals(hall, rows, history, living)
                lived = living.live()
                happened.update(lived.happened)
                _add(verdict, lived, (seed, number))
                for service, seconds in living.served:
                    history.served.setdefault(service, []).append(seconds)
            with read() as session:
                for row in session.scalars(
                    select(WaitAnnouncement).where(WaitAnnouncement.hall_id == rows.hall_id)
                ):
                    if row.real is not None and row.method != LATE:
                        verdict.logged.add(row.low * 60, row.high * 60, row.real, (seed, 0))
                found = queries.accuracy(session, [rows.hall_id]).get(rows.hall_id)
                if found is not None:
                    verdict.public[seed] = (found.people, found.covered)
    # Another database may stand under the same names after this.
    waiting.forget()
    verdict.happened = dict(happened)
    return verdict


def _add(verdict: Verdict, lived: Lived, day: tuple[int, int]) -> None:
    for look in lived.looks:
        real = lived.real(look)
        # Who gave up has no real wait; whoever was not reached before closing was told too little.
        if real is None and look.ticket in lived.cancelled:
            continue
        verdict.ours.add(look.low, look.high, real, day)
        if look.first:
            verdict.first.add(look.low, look.high, real, day)
        for name, guess in zip(RIVALS, look.rivals, strict=True):
            verdict.rivals[name].add(guess, guess, real, day)


def _rivals(hall: SimHall, rows: Rows, history: History, living: LivingDay) -> Rivals:
    """The rivals' estimates from the same samples; see Verdict."""
    serving = {service: [d for d in hall.desks if service in d.serves] for service in hall.shares}
    shared = {s: frozenset().union(*(d.serves for d in own)) for s, own in serving.items()}

    def guess(ticket: Ticket, line: list[Ticket]) -> tuple[float, ...]:
        today = defaultdict(list)
        for service, seconds in living.served:
            today[service].append(seconds)

        def average(service: int) -> float:
            own = [*history.served.get(service, ()), *today[service]]
            return sum(own) / len(own) if own else 60.0 * (hall.national[service] or UNKNOWN_MINUTES)

        service = rows.service_of(ticket.service_id)
        ahead = [rows.service_of(t.service_id) for t in line if t.arrived_at < ticket.arrived_at]
        alone = ahead.count(service) * average(service)
        group = sum(average(other) for other in ahead if other in shared[service])
        return alone, alone / len(serving[service]), group / len(serving[service])

    return guess
