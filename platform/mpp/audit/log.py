"""The audit log of a region and of the centre: who did what to what, in the transaction that did it.

Each log is a chain: an entry bears its place, the hash of the entry before it, and the hash of both with its own
content. The end of the chain stands in `audit_head`; `mpp audit verify` walks it (mpp.audit.verify).
"""

from __future__ import annotations

import datetime as dt
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from psycopg.types.json import Jsonb
from sqlalchemy import (
    CheckConstraint,
    Index,
    LargeBinary,
    Table,
    Text,
    bindparam,
    event,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from mpp.audit.content import FIELDS, digest, plain
from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt
from mpp.tenancy.region import region_or_none

PENDING = "audit"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: kind is citizen, staff, central, system or device; name is what a log reader sees."""

    kind: str
    id: int | None
    name: str
    request_id: str | None = None


NOBODY_NAME = "warga"
SYSTEM = Actor(kind="system", id=None, name="sistem")
actor: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)


class _AuditColumns:
    id: Mapped[BigId]
    at: Mapped[CreatedAt]
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]]
    request_id: Mapped[str | None] = mapped_column(Text)
    # NULL in entries older than the chain, which are sealed together by one entry of it.
    seq: Mapped[int | None] = mapped_column(unique=True)
    prev_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    hash: Mapped[bytes | None] = mapped_column(LargeBinary)


_CHAINED = "(seq IS NULL) = (prev_hash IS NULL) AND (seq IS NULL) = (hash IS NULL)"


class AuditEntry(_AuditColumns, Base):
    """An act inside a region. Its role may insert and read, never change or delete."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_at", "at"),
        # Who looked at a person's data: asked by that person, for a page.
        Index("ix_audit_log_shown", "subject", postgresql_where=text("action = 'person.show'")),
        CheckConstraint(_CHAINED, name="chained"),
    )


class CentralAuditEntry(_AuditColumns, Base):
    """An act of the centre."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_at", "at"),
        CheckConstraint(_CHAINED, name="chained"),
        {"schema": PLATFORM_SCHEMA},
    )


class _HeadColumns:
    # One row: writers of one log pass here one by one, for the length of their commit.
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    # The last id from before there was a chain: what comes later without a place in it is a stranger.
    old_last: Mapped[int]


class AuditHead(_HeadColumns, Base):
    """The last entry of a region's chain: entries cut off its end leave the head behind."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)


class CentralAuditHead(_HeadColumns, Base):
    """The last entry of the centre's chain."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"), {"schema": PLATFORM_SCHEMA})


Log = type[AuditEntry] | type[CentralAuditEntry]
HEADS: dict[Log, type[AuditHead | CentralAuditHead]] = {
    AuditEntry: AuditHead,
    CentralAuditEntry: CentralAuditHead,
}


class ChainBrokenError(RuntimeError):
    """The chain has lost its end, so nothing can be recorded; and what can't be recorded doesn't happen."""

    def __init__(self) -> None:
        super().__init__("audit_head is empty: run `mpp audit verify`")


@dataclass(frozen=True, slots=True)
class _Pending:
    log: Log
    values: dict[str, Any]
    transaction: SessionTransaction | None


def record(session: Session, *, action: str, subject: str, data: dict[str, Any] | None = None) -> None:
    """Write one audit row beside the change it tells of, in the same transaction.

    `action` is "feature.verb" ("counter.pause"), `subject` names the thing ("counter:3"). No personal data goes
    into `data`. The row joins the chain as the last thing before the commit, so that nobody waits for the lock
    longer than a commit takes.
    """
    who = actor.get()
    values = {
        "at": dt.datetime.now(tz=dt.UTC), "actor_kind": who.kind, "actor_id": who.id, "actor_name": who.name,
        "action": action, "subject": subject, "data": plain(data or {}), "request_id": who.request_id,
    }  # fmt: skip
    log: Log = AuditEntry if region_or_none() is not None else CentralAuditEntry
    if not session.in_transaction():
        # So that an act which fails before its first statement is forgotten with its transaction.
        session.begin()
    session.info.setdefault(PENDING, []).append(_Pending(log, values, session.get_nested_transaction()))


def chain(session: Session) -> None:
    """Append what was recorded in this transaction to its chain; called before every commit."""
    pending: list[_Pending] = session.info.pop(PENDING, [])
    for entry in pending:
        values = {**entry.values, "data": Jsonb(entry.values["data"]), "content": digest(entry.values)}
        written = session.connection().exec_driver_sql(_append(entry.log), values)
        if written.rowcount != 1:
            raise ChainBrokenError


@cache
def _append(log: Log) -> str:
    """One statement: move the head on, under its row's lock, and insert the entry that it now names.

    Rendered once: it is on the way of every act, and building it anew would cost more than sending it.
    """
    table, end = cast("Table", log.__table__), cast("Table", HEADS[log].__table__)
    head = end.columns
    after = head.seq + literal_column("1")
    whole = head.hash.op("||")(func.int8send(after, type_=LargeBinary)).op("||")(
        bindparam("content", type_=LargeBinary)
    )
    moved = (
        update(end)
        .where(head.id == literal_column("1"))
        # Right sides see the row as it was: prev_hash becomes the old hash.
        .values(seq=after, prev_hash=head.hash, hash=func.sha256(whole, type_=LargeBinary))
        .returning(head.seq, head.prev_hash, head.hash)
        .cte("moved")
    )
    told = [bindparam(name, type_=table.columns[name].type).label(name) for name in FIELDS]
    rows = select(*told, moved.c.seq, moved.c.prev_hash, moved.c.hash)
    statement = insert(table).from_select([*FIELDS, "seq", "prev_hash", "hash"], rows)
    dialect = psycopg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its dialects untyped
    return str(statement.compile(dialect=dialect))


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if session.info.get(PENDING) and not session.in_nested_transaction():
        session.flush()
        chain(session)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, undone: SessionTransaction) -> None:
    """What was recorded inside a transaction or savepoint that is undone did not happen."""
    pending: list[_Pending] = session.info.get(PENDING, [])
    if pending:
        session.info[PENDING] = [entry for entry in pending if not _within(entry.transaction, undone)]


@event.listens_for(Session, "after_transaction_end")
def _end(session: Session, ended: SessionTransaction) -> None:
    """A session that was closed without a commit carries nothing into its next transaction."""
    if ended.parent is None:
        session.info.pop(PENDING, None)


def _within(transaction: SessionTransaction | None, undone: SessionTransaction) -> bool:
    if not undone.nested:
        return True
    while transaction is not None and transaction is not undone:
        transaction = transaction.parent
    return transaction is undone
