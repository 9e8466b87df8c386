"""(h) Calls and tickets a second by the service layer against pgbench running the very SQL that it sends.

Both at 21 and 200 people waiting and 1, 4 and 16 counters of one letter, whose calls happen one by one. A call takes
one out of the line and puts one back, a taken number is given up, so that the line keeps its length; pgbench does the
same with the recorded statements, the lock of the letter among them.
"""

from __future__ import annotations

import itertools
import multiprocessing
import re
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, select

from mpp.database.roles import app_url
from mpp.database.session import db, serve, write
from mpp.embedded.postgres import find_programs
from mpp.settings import Settings
from mpp.tenancy.provision import owner
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing.models import Ticket
from tests.bench.hall_acts import SERVICE, Place, call_and_return, person, recorded_call, recorded_take, take
from tests.bench.report import figure
from tests.support.hall import at, more_counters, seat

SECONDS = 4
WAITING = (21, 200)
COUNTERS = (1, 4, 16)
LEAST = 0.25
# More than the seed's own counters of the service.
OLD_COUNTERS = 8
WORKERS = 2
# As many pages a process serves at once; more callers than that wait for a connection, as in production.
THREADS = 8


def run(settings: Settings, app: Platform, region: Region) -> bool:
    """Print calls and tickets a second of both and their ratios; return whether all goals are met."""
    with at(app, region):
        # The newest ones: their ids follow each other, so that a pgbench client reckons its own.
        ids = more_counters(SERVICE, max(COUNTERS) + OLD_COUNTERS)[-max(COUNTERS) :]
        desks = [(counter, seat(counter, "bench")) for counter in ids]
    met = True
    for waiting, counters in itertools.product(WAITING, COUNTERS):
        place = Place(settings, app, region, desks[:counters])
        name = f"{waiting}_waiting_{counters}_counters"
        met = _compare(place, "call", name, waiting, call_and_return, recorded_call) and met
        met = _compare(place, "take", name, waiting, take, recorded_take) and met
    return met


def _compare(
    place: Place,
    kind: str,
    name: str,
    waiting: int,
    act: Callable[[Place, int], None],
    recorded: Callable[[Place, int], str],
) -> bool:
    """The service, pgbench twice, the service again: the means count, so a drift of the machine meets both alike."""
    _line(place, waiting)
    script = _script(place, kind, recorded)
    clients = len(place.desks)
    served, in_sql = 0.0, 0.0
    for service in (True, False, False, True):
        _line(place, waiting)
        if service:
            served += _service(place, act) / 2
        else:
            in_sql += _pgbench(place.settings, script, clients) / 2
    figure("hall_calls", f"{kind}_{name}_service", served, "1/s")
    figure("hall_calls", f"{kind}_{name}_pgbench", in_sql, "1/s")
    return figure("hall_calls", f"{kind}_{name}_ratio", served / in_sql, "x", least=LEAST)


