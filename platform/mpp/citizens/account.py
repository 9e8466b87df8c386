"""One's own account: what is kept of oneself, seen and changed; the number moved; the account closed."""

from __future__ import annotations

import datetime as dt
import enum

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts import sessions
from mpp.accounts.guard import again_key, count_try, forgive
from mpp.accounts.passwords import verify
from mpp.accounts.realm import realm
from mpp.accounts.service import AccountError
from mpp.citizens import codes, messages, proofs, waits
from mpp.citizens import sessions as own_sessions
from mpp.citizens.codes import Purpose, Ticket
from mpp.citizens.entrance import TooLateError
from mpp.citizens.models import Citizen, Wait
from mpp.citizens.person import clean_email, clean_name, clean_number, nik_doubts
from mpp.citizens.realm import nation
from mpp.database.session import central_read, central_write
from mpp.i18n import gettext as _


class TakenError(AccountError):
    """The number is another account's: told to nobody but who holds that very number."""

    def __init__(self) -> None:
        super().__init__(
            _("Nomor ini sudah dipakai akun lain. Pakai nomor lain, atau masuk dengan nomor ini.")
        )


class Field(enum.StrEnum):
    """What stands covered on the account's page."""

    PHONE = "phone"
    NIK = "nik"
    EMAIL = "email"


def get(citizen_id: int) -> Citizen:
    """Return a living account. Raises LookupError."""
    with nation(), central_read() as session:
        citizen = session.get(Citizen, citizen_id, populate_existing=True)
    if citizen is None or not citizen.active:
        raise LookupError("no such account")
    return citizen


def show(citizen_id: int, at: int, field: Field) -> str:
    """Return a covered value to its owner, and write down that it was shown. Empty when there is none.

    Asks for the proof of a change: who has the SIM alone doesn't read the NIK of an account with a password. Raises
    NeedProofError.
    """
    with proofs.changing(citizen_id, at) as change:
        change.tell("citizen.show", field=field.value)
        value: str | None = getattr(change.citizen, field.value)
    return value or ""


def rename(citizen_id: int, at: int, name: str) -> None:
    """Change the name. Raises AccountError, NeedProofError."""
    called = clean_name(name)
    with proofs.changing(citizen_id, at) as change:
        change.citizen.name = called
        change.tell("citizen.name")


def set_nik(citizen_id: int, at: int, nik: str) -> list[str]:
    """Change the NIK, or take it away when empty; return what looks odd about it. Raises as rename does."""
    number = clean_number(nik)
    with proofs.changing(citizen_id, at) as change:
        change.citizen.nik = number
        change.tell("citizen.nik")
    return nik_doubts(number)


def set_email(citizen_id: int, at: int, email: str) -> None:
    """Change the e-mail address, or take it away when empty. Raises as rename does."""
    address = clean_email(email)
    with proofs.changing(citizen_id, at) as change:
        if change.citizen.email not in {None, address}:
            # Told to the old one: who may object must not be cut off unseen.
            messages.tell(change.session, change.citizen, messages.Message.EMAIL_CHANGED)
        change.citizen.email = address
        change.tell("citizen.email")


def ask_number(citizen_id: int, at: int, phone: str, *, address: str | None, device: str | None) -> Ticket:
    """Send a code to the number that is to be the account's. Raises NeedProofError, AccountError, TooManyTriesError."""
    with proofs.changing(citizen_id, at) as change:
        if change.citizen.phone == phone:
            raise AccountError(_("Ini nomor Anda yang sekarang."), "phone")
    return codes.send(Purpose.PHONE, phone, account_id=citizen_id, address=address, device=device)


def take_number(citizen_id: int, at: int, ticket: Ticket, address: waits.Address) -> bool:
    """Move the account to the number whose telephone has answered.

    True: done at once, for a strong proof was given. False: it waits for days, and its owner can call it off.
    Raises NeedProofError, TooLateError, AccountError for a number of another account.
    """
    with proofs.changing(citizen_id, at) as change:
        row = codes.proved(change.session, ticket, Purpose.PHONE)
        if row is None or row.account_id != citizen_id:
            raise TooLateError
        phone = row.phone
        change.session.delete(row)
        if waits.taken(change.session, phone):
            raise TakenError
        if not (change.have.strong and change.have.ripe):
            waits.begin(change.session, change.citizen, Wait.PHONE, address, phone)
            return False
        waits.call_off_all(change.session, citizen_id)
        try:
            waits.move(change.session, change.citizen, phone, but=at)
        except IntegrityError as error:
            raise TakenError from error
        return True


def ask_proof(citizen_id: int, *, address: str | None, device: str | None) -> Ticket:
    """Send a code to the account's own number, to prove the owner again. Raises AccountError, TooManyTriesError."""
    phone = get(citizen_id).phone
    if phone is None:
        raise AccountError(_("Akun ini tidak punya nomor HP. Pakai cara lain."))
    return codes.send(Purpose.PROVE, phone, account_id=citizen_id, address=address, device=device)


def prove_by_code(citizen_id: int, at: int, ticket: Ticket, typed: str, *, address: str | None) -> bool:
    """Whether the code of one's own telephone is right; it is spent then."""
    row = codes.check(ticket, Purpose.PROVE, typed, address=address)
    if row is None or row.account_id != citizen_id:
        return False
    with nation(), central_write() as session:
        own_sessions.proved(session, at, strong=False)
        session.delete(row)
    return True


def prove_by_password(citizen_id: int, at: int, password: str) -> bool:
    """Whether the password is right. Raises TooManyTriesError."""
    with nation():
        keys = again_key(citizen_id)
        with central_write() as session:
            count_try(session, keys)
            looked_at = session.get_one(Citizen, citizen_id, populate_existing=True).password_hash
        if not verify(looked_at, password):
            return False
        with central_write() as session:
            # It may have been taken away or replaced while it was looked at: then it proves nothing any more.
            citizen = session.get_one(Citizen, citizen_id, with_for_update=True, populate_existing=True)
            if citizen.password_hash != looked_at:
                return False
            forgive(session, keys)
            own_sessions.proved(session, at, strong=True)
    return True


def close(session: Session, citizen_id: int) -> None:
    """Close an account for good: forget who it was, every proof, and sign out everywhere; its number stays for logs.

    A part of the erasure, in its transaction: `session` is the centre's. What regions keep is theirs to erase.
    Closing a closed one changes nothing. Raises LookupError for one that is not there.
    """
    with nation():
        citizen = session.get(Citizen, citizen_id, with_for_update=True, populate_existing=True)
        if citizen is None:
            raise LookupError("no such account")
        if not citizen.active:
            return
        messages.tell(session, citizen, messages.Message.CLOSED)
        waits.end(session, citizen_id)
        proofs.forget_all(session, citizen)
        sessions.end_all(session, citizen_id)
        citizen.name = citizen.phone = citizen.left_phone = citizen.nik = citizen.email = None
        citizen.active, citizen.closed_at = False, dt.datetime.now(tz=dt.UTC)
        session.flush()
        audit.record(session, action="citizen.close", subject=realm().subject(citizen_id))
