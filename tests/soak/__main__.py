"""Run the soak: `make soak`, or `python -m tests.soak --minutes 10 --seed 7`.

Exit code 1 when anything was lost, doubled or left undone.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

from sqlalchemy import select

from mpp.database.session import central_read
from mpp.tenancy.models import RegionRecord
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.bench.report import figure, percentile
from tests.soak.judge import Verdict, judge
from tests.soak.keeper import NATION, Keeper
from tests.soak.kept_verdict import judge as judge_kept
from tests.soak.ledger import Ledger
from tests.soak.monkey import Monkey
from tests.soak.opening import open_hall
from tests.soak.people import Desk, Hall, citizens
from tests.soak.running import READY, Running, running
from tests.soak.screens import listens, polls
from wsgi import create_app

REGIONS = ("bukittinggi", "banyuwangi", "kendari")
COUNTERS = 3
MOST_LINES = 40
# The last turn of keys is brought to its end.
LONGEST_END = 900


def main() -> int:
    """Start, load, kill, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    # Also an asked-for end must sweep up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"soak: {options.minutes:g} minutes, seed {options.seed}", flush=True)
    with running() as platform:
        app = create_app(platform.settings)
        regions = _regions(app)
        halls = [open_hall(app, region, COUNTERS) for region in regions]
        ledger, stop = Ledger(), threading.Event()
        dice = random.Random(options.seed)
        crowd = _crowd(platform, halls, ledger, stop, dice)
        keeper = Keeper(app, platform, regions, random.Random(dice.random()))
        crowd += keeper.start(stop)
        monkey = Monkey(platform, halls[0], regions[0].schema, ledger, dice)
        ending = threading.Timer(options.minutes * 60, stop.set)
        ending.daemon = True
        ending.start()
        monkey.play(stop)
        for thread in crowd:
            thread.join(LONGEST_END)
        keeper.wrong += [f"{thread.name} never ended" for thread in crowd if thread.is_alive()]
        print("soak: calm again, comparing", flush=True)
        verdict = judge(app, regions, ledger, platform.logs)
        judge_kept(keeper)
        for line in platform.said.read_text("utf-8").partition(READY)[2].splitlines():
            print(f"  mpp up: {line}")
        return _report(verdict, ledger, monkey, keeper, options.minutes)


def _regions(app: Platform) -> list[Region]:
    with app.app_context(), central_read() as session:
        query = select(RegionRecord).where(RegionRecord.slug.in_(REGIONS)).order_by(RegionRecord.id)
        return [record.as_region() for record in session.scalars(query)]


def _crowd(
    platform: Running, halls: list[Hall], ledger: Ledger, stop: threading.Event, dice: random.Random
) -> list[threading.Thread]:
    """Start everybody; returns those whose last press must be answered."""
    work: list[Callable[[], None]] = []
    for hall in halls:
        own = [random.Random(dice.random()) for _ in range(len(hall.desks) + 1)]
        work.append(partial(citizens, platform.port, hall, ledger, stop, own[-1]))
        for (email, counter), mine in zip(hall.desks, own, strict=False):
            desk = Desk(platform.port, hall, email, counter, ledger, mine)
            desk.arrive()
            work.append(partial(desk.work, stop))
        for watch, port in ((polls, platform.port), (listens, platform.port + 1)):
            screen = threading.Thread(target=watch, args=(port, hall, ledger, stop), daemon=True)
            screen.start()
    crowd = [threading.Thread(target=job, daemon=True) for job in work]
    for thread in crowd:
        thread.start()
    return crowd


def _duties(keeper: Keeper, minutes: float) -> bool:
    """Print what the keeper did, and whether it was enough to prove anything: a share of what a calm run does."""
    seconds = minutes * 60
    figure("soak", "turns_stopped_and_begun_again", keeper.stopped, "turns")
    figure("soak", "acts_done_again", keeper.troubles, "acts")
    return all(
        [
            # A turn takes a minute and a half when nothing is killed.
            figure("soak", "keys_turned", keeper.turned.total(), "turns", least=max(1, seconds // 240)),
            figure("soak", "nation_turned", keeper.turned[NATION], "turns", least=min(1, seconds // 300)),
            figure("soak", "people_erased", len(keeper.erased), "people", least=seconds / 20),
            figure("soak", "guests_erased", len(keeper.gone), "people", least=seconds / 40),
            figure("soak", "accounts_closed", len(keeper.closed), "people", least=seconds / 60),
            figure("soak", "ended_by_time", len(keeper.leaving) + len(keeper.aged), "people", least=1),
            figure("soak", "retention_asked_for", keeper.retains, "times", least=seconds / 40),
            figure("soak", "look_ups", keeper.looks, "look-ups", least=seconds / 4),
        ]
    )


def _report(verdict: Verdict, ledger: Ledger, monkey: Monkey, keeper: Keeper, minutes: float) -> int:
    enough = _duties(keeper, minutes)
    for (kind, what), times in sorted(monkey.times().items()):
        if what == "number":
            figure("soak", f"kills_{kind}", len(times), "kills")
        figure("soak", f"{what}_again_{kind}_p50", percentile(times, 0.5), "s")
        figure("soak", f"{what}_again_{kind}_max", max(times), "s")
    figure("soak", "tickets", verdict.tickets, "tickets")
    figure("soak", "calls", verdict.calls, "calls")
    figure("soak", "events", verdict.events, "events")
    figure("soak", "jobs", len(verdict.job_seconds), "jobs")
    figure("soak", "job_p50", percentile(verdict.job_seconds, 0.5), "s")
    figure("soak", "job_max", max(verdict.job_seconds), "s")
    for word, number in sorted(ledger.answers.items()):
        figure(
            "soak", f"answers_{word.replace(' ', '_')}", number, "answers", most=0 if word == "500" else None
        )
    figure("soak", "boards_told", ledger.told.total(), "boards")
    checks = {
        "lost": verdict.lost, "doubled": verdict.doubled, "illegal": verdict.illegal,
        "open_jobs": verdict.open_jobs, "unanswered": ledger.unanswered, "broken_clients": ledger.broken,
        "people_lost": keeper.wrong,
    }  # fmt: skip
    for name, found in checks.items():
        figure("soak", name, len(found), "cases", most=0)
        for line in found[:MOST_LINES]:
            print(f"  {name}: {line}")
    for why, number in ledger.refused.most_common(MOST_LINES):
        print(f"  refused {number} x {why}")
    for line in verdict.crashes[:MOST_LINES]:
        print(f"  traceback {line}")
    return (
        0 if enough and verdict.clean and not ledger.unanswered and not (ledger.broken or keeper.wrong) else 1
    )


if __name__ == "__main__":
    sys.exit(main())