def _line(place: Place, waiting: int) -> None:
    """An empty hall in which so many people wait; a third of them have a priority class, a hundred were served."""
    with owner(place.settings) as connection:
        connection.execute(f"SET search_path TO {place.region.schema}, platform")
        connection.execute("TRUNCATE ticket, ticket_event, ticket_series RESTART IDENTITY CASCADE")
    with at(place.app, place.region):
        person(first=True)
        with write() as session:
            ticket = session.scalars(select(Ticket)).one()
            day, prefix, hall, kind = ticket.local_day, ticket.prefix, ticket.hall_id, ticket.service_id
    counter = place.desks[0][0]
    with owner(place.settings) as connection:
        connection.execute(f"SET search_path TO {place.region.schema}, platform")
        connection.execute("DELETE FROM ticket_event; DELETE FROM ticket")
        connection.execute(
            "INSERT INTO ticket (code, idempotency_key, hall_id, service_id, local_day, prefix, number, holder,"
            " channel, priority_class, state, counter_id, arrived_at, queued_at, issued_at, called_at)"
            " SELECT 'b' || n, 'bench-line-' || n, %(hall)s, %(kind)s, %(day)s, %(prefix)s, n, 'B.', 'web',"
            "  CASE WHEN n %% 3 = 0 THEN 'elderly' END,"
            "  CASE WHEN n > %(waiting)s THEN 'completed' ELSE 'waiting' END,"
            "  CASE WHEN n > %(waiting)s THEN %(counter)s END,"
            "  now() - n * interval '10 seconds', now() - n * interval '10 seconds', now(),"
            "  CASE WHEN n > %(waiting)s THEN now() - n * interval '5 seconds' END"
            " FROM generate_series(1, %(waiting)s + 100) n",
            {
                "hall": hall,
                "kind": kind,
                "day": day,
                "prefix": prefix,
                "waiting": waiting,
                "counter": counter,
            },
        )
        connection.execute(
            "INSERT INTO ticket_event (ticket_id, hall_id, at, kind, state, counter_id, actor_kind)"
            " SELECT id, hall_id, called_at, 'call', 'called', counter_id, 'system' FROM ticket"
            " WHERE called_at IS NOT NULL ORDER BY called_at"
        )
        connection.execute(
            "INSERT INTO queue_call (event_id, ticket_id, hall_id, local_day, prefix, counter_id, service_id, at,"
            "  began, priority)"
            " SELECT e.id, t.id, t.hall_id, local_day, prefix, t.counter_id, service_id, called_at, arrived_at,"
            "  priority_class IS NOT NULL FROM ticket_event e JOIN ticket t ON t.id = e.ticket_id"
        )
        connection.execute("UPDATE ticket_series SET last_number = %s", (waiting + 100,))
        connection.execute("ANALYZE ticket; ANALYZE ticket_event; ANALYZE queue_call")


def _service(place: Place, act: Callable[[Place, int], None]) -> float:
    """Acts a second by the service layer, one caller a counter, in as many processes as the web has."""
    numbers = range(len(place.desks))
    shares = [list(numbers)[n::WORKERS] for n in range(WORKERS)]
    fork = multiprocessing.get_context("fork")
    counts = fork.Queue()
    with place.app.app_context():
        db.engine.dispose()
    workers = [fork.Process(target=_work, args=(place, act, share, counts)) for share in shares if share]
    for worker in workers:
        worker.start()
    done = sum(counts.get(timeout=SECONDS * 10) for _worker in workers)
    for worker in workers:
        worker.join()
    return float(done) / SECONDS


def _work(place: Place, act: Callable[[Place, int], None], share: list[int], counts: Any) -> None:
    """One process: a thread for each of its counters, at most THREADS at work at once."""
    stop = time.perf_counter() + SECONDS
    done = dict.fromkeys(share, 0)
    gate = threading.BoundedSemaphore(THREADS)

    def caller(number: int) -> None:
        with place.app.app_context(), serve(place.region):
            while time.perf_counter() < stop:
                with gate:
                    act(place, number)
                done[number] += 1

    threads = [threading.Thread(target=caller, args=(n,)) for n in share]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts.put(sum(done.values()))


def _script(place: Place, kind: str, recorded: Callable[[Place, int], str]) -> Path:
    script = place.settings.data_dir / f"{kind}.sql"
    script.write_text(recorded(place, 0), encoding="utf-8")
    return script


def _pgbench(settings: Settings, script: Path, clients: int) -> float:
    url = make_url(app_url(settings))
    found = find_programs()
    argv = [
        str(found.root / found.folder / "pgbench"), "-n", "-f", str(script), "-c", str(clients), "-j", "1",
        "-T", str(SECONDS), "-h", str(url.host), "-p", str(url.port), "-U", str(url.username), str(url.database),
    ]  # fmt: skip
    env = {"PGPASSWORD": str(url.password)}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=env)
    speed = re.search(r"tps = ([\d.]+)", done.stdout)
    assert speed and "failed transactions: 0" in done.stdout.replace("number of ", ""), (
        done.stdout + done.stderr
    )
    return float(speed[1])
