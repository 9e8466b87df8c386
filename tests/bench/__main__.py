"""Run every benchmark: `make bench`, or `python -m tests.bench fence pages …` for some."""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

import structlog

from mpp.database.session import central_read
from mpp.embedded.postgres import EmbeddedPostgres
from mpp.embedded.valkey import EmbeddedValkey
from mpp.settings import load_settings
from mpp.tenancy.models import RegionRecord
from tests.bench import (
    fence,
    hall_board,
    hall_calls,
    hall_waiting,
    pages,
    provision,
    secrets,
    sign_in,
    tickets,
    weight,
)
from tests.support.hall import at, open_always
from tests.support.live import live
from tests.support.servers import create_database, url_of
from wsgi import create_app

NAMES = (
    "provision",
    "fence",
    "weight",
    "pages",
    "tickets",
    "hall_calls",
    "hall_board",
    "waiting",
    "secrets",
    "sign_in",
)
WORKERS = 2


def main() -> None:
    """Print the figures asked for on a durable cluster of our own; a goal missed is shown, not hidden."""
    chosen = sys.argv[1:] or NAMES
    # Thousands of requests are no news; the figures are.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    if "waiting" in chosen:
        hall_waiting.run()
    if "refresh" in chosen:
        hall_waiting.refresh()
    with (
        tempfile.TemporaryDirectory(prefix="mpp-bench-", ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres(Path(folder) / "pg") as postgres,
        EmbeddedValkey(Path(folder) / "valkey") as valkey,
    ):
        settings = load_settings(
            {
                "MPP_ENV": "test",
                "MPP_SECRET_KEY": "rahasia-untuk-pengukuran-saja-123456789",
                "DATABASE_URL": url_of(postgres.url, "mpp_bench"),
                "VALKEY_URL": valkey.url,
                "MPP_DATA_DIR": folder,
            }
        )
        create_database(settings, "mpp_bench")
        provision.run(settings)
        app = create_app(settings)
        with app.app_context(), central_read() as session:
            region, neighbour = (
                session.query(RegionRecord).filter_by(slug=slug).one().as_region()
                for slug in ("bukittinggi", "banyuwangi")
            )
        with at(app, region):
            open_always()
        if "fence" in chosen:
            fence.run(settings, region)
        if "hall_calls" in chosen:
            hall_calls.run(settings, app, region)
        if "secrets" in chosen:
            secrets.run(settings, app, region, neighbour)
        if "sign_in" in chosen:
            sign_in.run(app, region)
        if not set(chosen) & {"weight", "pages", "tickets", "hall_board"}:
            return
        with live(settings, workers=WORKERS) as here:
            if "weight" in chosen:
                weight.run(here)
            if "pages" in chosen:
                pages.run(settings, here, WORKERS)
            if "hall_board" in chosen:
                hall_board.run(app, region, here)
            if "tickets" in chosen:
                tickets.run(settings, app, region, here)


if __name__ == "__main__":
    main()
