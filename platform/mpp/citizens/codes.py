"""One-time codes to a telephone: six digits, five minutes, five tries, good in one browser for one purpose.

Sending asks nothing about accounts: a number with one and a number without are treated in the very same way, so
neither answer nor time tells. What a code opens is looked up only once the telephone has answered.
"""

from __future__ import annotations

import datetime as dt
import enum
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mpp.accounts.guard import Allowance, Counted, TooManyTriesError, count_try, forgive, network
from mpp.accounts.secrets import fingerprint, fingerprints
from mpp.citizens import messages
from mpp.citizens.models import CitizenCode, CitizenMessage
from mpp.citizens.realm import nation
from mpp.database.session import central_read, central_write
from mpp.i18n import gettext as _

LASTS = dt.timedelta(minutes=5)
# What a right code opens (the form of a new account) may take a while to fill in.
OPENS_FOR = dt.timedelta(minutes=20)
TRIES = 5
DIGITS = 6

# A stranger who asks for codes in another's name must not use up the owner's: a browser that has signed in with this
# number before has allowances of its own, others those of their network. What all networks ask for together is bounded
# far higher, for the telephone's peace; beyond the first ten each form must bring its work (mpp.web.bots).
PHONE = (Allowance(3, dt.timedelta(minutes=10)), Allowance(10, dt.timedelta(days=1)))
ALL = Allowance(10, dt.timedelta(days=1))
ALL_WORKED = Allowance(40, dt.timedelta(days=1))
# A school or a hall behind one address goes on.
NETWORK = Allowance(120, dt.timedelta(hours=1))
PERSON = Allowance(5, dt.timedelta(minutes=15))


class TooManyCodesError(TooManyTriesError):
    """No further code to this number, or from this network, now."""

    def __init__(self) -> None:
        Exception.__init__(
            self, _("Sudah terlalu banyak kode diminta. Tunggu 10 menit, atau pakai cara masuk lain.")
        )


class Purpose(enum.StrEnum):
    """What a code is for; it opens nothing else."""

    ENTER = "enter"
    PROVE = "prove"
    PHONE = "phone"
    # To see and erase what a region holds of a guest (tenants.privacy).
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the browser keeps of a code under way, in its signed cookie: neither number nor code."""

    id: int
    browser: str


def send(
    purpose: Purpose, phone: str, *, account_id: int | None = None, address: str | None, device: str | None,
    instead: Ticket | None = None, worked: bool = False,
) -> Ticket:  # fmt: skip
    """Send a code to `phone` (+62…); return what the browser keeps. Raises TooManyCodesError.

    `device` is the browser's own name when it has signed in with this number before. `instead` of it is void then.
    `worked`: the form has brought its work; who is signed in is counted as a person and needs none.
    """
    code, browser = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", secrets.token_urlsafe(16)
    with nation():
        try:
            with central_write() as session:
                count_try(session, _counted(phone, account_id, address, device, worked=worked))
        except TooManyTriesError:
            raise TooManyCodesError from None
        with central_write() as session:
            message = messages.post(session, phone, messages.Message.CODE, code)
            row = CitizenCode(
                purpose=purpose.value, browser_hash=fingerprint("browser", browser), phone=phone,
                account_id=account_id, code_hash=fingerprint("code", browser, code), message_id=message.id,
                expires_at=dt.datetime.now(tz=dt.UTC) + LASTS,
            )  # fmt: skip
            session.add(row)
            if instead is not None:
                old = (
                    CitizenCode.id == instead.id,
                    CitizenCode.browser_hash.in_(fingerprints("browser", instead.browser)),
                )
                session.execute(delete(CitizenCode).where(*old))
            session.flush()
            return Ticket(row.id, browser)


def check(ticket: Ticket, purpose: Purpose, typed: str, *, address: str | None = None) -> CitizenCode | None:
    """Return the code's row when `typed` is right, else None. The try is counted before it is looked at."""
    digits = "".join(c for c in typed if c in "0123456789")
    now = dt.datetime.now(tz=dt.UTC)
    with nation(), central_write() as session:
        living = _living(ticket, purpose, now)
        counted = update(CitizenCode).where(
            *living, CitizenCode.proved_at.is_(None), CitizenCode.tries < TRIES
        )
        kept = session.scalar(counted.values(tries=CitizenCode.tries + 1).returning(CitizenCode.code_hash))
        # Keys may have been turned since the code was sent.
        right = fingerprints("code", ticket.browser, digits)
        if kept is None or not any(hmac.compare_digest(kept, one) for one in right):
            return None
        row = session.get_one(CitizenCode, ticket.id, populate_existing=True)
        row.proved_at, row.expires_at = now, now + OPENS_FOR
        # Whoever holds the telephone may ask again; the day's number of messages stays counted.
        forgive(session, _counted(row.phone, None, address, None)[:1])
        return row


def under_way(ticket: Ticket, purpose: Purpose) -> tuple[CitizenCode, str | None] | None:
    """Return a code that still waits for its answer, and outside production the code itself; None for none."""
    with nation(), central_read() as session:
        row = session.scalar(
            select(CitizenCode)
            .where(*_living(ticket, purpose, dt.datetime.now(tz=dt.UTC)), CitizenCode.proved_at.is_(None))
            .execution_options(populate_existing=True)
        )
        if row is None:
            return None
        return row, messages.shown(session.get_one(CitizenMessage, row.message_id))


def proved(session: Session, ticket: Ticket, purpose: Purpose) -> CitizenCode | None:
    """Return the row of a code that was right and has not been used yet, held until the transaction ends."""
    with nation():
        living = _living(ticket, purpose, dt.datetime.now(tz=dt.UTC))
        query = select(CitizenCode).where(*living, CitizenCode.proved_at.is_not(None)).with_for_update()
        return session.scalar(query.execution_options(populate_existing=True))


def left(ticket: Ticket) -> int:
    """Return how many tries a code has left."""
    with central_read() as session:
        used = session.scalar(select(CitizenCode.tries).where(CitizenCode.id == ticket.id))
    return TRIES if used is None else max(0, TRIES - used)


def _living(ticket: Ticket, purpose: Purpose, now: dt.datetime) -> tuple:  # type: ignore[type-arg]  # of conditions
    return (
        CitizenCode.id == ticket.id,
        CitizenCode.purpose == purpose.value,
        CitizenCode.browser_hash.in_(fingerprints("browser", ticket.browser)),
        CitizenCode.expires_at > now,
    )


def _counted(
    phone: str, account_id: int | None, address: str | None, device: str | None, *, worked: bool = False
) -> list[Counted]:
    whose = ("known", phone, device) if device is not None else ("near", phone, network(address))
    counted = [(fingerprint("send", str(n), *whose), allowance) for n, allowance in enumerate(PHONE)]
    if device is None:
        # One count, and two ends of it.
        most = ALL_WORKED if worked or account_id is not None else ALL
        counted.append((fingerprint("send all", phone), most))
    counted.append((fingerprint("send network", network(address)), NETWORK))
    if account_id is not None:
        counted.append((fingerprint("send person", str(account_id)), PERSON))
    return counted
