"""What one refresh of a hall's waiting times costs with 200 waiting and 20 counters, from PostgreSQL to the figures.

CPU of our process and of PostgreSQL's together. Alone: python -m tests.bench refresh.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text, update

from mpp.database.session import read, write
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import Platform
from tenants.hall.hours import load_calendar
from tenants.hall.models import Closure, Hall, OpeningHours
from tenants.queueing import desk as desks
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.policies import new_code, new_key
from tenants.waiting.engine import simulate
from tenants.waiting.history import past_days
from tenants.waiting.loading import Known, load, serves_of
from tests.bench.report import figure
from tests.simulator.parameters import SimDesk, SimHall, make_hall
from tests.simulator.rows import Rows, build
from tests.support.hall import at

WAITING, COUNTERS, SERVED, EARLIER_DAYS, TURNS = 200, 20, 300, 10, 60
GOAL_MS = 20
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def big() -> SimHall:
    """A hall of 20 counters, four of a letter, three services at each."""
    usual = make_hall(77)
    every = sorted(usual.minutes)
    served = [frozenset(every[(number + step) % len(every)] for step in range(3)) for number in range(5)]
    own = tuple(SimDesk(key, "ABCDE"[key // 4], served[key // 4], 1.0) for key in range(COUNTERS))
    return dataclasses.replace(usual, desks=own)


def fill(rows: Rows) -> None:
    """Open the hall day and night; 300 people served today and on each earlier day, 20 at counters, 200 in line."""
    now = current_region().now()
    week = {"opens": dt.time.min, "closes": dt.time.max, "break_starts": None, "break_ends": None}
    with write() as session:
        session.execute(update(OpeningHours).values(week))
        for weekday in (6, 7):
            session.add(OpeningHours(hall_id=rows.hall_id, weekday=weekday, **week))
        days = {"starts_on": now.date() - dt.timedelta(days=1), "ends_on": now.date() + dt.timedelta(days=5)}
        session.execute(update(Closure).values(days))
    for key, counter in rows.counters.items():
        desks.sit(counter, rows.officers[key])
    tickets = list(_tickets(rows, now, SERVED, COUNTERS, WAITING))
    for back in range(1, EARLIER_DAYS + 1):
        tickets += _tickets(rows, now - dt.timedelta(days=back), SERVED)
    with write() as session:
        session.execute(insert(Ticket), tickets)


def _tickets(
    rows: Rows, now: dt.datetime, served: int, serving: int = 0, waiting: int = 0
) -> Iterator[dict[str, Any]]:
    dice = random.Random(now.isoformat())  # a made-up hall, no secret
    kinds = (("walk_in", None), ("booked", None), ("priority", "elderly"))
    for number in range(served + serving + waiting):
        state, called, ended = TicketState.WAITING, None, None
        came = now - dt.timedelta(seconds=dice.uniform(60, 5400))
        if number < served + serving:
            state, called = TicketState.SERVING, now - dt.timedelta(seconds=dice.uniform(20, 900))
            if number < served:
                state, called = TicketState.COMPLETED, now - dt.timedelta(seconds=dice.uniform(900, 12_000))
                ended = called + dt.timedelta(seconds=dice.uniform(200, 880))
            came = called - dt.timedelta(seconds=dice.uniform(0, 2400))
        entry, wave = dice.choices(kinds, (8, 1, 1))[0]
        yield {
            "code": new_code(), "idempotency_key": new_key(), "hall_id": rows.hall_id, "state": state,
            "service_id": dice.choice(list(rows.services.values())), "local_day": now.date(), "prefix": "A",
            "number": number + 1, "holder": "S.A.", "channel": "web", "entry": entry, "priority_class": wave,
            "counter_id": rows.counters[number % COUNTERS] if called else None, "issued_at": came,
            "arrived_at": came, "queued_at": came, "called_at": called, "serving_at": called, "ended_at": ended,
        }  # fmt: skip


def run(app: Platform, region: Region) -> None:
    """Print the CPU of loading, here and in PostgreSQL, of simulating, and of both."""
    with at(app, region):
        rows = build(big())
        fill(rows)
        loading, reckoning = [], []
        with read() as session:
            hall, moment = session.get_one(Hall, rows.hall_id), current_region().now()
            calendar, past = load_calendar(session, hall, moment.date(), 2), past_days(session, hall.id)
            known = Known(calendar, serves_of(session, hall), past)
            backend = session.scalar(text("SELECT pg_backend_pid()"))
            before = 0.0
            for turn in range(-5, TURNS):
                if turn == 0:
                    before = _cpu(backend)
                began = time.process_time()
                state = load(session, hall, known, current_region().now())
                loaded = time.process_time()
                assert state and (len(state.waiting), len(state.desks)) == (WAITING, COUNTERS)
                simulate(state)
                if turn >= 0:
                    loading.append((loaded - began) * 1000)
                    reckoning.append((time.process_time() - loaded) * 1000)
            in_postgres = (_cpu(backend) - before) / TURNS
    read_cpu, simulation = statistics.median(loading), statistics.median(reckoning)
    figure("waiting", "refresh_200x20_load_cpu", read_cpu, "ms")
    figure("waiting", "refresh_200x20_load_postgres_cpu", in_postgres, "ms")
    figure("waiting", "refresh_200x20_simulate_cpu", simulation, "ms")
    figure("waiting", "refresh_200x20_cpu", read_cpu + in_postgres + simulation, "ms", most=GOAL_MS)


def _cpu(process: int) -> float:
    """Milliseconds of CPU that a process of this machine has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_MS
