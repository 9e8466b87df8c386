"""From the outbox to RQ: due rows are offered again and again until they are done; a lost queue loses nothing."""

from __future__ import annotations

import time

from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer
from sqlalchemy import func, select

from mpp.database.session import central_read, read, serve
from mpp.jobs.run import MOST_ATTEMPTS
from mpp.outbox import CentralOutboxEntry, OutboxEntry
from mpp.tenancy.models import RegionRecord, RegionState
from mpp.tenancy.region import Region
from mpp.web.flask import Platform

QUEUE = "mpp"
AWAY = "Valkey tidak terjangkau; pekerjaan menunggu di basis data"
TASK = "mpp.jobs.run.run_outbox"
# One region's flood must not keep the others waiting.
MOST_ROWS_A_TURN = 50
# For so long a row is offered under one name; a worker that died with it, or met no PostgreSQL, holds nobody up for
# longer. Offered twice, it is done once.
SECONDS_OFFERED = 20
SECONDS_PATIENT = 2.0
JOB_TIMEOUT = 120

Row = tuple[int, int]


def connect(url: str) -> Redis:
    """Return a client of Valkey that gives up after two seconds instead of hanging."""
    return Redis.from_url(url, socket_connect_timeout=SECONDS_PATIENT, socket_timeout=SECONDS_PATIENT)


def queue(connection: Redis) -> Queue:
    """Return the one queue of all jobs."""
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer)


def active_regions(app: Platform) -> list[Region]:
    """Return the regions whose jobs run now."""
    with app.app_context(), central_read() as session:
        records = session.scalars(
            select(RegionRecord).where(RegionRecord.state == RegionState.ACTIVE).order_by(RegionRecord.id)
        )
        return [record.as_region() for record in records]


def due(app: Platform, region: Region | None) -> list[Row]:
    """Return (id, attempts) of the rows to do now, oldest first."""
    kind = OutboxEntry if region else CentralOutboxEntry
    query = (
        select(kind.id, kind.attempts)
        .where(kind.done_at.is_(None), kind.not_before <= func.now(), kind.attempts < MOST_ATTEMPTS)
        .order_by(kind.id)
        .limit(MOST_ROWS_A_TURN)
    )
    with app.app_context():
        if region is None:
            with central_read() as session:
                return [(row.id, row.attempts) for row in session.execute(query)]
        with serve(region), read() as session:
            return [(row.id, row.attempts) for row in session.execute(query)]


def offer(target: Queue, region: Region | None, rows: list[Row]) -> int:
    """Put rows into RQ under unique names and return how many were new there.

    Raises redis' errors when Valkey is away.
    """
    place = region.id if region else "pusat"
    turn = int(time.time() // SECONDS_OFFERED)
    new = 0
    for row_id, attempts in rows:
        try:
            target.enqueue_call(
                TASK,
                args=(region.id if region else None, row_id),
                job_id=f"outbox-{place}-{row_id}-{attempts}-{turn}",
                unique=True,
                timeout=JOB_TIMEOUT,
                ttl=SECONDS_OFFERED,
                result_ttl=SECONDS_OFFERED,
                failure_ttl=SECONDS_OFFERED,
            )
            new += 1
        except DuplicateJobError:
            continue
    return new
