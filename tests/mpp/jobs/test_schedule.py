"""The clock: each region by its own midnight, every turn once, also over restarts."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from mpp.database.session import central_read, read, serve
from mpp.jobs import handlers
from mpp.jobs.handlers import Registration, handler
from mpp.jobs.run import run_outbox
from mpp.jobs.schedule import Schedule, turn_of
from mpp.outbox import CentralOutboxEntry, OutboxEntry
from mpp.tenancy.region import Region
from mpp.web.flask import Platform

pytestmark = pytest.mark.usefixtures("declared")

DAILY = Registration("test.daily", lambda _job: None, daily=dt.time(0, 5))
EVERY = Registration("test.every", lambda _job: None, every=dt.timedelta(minutes=5))


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=dt.UTC)


def posted(app: Platform, region: Region, kind: str) -> list[dict[str, Any]]:
    with app.app_context(), serve(region), read() as session:
        return list(
            session.scalars(select(OutboxEntry.payload).where(OutboxEntry.kind == kind).order_by("id"))
        )


def test_a_day_is_over_at_the_regions_own_midnight(bukittinggi: Region) -> None:
    samarinda = dataclasses.replace(bukittinggi, timezone="Asia/Makassar")
    # 16.10 UTC is 23.10 WIB of the 2nd and 00.10 WITA of the 3rd.
    assert turn_of(DAILY, bukittinggi, at(2, 16, 10)) == "2026-03-01"
    assert turn_of(DAILY, samarinda, at(2, 16, 10)) == "2026-03-02"
    # 00.04 is still too early; the day before counts until then.
    assert turn_of(DAILY, bukittinggi, at(2, 17, 4)) == "2026-03-01"
    assert turn_of(DAILY, bukittinggi, at(2, 17, 5)) == "2026-03-02"


def test_periods_are_five_minutes_and_regions_take_turns_in_them(bukittinggi: Region) -> None:
    moments = [at(2, 5) + dt.timedelta(seconds=second) for second in range(900)]
    turns = [turn_of(EVERY, bukittinggi, moment) for moment in moments]
    assert len(set(turns)) == 4
    other = dataclasses.replace(bukittinggi, id=bukittinggi.id + 1)
    changes = [[n for n in range(1, 900) if own[n] != own[n - 1]] for own in (
        turns, [turn_of(EVERY, other, moment) for moment in moments],
    )]  # fmt: skip  # two lists of moments
    assert changes[0][0] - changes[1][0] == 7


def test_a_turn_is_posted_once_also_by_a_new_ticker(work: Platform, bukittinggi: Region) -> None:
    handler("test.daily", daily=dt.time(0, 5))(lambda _job: None)
    for schedule in (Schedule(work), Schedule(work)):
        for hour in (18, 19, 20):
            schedule.post_due(bukittinggi, at(2, hour))
    assert posted(work, bukittinggi, "test.daily") == [{"turn": "2026-03-02", "day": "2026-03-02"}]
    Schedule(work).post_due(bukittinggi, at(3, 18))
    assert [p["day"] for p in posted(work, bukittinggi, "test.daily")] == ["2026-03-02", "2026-03-03"]


def test_while_no_worker_runs_periodic_jobs_do_not_pile_up(work: Platform, bukittinggi: Region) -> None:
    handler("test.every", every=dt.timedelta(minutes=5))(lambda _job: None)
    schedule = Schedule(work)
    for minute in range(0, 60, 5):
        schedule.post_due(bukittinggi, at(2, 5, minute))
    assert len(posted(work, bukittinggi, "test.every")) == 1


def test_once_done_the_next_period_is_posted(work: Platform, bukittinggi: Region) -> None:
    handler("test.every", every=dt.timedelta(minutes=5))(lambda _job: None)
    schedule = Schedule(work)
    for minute in (0, 5, 10):
        schedule.post_due(bukittinggi, at(2, 5, minute))
        with work.app_context(), serve(bukittinggi), read() as session:
            ids = list(session.scalars(select(OutboxEntry.id).where(OutboxEntry.kind == "test.every")))
        for row_id in ids:
            run_outbox(bukittinggi.id, row_id)
    assert len(posted(work, bukittinggi, "test.every")) == 3


def test_the_product_closes_days_pushes_numbers_and_prunes(work: Platform, bukittinggi: Region) -> None:
    Schedule(work).post_due(bukittinggi, at(2, 5))
    kinds = ("day.close", "rollup", "outbox.prune")
    assert [len(posted(work, bukittinggi, kind)) for kind in kinds] == [1, 1, 1]


def test_the_centre_has_a_clock_of_its_own(work: Platform) -> None:
    Schedule(work).post_due(None, at(2, 5))
    with work.app_context(), central_read() as session:
        kinds = set(session.scalars(select(CentralOutboxEntry.kind)))
    assert "outbox.prune" in kinds
    assert all(kind in handlers._of_centre for kind in kinds)
