"""Moving calls into the past: what the rule remembers cannot be changed but by the owner of the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy.orm import Session

from mpp.database.session import read
from mpp.settings import Settings
from mpp.tenancy.provision import owner
from mpp.tenancy.region import Region
from tenants.hall.models import Counter
from tenants.queueing.models import Ticket, TicketEvent


def call_was(settings: Settings, region: Region, ticket: Ticket, minutes: float) -> None:
    """Let the calls of a ticket have happened so many minutes ago."""
    end_reading()
    with owner(settings) as connection:
        connection.execute(f"SET search_path TO {region.schema}")
        connection.execute(
            "UPDATE queue_call SET at = now() - %s * interval '1 minute' WHERE ticket_id = %s",
            (minutes, ticket.id),
        )


def forget_everything(settings: Settings, region_schema: str) -> None:
    """Take away all tickets and their history."""
    end_reading()
    with owner(settings) as connection:
        connection.execute(f"SET search_path TO {region_schema}")
        connection.execute("TRUNCATE ticket, ticket_event, ticket_series, queue_call CASCADE")


def end_reading() -> None:
    """End the transaction in which the test has read, so that nobody waits for it."""
    with read() as session:
        session.rollback()


def calls_of(session: Session, events: Sequence[TicketEvent]) -> dict[str, list[bool]]:
    """Whether each call was one of a priority person, by the letter of its counter, in the order of the events."""
    found: dict[str, list[bool]] = defaultdict(list)
    for event in events:
        if event.kind == "call":
            counter = session.get_one(Counter, event.counter_id)
            found[counter.prefix].append(event.data["rule"]["kind"] == "priority")
    return found
