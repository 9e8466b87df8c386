"""The ways into an account: a code to the telephone, a password, a passkey, or a recovery code from paper.

None of them says whether a number has an account before the person has proved to hold it. The code is one way for
both: who has no account yet is led to make one, and only the telephone's holder learns which it was. An account that
has rested for long asks for another proof beside the code (mpp.citizens.rested).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts import passkeys, recovery
from mpp.accounts.guard import count_try, forgive, password_keys
from mpp.accounts.passkeys import Place
from mpp.accounts.realm import realm
from mpp.accounts.service import AccountError, authenticate
from mpp.citizens import codes, rested, waits
from mpp.citizens.codes import Purpose, Ticket
from mpp.citizens.models import Citizen
from mpp.citizens.person import clean_name, clean_number, nik_doubts
from mpp.citizens.realm import nation
from mpp.citizens.rested import RestedError
from mpp.crypto import normal
from mpp.database.session import central_read, central_write
from mpp.i18n import gettext as _


class TooLateError(AccountError, LookupError):
    """The code that opened this page has run out or was used."""

    def __init__(self) -> None:
        super().__init__(_("Waktunya habis. Minta kode baru."))


@dataclass(frozen=True, slots=True)
class Answered:
    """A telephone that has answered and is not in yet; `rested`: its account asks for another proof."""

    phone: str
    rested: bool


def arrive(ticket: Ticket, known: Callable[[int], bool]) -> Citizen | None:
    """Return the account of the telephone that has answered, None when it has none yet.

    `known` tells whether the browser at hand has been in the account of an id before: that is a proof too.
    Raises TooLateError, RestedError.
    """
    with nation(), central_write() as session:
        row = codes.proved(session, ticket, Purpose.ENTER)
        if row is None:
            raise TooLateError
        citizen = by_phone(session, row.phone)
        if citizen is not None and rested.rests(citizen) and not known(citizen.id):
            raise RestedError
        if citizen is not None:
            session.delete(row)
        return citizen


def answered(ticket: Ticket) -> Answered | None:
    """Return the telephone of a code that has answered and may still make its account, None for none."""
    with nation(), central_write() as session:
        row = codes.proved(session, ticket, Purpose.ENTER)
        if row is None:
            return None
        citizen = by_phone(session, row.phone)
        return Answered(row.phone, citizen is not None and rested.rests(citizen))


def register(ticket: Ticket, name: str, nik: str, *, newcomer: bool = False) -> tuple[Citizen, list[str]]:
    """Make the account of the telephone that has answered; return it, and what looks odd about the NIK.

    A number that got its account meanwhile keeps it as it is. One whose account rests goes over to a new one when
    its holder says to be a `newcomer` to it. Raises AccountError, TooLateError.
    """
    called, number = clean_name(name), clean_number(nik)
    with nation(), central_write() as session:
        row = codes.proved(session, ticket, Purpose.ENTER)
        if row is None:
            raise TooLateError
        citizen = by_phone(session, row.phone, lock=True)
        if citizen is not None and rested.rests(citizen):
            if not newcomer:
                raise AccountError(_("Centang pernyataan ini untuk melanjutkan."), "newcomer")
            rested.take_number_away(session, citizen)
            citizen = None
        if citizen is None:
            citizen = Citizen(name=called, phone=row.phone, nik=number)
            session.add(citizen)
            try:
                session.flush()
            except IntegrityError as error:
                raise AccountError(_("Nomor ini baru saja didaftarkan. Masuk dengan kode baru.")) from error
            audit.record(session, action="citizen.register", subject=realm().subject(citizen.id))
        session.delete(row)
    return citizen, nik_doubts(number)


def by_password(phone: str, password: str, *, address: str | None, device: str | None) -> Citizen | None:
    """Return the account that number and password open, None otherwise. Raises TooManyTriesError."""
    wanted = normal.phone(phone)
    with nation(), central_write() as session:
        found = authenticate(session, wanted, password, address=address, device=device)
        if found is None and (found := rested.opened_by(session, wanted, password)) is not None:
            forgive(session, password_keys(wanted, address, device))
        return _strong(session, found)


def passkey_request(place: Place, citizen_id: int | None = None) -> tuple[dict[str, Any], str]:
    """Return what a device is asked for, and the challenge to keep; without an account any passkey will do."""
    with nation(), central_read() as session:
        return passkeys.request_options(session, place, citizen_id)


def by_passkey(place: Place, challenge: str, answer: str, citizen_id: int | None = None) -> Citizen:
    """Return the account whose passkey signed our challenge, `citizen_id` alone when given. Raises PasskeyError."""
    with nation(), central_write() as session:
        found = _strong(session, passkeys.check(session, place, challenge, answer, citizen_id))
        if found is None:
            raise passkeys.PasskeyError
        return found


def by_paper(phone: str, code: str, *, address: str | None, device: str | None) -> Citizen | None:
    """Return the account that number and a recovery code open; the code is spent. Raises TooManyTriesError."""
    wanted = normal.phone(phone)
    keys = password_keys(f"paper {wanted}", address, device)
    with nation():
        with central_write() as session:
            count_try(session, keys)
        with central_write() as session:
            parted: list[Citizen | None] = [*rested.parted_from(session, wanted)] or [None]
            holders = [by_phone(session, wanted), *parted]
            # Asked for an unknown number too: the time it takes must not tell.
            used = [holder for holder in holders if recovery.use(session, holder.id if holder else 0, code)]
            citizen = used[0] if used else None
            if citizen is None:
                return None
            forgive(session, keys)
            audit.record(session, action="account.recovery_used", subject=realm().subject(citizen.id))
            return _strong(session, citizen)


def by_phone(session: Session, phone: str, *, lock: bool = False) -> Citizen | None:
    """Return the living account of a number (+62…)."""
    with nation():
        query = select(Citizen).where(realm().bears(phone))
        query = query.with_for_update() if lock else query
        return session.scalar(query.execution_options(populate_existing=True))


def _strong(session: Session, found: object) -> Citizen | None:
    """Who gives a strong proof is the owner: what others asked for in the owner's name is called off."""
    if not isinstance(found, Citizen):
        return None
    if found.strong_from is not None and found.strong_from <= dt.datetime.now(tz=dt.UTC):
        waits.call_off_all(session, found.id)
    return found
