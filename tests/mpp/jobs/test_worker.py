"""RQ's worker, told to stop at the worst moment."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from redis import Redis
from rq.worker import WorkerStatus

from mpp.jobs import worker as module
from mpp.jobs.relay import QUEUE
from mpp.jobs.worker import Worker


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    module.stopping.clear()
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_a_stop_in_the_middle_of_a_job_asks_nothing_of_a_valkey_that_is_away() -> None:
    nobody_listens = Redis(host="127.0.0.1", port=1)
    worker = Worker([QUEUE], connection=nobody_listens, prepare_for_work=False)
    worker.pid, worker._state = 1, WorkerStatus.BUSY
    # An error raised here would come out of whatever line the job was in, a COMMIT too.
    worker.request_stop(signal.SIGTERM, None)
    assert module.stopping.is_set()
    assert worker._stop_requested
