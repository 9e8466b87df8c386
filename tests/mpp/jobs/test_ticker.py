"""The ticker: due rows reach RQ, one leader, nothing lost when Valkey is away."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import socket
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from mpp.database.roles import central_role
from mpp.database.session import central_write
from mpp.jobs.handlers import Job, handler
from mpp.jobs.relay import QUEUE, active_regions, connect, due, offer, queue
from mpp.jobs.run import run_outbox
from mpp.jobs.ticker import REGIONS_A_TICK, Leadership, Ticker
from mpp.tenancy import lifecycle
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.fresh import sql

Post = Callable[..., int]
Look = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("declared")

NOON = dt.datetime(2026, 3, 2, 5, tzinfo=dt.UTC)


@pytest.fixture
def valkey(work: Platform) -> Iterator[Redis]:
    """A client of an empty Valkey."""
    connection = connect(work.settings.valkey_url)
    connection.flushall()
    yield connection
    connection.close()


@pytest.fixture
def said() -> list[str]:
    """What the ticker told the operator."""
    return []


@pytest.fixture
def ticker(work: Platform, valkey: Redis, said: list[str]) -> Ticker:
    """A ticker whose clocked jobs are all posted already."""
    found = Ticker(work, said.append)
    found.tick(NOON)
    drain(valkey)
    return found


def drain(connection: Redis) -> None:
    """A worker that does everything there is and goes home."""
    worker = SimpleWorker([QUEUE], connection=connection, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="ERROR")


def test_a_row_travels_from_the_outbox_through_valkey_to_its_handler(
    post: Post, row: Look, ticker: Ticker, valkey: Redis, bukittinggi: Region
) -> None:
    ran: list[int] = []
    handler("test.note")(lambda job: ran.append(job.payload["number"]))
    row_id = post(bukittinggi, "test.note", number=7)
    for _ in range(3):
        ticker.tick(NOON)
    assert len(queue(valkey).job_ids) == 1
    drain(valkey)
    assert ran == [7]
    assert row(bukittinggi, row_id).done_at is not None
    ticker.tick(NOON)
    assert queue(valkey).job_ids == []


def test_a_lost_queue_loses_nothing(post: Post, ticker: Ticker, valkey: Redis, bukittinggi: Region) -> None:
    ran: list[Job] = []
    handler("test.note")(ran.append)
    post(bukittinggi, "test.note")
    ticker.tick(NOON)
    valkey.flushall()
    ticker.tick(NOON)
    drain(valkey)
    assert len(ran) == 1


def test_rows_not_due_failed_or_of_suspended_regions_stay(
    post: Post, ticker: Ticker, valkey: Redis, bukittinggi: Region, banyuwangi: Region, work: Platform
) -> None:
    def fail(_job: Job) -> None:
        raise ValueError

    handler("test.fail")(fail)
    row_id = post(bukittinggi, "test.fail")
    post(banyuwangi, "test.fail")
    assert due(work, bukittinggi) == [(row_id, 0)]
    run_outbox(bukittinggi.id, row_id)
    assert due(work, bukittinggi) == []
    with work.app_context(), central_write() as session:
        lifecycle.suspend(session, "banyuwangi", "Pindah", "Diskominfo")
    assert [region.slug for region in active_regions(work)] == ["bukittinggi"]
    ticker.tick(NOON)
    assert queue(valkey).job_ids == []


def test_a_retry_is_offered_under_a_new_name(valkey: Redis, bukittinggi: Region) -> None:
    target = queue(valkey)
    assert offer(target, bukittinggi, [(1, 0), (2, 0)]) == 2
    assert offer(target, bukittinggi, [(1, 0), (2, 1)]) == 1


def test_without_valkey_rows_wait_it_is_said_once_and_everything_goes_on_afterwards(
    post: Post, row: Look, valkey: Redis, bukittinggi: Region, work: Platform, said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip  # a scene of many parts
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nowhere = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
    real = work.settings
    monkeypatch.setattr(work, "settings", dataclasses.replace(real, valkey_url=nowhere))
    ticker = Ticker(work, said.append)
    handler("test.note")(lambda _job: None)
    row_id = post(bukittinggi, "test.note")
    for _ in range(3):
        ticker.tick(NOON)
    assert said == ["Valkey tidak terjangkau; pekerjaan menunggu di basis data"]
    assert row(bukittinggi, row_id).attempts == 0
    ticker._queue = queue(valkey)
    ticker.tick(NOON)
    drain(valkey)
    assert said[1:] == ["Valkey terjangkau lagi"]
    assert row(bukittinggi, row_id).done_at is not None


def test_one_of_two_tickers_leads_and_the_other_follows_when_it_dies(work: Platform) -> None:
    first, second = Leadership(work.settings), Leadership(work.settings)
    with contextlib.closing(first), contextlib.closing(second):
        assert [first.held(), second.held(), first.held()] == [True, False, True]
        first.close()
        assert second.held()
        with sql(work.settings) as connection:
            # With a time to wait, the server answers when the other backend has gone, and its locks with it.
            gone = connection.execute(
                "SELECT pg_terminate_backend(l.pid, 10000) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                " WHERE l.locktype = 'advisory' AND a.usename = %s AND a.datname = current_database()",
                (central_role(work.settings),),
            ).fetchall()
        assert gone == [(True,)]
        with pytest.raises(psycopg.Error):
            second.held()
        assert first.held()
        assert not second.held()


def test_with_many_regions_each_gets_its_turn(work: Platform, bukittinggi: Region) -> None:
    ticker = Ticker(work, print)
    many = [dataclasses.replace(bukittinggi, id=number) for number in range(514)]
    turns = [ticker._turn(many) for _ in range(6)]
    assert {len(turn) for turn in turns} == {REGIONS_A_TICK}
    assert {region.id for turn in turns for region in turn} == set(range(514))


def test_one_regions_trouble_never_stops_the_others(
    post: Post, ticker: Ticker, valkey: Redis, bukittinggi: Region, banyuwangi: Region, work: Platform
) -> None:
    handler("test.note")(lambda _job: None)
    post(banyuwangi, "test.note")
    with sql(work.settings) as connection:
        connection.execute(f"ALTER TABLE {bukittinggi.schema}.outbox RENAME TO lost")
    ticker.tick(NOON)
    assert len(queue(valkey).job_ids) == 1
