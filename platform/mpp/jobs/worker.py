"""RQ's worker, made to live through a Valkey that comes and goes."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType

from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer

from mpp.jobs.relay import AWAY, QUEUE, connect

SECONDS_BETWEEN_TRIES = 2.0
# RQ waits 15 s less than this for the next job, so also a stop comes through in time.
SECONDS_WORKER_LIVES_UNHEARD = 20
BACK = "Valkey terjangkau lagi"

stopping = threading.Event()


class Worker(SimpleWorker):
    """Does jobs in this very process: a fork would share database connections, and costs more than most jobs."""

    # RQ's own 60 s would let people wait for a minute after Valkey is back.
    max_connection_wait_time = 4.0

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Remember the request: when Valkey is away RQ forgets it."""
        stopping.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's own

    def set_shutdown_requested_date(self) -> None:
        """Ask nothing of Valkey: the signal may come in the middle of a COMMIT, and an error here would break that."""


class _NotAboutWeather(logging.Filter):
    """Drop RQ's lines about an unreachable Valkey: it is said once, in one line of ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        caught = record.exc_info[1] if record.exc_info else None
        parts = record.args if isinstance(record.args, tuple) else ()
        return not any(isinstance(part, RedisError) for part in (caught, *parts))


def work(valkey_url: str, say: Callable[[str], None]) -> None:
    """Do jobs until SIGTERM or SIGINT; the job at hand is finished first."""
    logging.getLogger("rq.worker").addFilter(_NotAboutWeather())
    away = False
    _listen()
    while not stopping.is_set():
        connection = connect(valkey_url)
        try:
            connection.ping()
            if away:
                say(BACK)
                away = False
            worker = Worker(
                [QUEUE], connection=connection, serializer=JSONSerializer,
                worker_ttl=SECONDS_WORKER_LIVES_UNHEARD,
            )  # fmt: skip  # one call
            worker.work(logging_level="WARNING")
        except (RedisError, OSError, StopRequested):
            if not stopping.is_set() and not away:
                say(AWAY)
                away = True
        # RQ took the signals while it worked, and left them pointing at itself.
        _listen()
        if not stopping.is_set():
            stopping.wait(SECONDS_BETWEEN_TRIES if away else 0.1)


def _listen() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
