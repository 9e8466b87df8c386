"""Counting tries, so that guessing is slow and nobody can lock a colleague out.

A stranger's tries are counted per account and network. A browser that has signed in before as that account has an
allowance of its own, which no one else can spend. Tries of strangers from many networks slow down further
strangers, never such a browser. A browser at a counter serves many, though, and a hall is one network: so an
allowance that others have used up is no lock. There is a further one for tries that bring a work of some seconds
(mpp.web.bots): the colleague is in after a moment, and a guesser is slow and still counted.

Counts are kept for any address typed: what is refused tells nothing about which accounts exist. A try is counted
before it is checked: a hundred at once are a hundred tries.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Delete, any_, bindparam, case, delete, func, literal
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from mpp.accounts.realm import Realm, realm
from mpp.accounts.secrets import fingerprint


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many tries in so long; the count begins anew that long after its first try."""

    tries: int
    span: dt.timedelta


NETWORK = Allowance(5, dt.timedelta(minutes=15))
DEVICE = Allowance(10, dt.timedelta(minutes=15))
# Strangers from anywhere, all together.
EVERYWHERE = Allowance(30, dt.timedelta(minutes=30))
# When one of these is used up: for tries that bring the harder work.
WORKED = Allowance(30, dt.timedelta(minutes=15))
WORKED_EVERYWHERE = Allowance(30, dt.timedelta(minutes=15))
CODE = Allowance(5, dt.timedelta(minutes=15))
# From browsers that are new to the account, all together.
CODE_EVERYWHERE = Allowance(15, dt.timedelta(minutes=15))
WORK_KEPT = dt.timedelta(hours=6)
# A password typed again by somebody who is signed in, before a change of the account.
AGAIN = Allowance(8, dt.timedelta(minutes=15))


class TooManyTriesError(Exception):
    """No further try now; the text is one line for the person."""

    def __init__(self) -> None:
        super().__init__("Terlalu banyak percobaan. Tunggu 15 menit, lalu coba lagi.")


Counted = tuple[bytes, Allowance]


def network(address: str | None) -> str:
    """Return the network of an address: the first 24 bits of IPv4, 48 of IPv6; "?" when it is none."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "?"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    bits = 24 if found.version == 4 else 48
    return str(ipaddress.ip_network(f"{found}/{bits}", strict=False).network_address)


def password_keys(handle: str, address: str | None, device: str | None) -> list[Counted]:
    """Return what a try with a password is counted under. `device` is the browser's own name once it is known."""
    if device is not None:
        return [(fingerprint("device", handle, device), DEVICE)]
    return [
        (fingerprint("network", handle, network(address)), NETWORK),
        (fingerprint("account", handle), EVERYWHERE),
    ]


def worked_keys(handle: str, address: str | None, device: str | None) -> list[Counted]:
    """Return what such a try is counted under when its allowance is used up and it brings the harder work."""
    if device is not None:
        return [(fingerprint("worked device", handle, device), WORKED)]
    return [
        (fingerprint("worked network", handle, network(address)), WORKED),
        (fingerprint("worked account", handle), WORKED_EVERYWHERE),
    ]


def code_keys(account_id: int, address: str | None, device: str | None) -> list[Counted]:
    """Return what a try with a code is counted under. Only who has the password comes this far.

    By the browser, as with passwords: or who knows no more than the password could keep the owner's codes spent.
    """
    account = str(account_id)
    if device is not None:
        return [(fingerprint("code device", account, device), CODE)]
    return [
        (fingerprint("code network", account, network(address)), CODE),
        (fingerprint("code", account), CODE_EVERYWHERE),
    ]


def again_key(account_id: int) -> list[Counted]:
    """Return what a password typed again is counted under."""
    return [(fingerprint("again", str(account_id)), AGAIN)]


def count_try(session: Session, keys: list[Counted]) -> bool:
    """Count one try under each key; return whether one of them has none left now.

    Counting and refusing are one statement: two tries at once can't both take the last. Raises TooManyTriesError
    when a key had none left; nothing is counted then, for the transaction is lost.
    """
    now, last = dt.datetime.now(tz=dt.UTC), False
    counting = _counting(realm())
    for key, allowance in keys:
        until = now + allowance.span
        count = session.scalar(counting, {"key": key, "until": until, "now": now, "most": allowance.tries})
        if count is None:
            raise TooManyTriesError
        last = last or count >= allowance.tries
    return last


@cache
def _counting(where: Realm) -> ReturningInsert[Any]:
    """Return the statement that counts one try, or returns no row when none was left; made once, for it is costly."""
    table = where.table(where.tries)
    statement = insert(table).values(key=bindparam("key"), count=1, until=bindparam("until"))
    over = table.c.until <= bindparam("now")
    return statement.on_conflict_do_update(
        index_elements=[table.c.key],
        set_={
            "count": case((over, 1), else_=table.c.count + 1),
            "until": case((over, statement.excluded.until), else_=table.c.until),
        },
        where=over | (table.c.count < bindparam("most")),
    ).returning(table.c.count)


def forgive(session: Session, keys: list[Counted]) -> None:
    """Forget the tries of who turned out to be right."""
    session.execute(_forgetting(realm()), {"keys": [key for key, _allowance in keys]})


@cache
def _forgetting(where: Realm) -> Delete:
    """Return the statement that forgets the tries under `keys`; made once, for every sign-in pays for it."""
    table = where.table(where.tries)
    return delete(table).where(table.c.key == any_(bindparam("keys", type_=ARRAY(table.c.key.type))))


def count_password(
    session: Session, handle: str, address: str | None, device: str | None, work: str | None
) -> tuple[bool, list[Counted]]:
    """Count a try with a password; return whether it was the last one, and what it was counted under.

    `work`: the mark of a form that has brought the harder work; each is good for one try. Raises TooManyTriesError.
    """
    keys = password_keys(handle, address, device)
    try:
        return count_try(session, keys), keys
    except TooManyTriesError:
        if work is None or not spend(session, "work", work, lasts=WORK_KEPT):
            raise
    more = worked_keys(handle, address, device)
    return count_try(session, more), [*keys, *more]


def spend(session: Session, *proof: str, lasts: dt.timedelta) -> bool:
    """Take a proof that works once; False when it was taken before. It is remembered for `lasts`."""
    tries, key = realm().tries, fingerprint("spent", *proof)
    until = dt.datetime.now(tz=dt.UTC) + lasts
    statement = insert(tries).values(key=key, count=literal(1), until=until).on_conflict_do_nothing()
    return session.scalar(statement.returning(tries.count)) is not None


def prune(session: Session) -> None:
    """Delete counts that have run out."""
    session.execute(delete(realm().tries).where(realm().tries.until < func.now()))
