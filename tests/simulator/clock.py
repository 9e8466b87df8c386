"""One clock for Python and PostgreSQL that a test can move: the real service layer lives through made-up days.

PostgreSQL looks for a function in the order of the search path; with pg_catalog named last, ours come first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import time_machine

from mpp.database import fence
from mpp.settings import Settings
from mpp.tenancy.provision import owner
from mpp.tenancy.region import Region
from tenants.waiting import service as waiting

FUNCTIONS = ("now", "clock_timestamp", "statement_timestamp", "transaction_timestamp")


class Clock:
    """`set` moves both clocks; they stand still between."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller
        self.moment = dt.datetime.now(tz=dt.UTC)

    def seconds(self) -> float:
        """The moment as a number that grows."""
        return self.moment.timestamp()

    def set(self, moment: dt.datetime) -> None:
        self.moment = moment
        self._traveller.move_to(moment, tick=False)


@contextmanager
def movable(settings: Settings, start: dt.datetime, patch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Let every transaction of a region see the clock's moment instead of the time of day."""
    with owner(settings) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS sim; GRANT USAGE ON SCHEMA sim TO PUBLIC")
        for name in FUNCTIONS:
            connection.execute(
                f"CREATE OR REPLACE FUNCTION sim.{name}() RETURNS timestamptz LANGUAGE sql STABLE "
                "AS $$ SELECT pg_catalog.current_setting('sim.now')::timestamptz $$"
            )
    real = fence.opening
    with time_machine.travel(start, tick=False) as traveller:
        clock = Clock(traveller)

        def opening(region: Region) -> str:
            return f"{real(region)}, sim, pg_catalog; SET LOCAL sim.now TO '{clock.moment.isoformat()}'"

        patch.setattr(fence, "opening", opening)
        # An outlook grows old by this clock too: people are told what is some seconds old, as in life.
        patch.setattr(waiting, "time", SimpleNamespace(monotonic=clock.seconds))
        # Hours and counters of a made-up hall stay as they are, and its events are minutes apart.
        patch.setattr(waiting, "SECONDS_LAYOUT", 3600.0)
        yield clock
