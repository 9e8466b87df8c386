"""Wake-up calls to live screens: best effort, after commit, never in the way of the request.

Nothing depends on a signal arriving: streams also look by themselves, and PostgreSQL is the truth.
"""

from __future__ import annotations

import threading
import time

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from sqlalchemy.orm import Session

from mpp.database.session import after_commit
from mpp.observability import log
from mpp.tenancy.region import Region, current_region
from mpp.web.flask import platform_app

# A publish takes well under a millisecond; a Valkey that needs longer is treated as away.
SECONDS_PATIENT = 0.25
# After a failure the queue goes on without signals for a while, so that no press of a button waits again.
SECONDS_SILENT = 2.0
# A line to Valkey that says nothing this long is asked whether it lives.
SECONDS_DEAD = 10
# All halls of all regions: who listens to it picks out its own.
EVERY_CHANNEL = "region:*:hall:*"

_clients: dict[str, Redis] = {}
_silent_until = 0.0
_lock = threading.Lock()


def channel(region: Region, hall_id: int) -> str:
    """Return the name of the channel on which changes of a hall are told."""
    return f"region:{region.id}:hall:{hall_id}"


def announce(session: Session, hall_id: int) -> None:
    """Wake the screens of a hall of the region being served once this transaction has committed."""
    name = channel(current_region(), hall_id)
    after_commit(session, lambda: _publish(name))


def client(url: str, *, patient: bool = False) -> Redis:
    """Return a client that fails fast and never retries by itself; a `patient` one waits long for messages."""
    return Redis.from_url(
        url,
        socket_connect_timeout=SECONDS_PATIENT,
        socket_timeout=SECONDS_DEAD if patient else SECONDS_PATIENT,
        health_check_interval=SECONDS_DEAD if patient else 0,
        retry=Retry(NoBackoff(), 0),
    )


def _publish(name: str) -> None:
    global _silent_until  # noqa: PLW0603  # one circuit breaker a process
    url = platform_app().settings.valkey_url
    if not url or time.monotonic() < _silent_until:
        return
    try:
        with _lock:
            if url not in _clients:
                _clients[url] = client(url)
        _clients[url].publish(name, "")
    except (RedisError, OSError) as error:
        _silent_until = time.monotonic() + SECONDS_SILENT
        log.warning("signal lost", channel=name, error=type(error).__name__)
