"""Send everything: `make attack`, or `python -m tests.attack --minutes 15 --seed 7`.

Exit code 1 when anything broke out.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from functools import partial

import structlog

from mpp.database.session import central_read
from mpp.tenancy.models import RegionRecord
from tenants.registry.prepare import prepare
from tests.attack.cast import members, patient
from tests.attack.crowd import OTHERWISE, OUT_OF_REACH, crawl
from tests.attack.walking import Bounds
from tests.bench.report import figure
from tests.support.hall import at, open_always
from tests.support.servers import DATABASE, create_database, servers
from wsgi import create_app

MOST = 1_000_000
WIDE = Bounds(pages=1, forms=2, fields=12, payloads=3, requests=2_000, seconds=120)
REGIONS = ("bukittinggi", "banyuwangi")


def main() -> int:
    """Start servers of our own, let everybody attack, print what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--payloads", type=int, default=1000, help="for each field; all of them unless told")
    options = parser.parse_args()
    print(f"attack: {options.minutes:g} minutes, seed {options.seed}", flush=True)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with servers() as settings:
        create_database(settings, DATABASE)
        prepare(settings, demo=True, slugs=REGIONS, progress=lambda _line: None)
        app = create_app(settings)
        with app.app_context(), central_read() as session:
            region = session.query(RegionRecord).filter_by(slug=REGIONS[0]).one().as_region()
        with at(app, region):
            open_always()
        with patient(app):
            cast = list(members(app, region))
            say = partial(print, flush=True)
            began = time.monotonic()
            # Wide first: each form at least by one of those who may send it. Then deep, for the time that is left.
            found = crawl(app, cast, WIDE, options.seed, share=True, say=say)
            left = options.minutes * 60 - (time.monotonic() - began)
            deep = Bounds(2, 2, 100, options.payloads, MOST, max(0.0, left) / len(cast), turns=2)
            crawl(app, cast, deep, options.seed, share=False, say=say, found=found)
    figure("attack", "requests", found.requests, "requests")
    figure("attack", "forms_reached", found.reached * 100, "%")
    for endpoint in sorted(found.shallow):
        print(f"  never answered deeply: {endpoint}: {OUT_OF_REACH.get(endpoint, OTHERWISE)}")
    return 0 if figure("attack", "faults", len(found.faults), "cases", most=0) else 1


if __name__ == "__main__":
    sys.exit(main())
