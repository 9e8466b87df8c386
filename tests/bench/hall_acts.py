"""What the bench of calls and numbers does at a counter: by the service layer, and the same recorded for pgbench."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import event, update

from mpp.database.fence import opening
from mpp.database.session import db, serve, write
from mpp.settings import Settings
from mpp.tenancy.provision import owner
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing import service
from tenants.queueing.models import Ticket, TicketState
from tenants.queueing.policies import Officer

SERVICE = "ktp-el-baru"
# Values that stand nowhere else in the recorded SQL, so that they can be replaced safely.
TICKET, NUMBER, KEY = 8765432, 987654, "bench-" + "k" * 20
fresh_keys = itertools.count()


@dataclass(frozen=True)
class Place:
    """Where the bench works."""

    settings: Settings
    app: Platform
    region: Region
    desks: list[tuple[int, Officer]]


def call_and_return(place: Place, number: int) -> None:
    """Call somebody, then put them back in line by one plain statement, which pgbench does as well."""
    ticket = service.call_next(*place.desks[number], f"bench-{next(fresh_keys)}-{secrets.token_hex(6)}")
    if ticket is not None:
        with write() as session:
            session.execute(_back(ticket.id))


def _back(ticket_id: int) -> Any:
    values = {"state": TicketState.WAITING, "counter_id": None, "called_at": None}
    return update(Ticket).where(Ticket.id == ticket_id).values(**values)


def take(_place: Place, _number: int) -> None:
    """Take a number, then give it up by one plain statement: a line that only grows would be full one day."""
    ticket = person()
    with write() as session:
        session.execute(_gone(ticket.id))


def _gone(ticket_id: int) -> Any:
    return update(Ticket).where(Ticket.id == ticket_id).values(state=TicketState.CANCELLED)


def person(*, first: bool = False) -> Ticket:
    key = KEY + "-first" if first else f"bench-{next(fresh_keys)}-{secrets.token_hex(6)}"
    return service.take_ticket(SERVICE, "B.", None, key, "web")


def _record(place: Place, act: Callable[[], object]) -> list[str]:
    """The statements that an act sends, with their values in place."""
    statements: list[str] = []
    with place.app.app_context(), serve(place.region):

        def record(_c: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
            written = psycopg.ClientCursor(cursor.connection).mogrify(statement, parameters)
            statements.append(re.sub(r"\s+", " ", written))

        event.listen(db.engine, "before_cursor_execute", record)
        act()
        event.remove(db.engine, "before_cursor_execute", record)
    return statements


def recorded_call(place: Place, _number: int) -> str:
    """A call and the way back as a pgbench script: each client has a counter of its own, as its officer has."""
    with owner(place.settings) as connection:
        connection.execute(f"SET search_path TO {place.region.schema}, platform")
        connection.execute(f"ALTER SEQUENCE ticket_id_seq RESTART WITH {TICKET}")
        # Whoever waits longest of the priority people comes first: every third has a class.
        longest = "SELECT max(number) FROM ticket WHERE state = 'waiting' AND priority_class IS NOT NULL"
        connection.execute(f"UPDATE ticket SET id = %s WHERE number = ({longest})", (TICKET,))
    counter, officer = place.desks[0]
    numbered = enumerate(place.desks)
    assert all((c, o.id) == (counter + n, officer.id + n) for n, (c, o) in numbered), "ids in a row"
    called: list[Ticket | None] = []
    statements = _record(place, lambda: called.append(service.call_next(counter, officer, KEY)))
    assert called[0] is not None and called[0].id == TICKET, "the rule's choice is known beforehand"
    back = _record(place, lambda: _return(TICKET))
    own = [f"\\set c {counter} + :client_id", f"\\set o {officer.id} + :client_id"]
    lines = [*own, f"{opening(place.region)};"]
    lines += [_for_any_client(statement, counter, officer.id) for statement in statements]
    lines += ["COMMIT;", f"{opening(place.region)};"]
    lines += [_for_any_client(statement, counter, officer.id) for statement in back]
    return "\n".join([*lines, "COMMIT;", ""])


def _for_any_client(statement: str, counter: int, officer: int) -> str:
    """A recorded statement with the client's own counter, officer and ticket; the update's answer is kept."""
    text = re.sub(rf"(counter(?:_\d+)?\.id|counter_id) = {counter}\b", r"\1 = :c", statement)
    text = re.sub(rf"(counter_id)={counter}\b", r"\1=:c", text)
    text = re.sub(rf"officer_id = {officer}\b", "officer_id = :o", text)
    text = text.replace(f"'{KEY}'", "md5(random()::text || clock_timestamp()::text)")
    if text.startswith("UPDATE ticket") and "RETURNING" in text:
        return text + " \\gset t_"
    if "INSERT INTO ticket_event" in text:
        text = re.sub(
            rf"(, |CAST\(){counter}((?:::BIGINT)?, 'staff'|(?:::BIGINT)?, 'system'| AS BIGINT\) AS counter_id)",
            r"\1:c\2",
            text,
        )
        # The moment of the client's own call.
        text = re.sub(
            r"CAST\('[^']*'(?:::\w+)* AS (TIMESTAMP WITH TIME ZONE)\) AS at\b",
            r"CAST(':t_called_at' AS \1) AS at",
            text,
        )
    return re.sub(rf"\b{TICKET}\b", ":t_id", text) + ";"


def _give_up(ticket_id: int) -> None:
    with write() as session:
        session.execute(_gone(ticket_id))


def _return(ticket_id: int) -> None:
    with write() as session:
        session.execute(_back(ticket_id))


def recorded_take(place: Place, _number: int) -> str:
    """Taking a number as a pgbench script of one transaction."""
    with owner(place.settings) as connection:
        connection.execute(f"SET search_path TO {place.region.schema}, platform")
        connection.execute(f"ALTER SEQUENCE ticket_id_seq RESTART WITH {TICKET}")
        connection.execute("UPDATE ticket_series SET last_number = %s", (NUMBER - 1,))
    taken: list[Ticket] = []
    statements = _record(place, lambda: taken.append(service.take_ticket(SERVICE, "B.", None, KEY, "web")))
    ticket = taken[0]
    assert (ticket.number, ticket.id) == (NUMBER, TICKET)
    gone = _record(place, lambda: _give_up(TICKET))
    anew = "md5(random()::text || clock_timestamp()::text)"
    lines = [f"{opening(place.region)};"]
    for statement in statements:
        text = statement.replace(f"'{ticket.code}'", anew).replace(f"'{KEY}'", anew)
        text = re.sub(r"::(VARCHAR|TEXT|BIGINT)\b", "", text).replace(str(NUMBER), ":s_last_number")
        text = text.replace(str(TICKET), ":t_id")
        end = ";"
        if text.startswith("INSERT INTO ticket_series"):
            end = " \\gset s_"
        elif text.startswith("INSERT INTO ticket "):
            end = " \\gset t_"
        lines.append(text + end)
    lines += ["COMMIT;", f"{opening(place.region)};"]
    lines += [re.sub(rf"\b{TICKET}\b", ":t_id", statement) + ";" for statement in gone]
    return "\n".join([*lines, "COMMIT;", ""])
