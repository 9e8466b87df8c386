"""When PostgreSQL is away: which errors say so, and how a pool drops lines that have died in its hands."""

from __future__ import annotations

import select
from typing import Any

import psycopg
from psycopg.pq import ConnStatus
from sqlalchemy import Engine, event, exc

# What drivers and pools raise when the server can't be reached, has ended the line, or has no line left. All of
# them pass: whoever asks again, with the same key, gets an answer later.
AWAY: tuple[type[Exception], ...] = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    exc.OperationalError,
    exc.InterfaceError,
    exc.TimeoutError,
)


def drop_dead(engine: Engine) -> None:
    """Look at each line of `engine` before it is used, and replace it when the server has hung up.

    After a restart of PostgreSQL every kept line is dead, and each would cost somebody an error. Asking the server
    would cost a round trip; its farewell lies in the socket already, so a look there is enough.
    """

    @event.listens_for(engine, "checkout")
    def _look(dbapi: psycopg.Connection[Any], _record: object, _proxy: object) -> None:
        if not alive(dbapi):
            raise exc.DisconnectionError("the server has hung up")


def alive(connection: psycopg.Connection[Any]) -> bool:
    """Return whether an idle line still stands. The server says nothing on one, unless it hangs up."""
    link = connection.pgconn
    if link.status != ConnStatus.OK:
        return False
    poll = select.poll()
    poll.register(link.socket, select.POLLIN)
    return not poll.poll(0)
