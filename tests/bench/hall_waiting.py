"""What a waiting-time refresh costs, how true it is beside the rivals' estimate, and whether anybody starves.

Brings its own servers: lived days move the clock of PostgreSQL. Alone: python -m tests.bench.hall_waiting [halls [days
[lived halls]]].
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from mpp.database.session import central_read
from mpp.settings import Settings
from mpp.tenancy.models import RegionRecord
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing.rule import Rule
from tenants.registry.prepare import prepare
from tenants.waiting.durations import Samples, durations
from tenants.waiting.engine import simulate
from tenants.waiting.state import Busy, Desk, Person, State
from tests.bench import hall_refresh
from tests.bench.report import figure
from tests.simulator.fairness import many_days
from tests.simulator.judging import judge
from tests.simulator.lived import judge_lived
from tests.simulator.parameters import small_hall
from tests.simulator.scores import Verdict
from tests.support.servers import DATABASE, create_database, servers
from wsgi import create_app

NOW = dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC)
SERVICES = 30
HALLS = 200
DAYS = 1000
# So many lived days, each in a hall of its own, give a standard error of 0.02.
LIVED = 60
# Seeds that were not looked at while the estimate was made.
PURE_SEEDS, LIVED_SEEDS, FAIR_SEEDS = 30_000, 60_000, 50_000


def big_hall(waiting: int = 200, counters: int = 20, seed: int = 1) -> State:
    """A hall of 200 waiting people and 20 busy counters, two of a letter, three services at each."""
    dice = random.Random(seed)
    samples = Samples(
        served={n: [dice.lognormvariate(6.3, 0.5) for _one in range(40)] for n in range(SERVICES)},
        called=1000, absent=60, gaps=[dice.expovariate(1 / 30) for _one in range(200)],
    )  # fmt: skip
    desks = []
    for key in range(counters):
        group = key // 2
        mine = frozenset((group * 3 + step) % SERVICES for step in range(3))
        busy = Busy(min(mine), dice.random() * 900, serving=True)
        desks.append(Desk(key, chr(65 + group), mine, 4 * 3600.0, busy))

    def person(key: int, kind: str, least: float, most: float) -> Person:
        came = NOW + dt.timedelta(seconds=dice.uniform(least, most))
        return Person(key, dice.randrange(SERVICES), kind, came, came, abs(key))

    kinds = dice.choices(("priority", "booked", "walk_in"), (1, 1, 8), k=waiting)
    return State(
        NOW, desks, [person(key, kind, -5400, 0) for key, kind in enumerate(kinds)],
        durations(samples, range(SERVICES)), rest=(7200.0, 9000.0), asked=range(SERVICES),
        expected=[person(-1 - key, "priority", 0, 3600) for key in range(20)],
    )  # fmt: skip


def run(halls: int = HALLS, days: int = DAYS, lived: int = LIVED) -> None:
    """Print cost, coverage, bias and error of ours and of the rivals', and the fairness of the default rule."""
    state, spent = big_hall(), []
    for _turn in range(30):
        began = time.process_time()
        simulate(state)
        spent.append((time.process_time() - began) * 1000)
    figure("waiting", "simulate_200x20_cpu", statistics.median(spent), "ms")
    _real(lived)
    _show("pure", judge("unseen", range(PURE_SEEDS, PURE_SEEDS + halls)), f"{halls} halls")
    _fairness(days)


@contextmanager
def _place() -> Iterator[tuple[Settings, Platform, Region]]:
    """A region in a database of its own, with real rows."""
    with servers() as settings:
        create_database(settings, DATABASE)
        prepare(settings, demo=True, slugs=("bukittinggi",), progress=lambda _line: None)
        app = create_app(settings)
        with app.app_context(), central_read() as session:
            region = session.query(RegionRecord).filter_by(slug="bukittinggi").one().as_region()
        yield settings, app, region


def refresh() -> None:
    """Print what a whole refresh costs, from the rows to the figures."""
    with _place() as (_settings, app, region):
        hall_refresh.run(app, region)


def _real(halls: int) -> None:
    """What only real rows can tell: the whole refresh, and days lived through the services."""
    with _place() as (settings, app, region):
        hall_refresh.run(app, region)
        seeds = range(LIVED_SEEDS, LIVED_SEEDS + halls)
        verdict = judge_lived(app, region, settings, seeds)
    happened = ", ".join(f"{count} {what}" for what, count in sorted(verdict.happened.items()))
    print(f"bench waiting: {halls} lived days: {happened}", flush=True)
    _show("lived", verdict, f"{halls} lived days")
    figure("waiting", "lived_standard_error", verdict.ours.standard_error, "share", most=0.02)
    figure("waiting", "lived_logged_changes_coverage", verdict.logged.coverage, "share")
    same = judge("unseen", seeds, make=small_hall)
    figure("waiting", "lived_same_days_pure_coverage", same.ours.coverage, "share")
    ours, theirs = verdict.ours.by_hall(), same.ours.by_hall()
    less = [ours[hall] - theirs[hall] for hall in ours.keys() & theirs.keys()]
    figure("waiting", "lived_less_pure", statistics.mean(less), "share")
    if len(less) > 1:
        error = statistics.stdev(less) / len(less) ** 0.5
        figure("waiting", "lived_less_pure_standard_error", error, "share", most=0.02)


def _show(name: str, verdict: Verdict, where: str) -> None:
    """The figures of a verdict; the words before them say how much they rest on."""
    print(f"bench waiting: {name}: {len(verdict.ours.pairs)} announcements, {where} of unseen parameters")
    print("\n".join(verdict.lines()), flush=True)
    figure("waiting", f"{name}_coverage", verdict.ours.coverage, "share", least=0.75)
    figure("waiting", f"{name}_coverage_upper", verdict.ours.coverage, "share", most=0.85)
    figure("waiting", f"{name}_coverage_on_coming", verdict.first.coverage, "share", least=0.75)
    figure("waiting", f"{name}_bias", verdict.ours.bias, "min")
    figure("waiting", f"{name}_error", verdict.ours.error, "min")
    for rival, score in verdict.rivals.items():
        figure("waiting", f"{name}_rival_{rival}_coverage", score.coverage, "share")
        figure("waiting", f"{name}_rival_{rival}_bias", score.bias, "min")
        figure("waiting", f"{name}_rival_{rival}_error", score.error, "min")


def _fairness(days: int) -> None:
    fair = many_days(days, seed=FAIR_SEEDS)
    people = sum(fair.people.values())
    print(f"bench waiting: {people} people on {days} days under the default rule", flush=True)
    figure("waiting", "passed_longer_than_bound", fair.passed_late, "people", most=0)
    longest = max(fair.overtaken.values()) / 60
    figure("waiting", "longest_overtaking", longest, "min", most=Rule().max_overtake)
    for name, later in sorted(fair.later.items()):
        rare = sorted(later)[int(len(later) * 0.99)] / 60
        figure("waiting", f"longest_overtaking_{name}", fair.overtaken[name] / 60, "min")
        figure("waiting", f"later_than_first_come_p99_{name}", rare, "min")
        figure("waiting", f"not_reached_{name}", fair.left[name] / fair.people[name], "share")
        figure(
            "waiting",
            f"not_reached_first_come_{name}",
            fair.left_first_come[name] / fair.people[name],
            "share",
        )


if __name__ == "__main__":
    run(*map(int, sys.argv[1:]))
