"""One row of the outbox: done once, in its region, or left where it is."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, text

from mpp.database.session import central_write, db
from mpp.jobs.handlers import Job, central_handler, find, handler
from mpp.jobs.run import MOST_ATTEMPTS, Fate, describe, run_outbox
from mpp.tenancy import lifecycle
from mpp.tenancy.region import Region, current_region, region_or_none
from mpp.web.flask import Platform
from tenants.hall.models import Hall

Post = Callable[..., int]
Look = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("declared")


def now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)


def test_a_job_runs_in_its_region_once(
    post: Post, row: Look, bukittinggi: Region, banyuwangi: Region
) -> None:
    seen: list[tuple[str, str | None]] = []

    @handler("test.look")
    def look(job: Job) -> None:
        seen.append((current_region().slug, job.session.scalar(select(Hall.name))))

    ids = {region: post(region, "test.look") for region in (bukittinggi, banyuwangi)}
    for region, row_id in ids.items():
        assert run_outbox(region.id, row_id) == Fate.DONE
        assert run_outbox(region.id, row_id) == Fate.NOTHING
        assert row(region, row_id).done_at is not None
    assert [slug for slug, _hall in seen] == ["bukittinggi", "banyuwangi"]
    assert len({hall for _slug, hall in seen}) == 2
    assert region_or_none() is None


def test_the_work_and_its_mark_are_one_transaction(
    post: Post, row: Look, bukittinggi: Region, work: Platform
) -> None:
    @handler("test.half")
    def half(job: Job) -> None:
        job.session.scalars(select(Hall)).one().name = "Setengah jalan"
        job.session.flush()
        raise ValueError("Budi, 0812-3456-7890")

    row_id = post(bukittinggi, "test.half")
    assert run_outbox(bukittinggi.id, row_id) == Fate.FAILED
    entry = row(bukittinggi, row_id)
    assert (entry.attempts, entry.done_at) == (1, None)
    # Where it broke, never what it said: that may be somebody's name.
    assert entry.error.startswith("ValueError di half baris ")
    assert "Budi" not in entry.error
    seen = []
    handler("test.see")(lambda job: seen.append(job.session.scalar(select(Hall.name))))
    run_outbox(bukittinggi.id, post(bukittinggi, "test.see"))
    assert seen != ["Setengah jalan"]


def test_failures_wait_longer_each_time_and_stop_after_five(
    post: Post, row: Look, bukittinggi: Region
) -> None:
    @handler("test.never")
    def never(job: Job) -> None:
        job.session.execute(text("SELECT 1 / 0"))

    row_id = post(bukittinggi, "test.never")
    pauses = []
    for _ in range(MOST_ATTEMPTS):
        assert run_outbox(bukittinggi.id, row_id) == Fate.FAILED
        pauses.append(round((row(bukittinggi, row_id).not_before - now()).total_seconds()))
    assert pauses == pytest.approx([10, 40, 160, 640, 2560], abs=2)
    assert run_outbox(bukittinggi.id, row_id) == Fate.NOTHING
    assert "DivisionByZero 22012" in row(bukittinggi, row_id).error


@pytest.mark.parametrize(
    "payload",
    [
        {"region_id": 2},
        {"region": "banyuwangi"},
        {"region_slug": "banyuwangi"},
        {"schema": "region_2"},
        {"ticket": {"region_code": "35.10"}},
        {"tickets": [{"id": 1}, {"region_id": 2}]},
    ],
)
def test_a_job_of_a_with_an_argument_of_b_is_refused(
    post: Post, row: Look, bukittinggi: Region, banyuwangi: Region, payload: dict[str, Any]
) -> None:
    assert (bukittinggi.id, banyuwangi.id) == (1, 2)
    ran: list[Job] = []
    handler("test.foreign")(ran.append)
    row_id = post(bukittinggi, "test.foreign", **payload)
    assert run_outbox(bukittinggi.id, row_id) == Fate.REFUSED
    assert run_outbox(bukittinggi.id, row_id) == Fate.NOTHING
    entry = row(bukittinggi, row_id)
    assert (ran, entry.done_at, entry.attempts) == ([], None, MOST_ATTEMPTS)
    assert "menyebut daerah lain" in entry.error


def test_an_argument_that_names_its_own_region_is_fine(post: Post, bukittinggi: Region) -> None:
    handler("test.own")(lambda _job: None)
    row_id = post(bukittinggi, "test.own", region_id=bukittinggi.id, region="bukittinggi", schema="region_1")
    assert run_outbox(bukittinggi.id, row_id) == Fate.DONE


def test_a_row_of_a_is_not_found_in_b(post: Post, row: Look, bukittinggi: Region, banyuwangi: Region) -> None:
    ran: list[Job] = []
    handler("test.mine")(ran.append)
    row_id = post(bukittinggi, "test.mine")
    assert run_outbox(banyuwangi.id, row_id) == Fate.NOTHING
    assert (ran, row(bukittinggi, row_id).done_at) == ([], None)


def test_a_suspended_regions_job_waits_untouched(
    post: Post, row: Look, bukittinggi: Region, work: Platform
) -> None:
    handler("test.wait")(lambda _job: None)
    row_id = post(bukittinggi, "test.wait")
    with work.app_context(), central_write() as session:
        lifecycle.suspend(session, "bukittinggi", "Pindah", "Diskominfo")
    assert run_outbox(bukittinggi.id, row_id) == Fate.WAITING
    assert (row(bukittinggi, row_id).attempts, row(bukittinggi, row_id).done_at) == (0, None)
    with work.app_context(), central_write() as session:
        lifecycle.activate(session, "bukittinggi")
    assert run_outbox(bukittinggi.id, row_id) == Fate.DONE


def test_only_declared_jobs_of_the_centre_run_without_a_region(
    post: Post, row: Look, bukittinggi: Region
) -> None:
    places: list[Region | None] = []
    central_handler("test.central")(lambda job: places.append(job.region or region_or_none()))
    handler("test.regional")(lambda job: places.append(job.region))
    assert run_outbox(None, post(None, "test.central")) == Fate.DONE
    assert places == [None]
    for place, kind in (
        (None, "test.regional"),
        (bukittinggi, "test.central"),
        (bukittinggi, "region.provision"),
    ):
        row_id = post(place, kind, code="13.71")
        assert run_outbox(place.id if place else None, row_id) == Fate.REFUSED
        assert row(place, row_id).error.startswith("ditolak: ")
    assert places == [None]


def test_an_unknown_region_runs_nothing(work: Platform) -> None:
    assert run_outbox(999, 1) == Fate.WAITING


def test_two_workers_with_one_row_do_it_once(post: Post, bukittinggi: Region, work: Platform) -> None:
    begun, go = threading.Event(), threading.Event()
    ran = []

    @handler("test.slow")
    def slow(_job: Job) -> None:
        ran.append(threading.get_ident())
        begun.set()
        assert go.wait(10)

    row_id = post(bukittinggi, "test.slow")
    fates: list[str] = []
    first = threading.Thread(target=lambda: fates.append(run_outbox(bukittinggi.id, row_id)))
    first.start()
    assert begun.wait(10)
    assert run_outbox(bukittinggi.id, row_id) == Fate.NOTHING
    go.set()
    first.join()
    assert (fates, len(ran)) == ([Fate.DONE], 1)
    with work.app_context():
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # QueuePool's


def test_a_jobs_acts_are_the_systems(post: Post, bukittinggi: Region) -> None:
    from mpp.audit import AuditEntry, chain, record

    who: list[str] = []

    @handler("test.audit")
    def act(job: Job) -> None:
        record(job.session, action="test.act", subject="test:1")
        chain(job.session)
        who.extend(job.session.scalars(select(AuditEntry.actor_kind).where(AuditEntry.action == "test.act")))

    run_outbox(bukittinggi.id, post(bukittinggi, "test.audit"))
    assert who == ["system"]


def test_two_handlers_of_one_kind_are_a_mistake() -> None:
    handler("test.twice")(lambda _job: None)
    with pytest.raises(ValueError, match=r"test\.twice"):
        handler("test.twice")(lambda _job: None)


def test_every_job_that_features_post_has_its_handler(bukittinggi: Region) -> None:
    for kind in ("rollup", "day.close", "outbox.prune"):
        assert find(kind, bukittinggi).kind == kind
    for kind in ("region.provision", "catalogue.activity", "outbox.prune"):
        assert find(kind, None).kind == kind


def test_done_rows_go_after_a_week(post: Post, row: Look, bukittinggi: Region) -> None:
    from sqlalchemy import update

    from mpp.outbox import OutboxEntry

    handler("test.old")(lambda _job: None)
    old, new = post(bukittinggi, "test.old"), post(bukittinggi, "test.old")
    for row_id in (old, new):
        run_outbox(bukittinggi.id, row_id)

    @handler("test.age")
    def age(job: Job) -> None:
        past = func.now() - dt.timedelta(days=8)
        job.session.execute(update(OutboxEntry).where(OutboxEntry.id == old).values(done_at=past))

    run_outbox(bukittinggi.id, post(bukittinggi, "test.age"))
    assert run_outbox(bukittinggi.id, post(bukittinggi, "outbox.prune")) == Fate.DONE
    assert row(bukittinggi, old) is None
    assert row(bukittinggi, new) is not None


def test_an_error_is_described_without_its_words() -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # which one is the point
        int("NIK 9999")
    told = describe(caught.value)
    assert "9999" not in told
    assert told.startswith("ValueError di test_an_error")
