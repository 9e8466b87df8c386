"""What proves an account's owner beside the telephone, and which proof a change of the account asks for.

Strong are a password, a passkey and a recovery code; a code to the telephone is weak, for it follows the SIM. Where
there is a strong proof, a change asks for one given in this browser within the last minutes; else the code will do. A
first strong proof set under a weak one counts as strong only after days: a thief could have set it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts import passkeys, recovery, sessions
from mpp.accounts.passkeys import Place
from mpp.accounts.passwords import UNUSABLE, hash_password
from mpp.accounts.proof_models import PasskeyColumns
from mpp.accounts.realm import realm
from mpp.accounts.service import AccountError, check_new
from mpp.citizens import messages, waits
from mpp.citizens.models import Citizen, CitizenSession, Wait
from mpp.citizens.realm import nation
from mpp.database.session import central_read, central_write
from mpp.i18n import gettext as _
from mpp.identity.models import ForeignIdentity

# How long a proof lasts for changes.
FRESH = dt.timedelta(minutes=15)
# Until a first strong proof counts, unless the account itself is this young.
RIPENS = waits.LASTS[Wait.PHONE]
YOUNG = dt.timedelta(days=1)


class NeedProofError(Exception):
    """The owner must prove to be at this browser first."""


@dataclass(frozen=True, slots=True)
class Proofs:
    """What an account has, and what was given in this browser lately."""

    password: bool
    passkeys: list[PasskeyColumns]
    codes_left: int
    # There is a strong proof, and no thief can have set it.
    ripe: bool
    strong: bool
    weak: bool

    @property
    def any(self) -> bool:
        """Whether there is a strong proof at all, recovery codes too."""
        return self.password or bool(self.passkeys) or self.codes_left > 0

    @property
    def enough(self) -> bool:
        """Whether a change may be made in this browser now."""
        return self.strong or (self.weak and not self.ripe)


@dataclass(frozen=True, slots=True)
class Change:
    """An act on one's own account under way, with its proof looked at."""

    session: Session
    citizen: Citizen
    have: Proofs
    at: int

    def tell(self, action: str, **data: str) -> None:
        """Write the act down."""
        audit.record(self.session, action=action, subject=realm().subject(self.citizen.id), data=data)


def of(citizen_id: int, at: int) -> Proofs:
    """Return the proofs of an account and those given in the browser of session `at`."""
    with nation(), central_read() as session:
        citizen = session.get_one(Citizen, citizen_id, populate_existing=True)
        return here(session, citizen, at)


def given_at(session_id: int) -> bool:
    """Whether the owner has lately given in a session what a change asks for: a region's page knows no more of it."""
    with nation(), central_read() as session:
        row = session.get(CitizenSession, session_id, populate_existing=True)
        if row is None:
            return False
        citizen = session.get_one(Citizen, row.account_id, populate_existing=True)
        return here(session, citizen, session_id).enough


@contextmanager
def changing(citizen_id: int, at: int) -> Iterator[Change]:
    """Change an account from the browser of session `at`, held until the end. Raises NeedProofError, AccountError."""
    with nation(), central_write() as session:
        citizen = session.get(Citizen, citizen_id, with_for_update=True, populate_existing=True)
        if citizen is None or not citizen.active:
            raise AccountError(_("Akun ini sudah ditutup."))
        have = here(session, citizen, at)
        if not have.enough:
            raise NeedProofError
        yield Change(session, citizen, have, at)


def set_password(citizen_id: int, at: int, new: str) -> None:
    """Set or replace the password; every other browser is out. Raises AccountError, NeedProofError."""
    with changing(citizen_id, at) as change:
        check_new(new, change.citizen)
        change.citizen.password_hash = hash_password(new)
        _added(change)
        change.tell("account.password")


def remove_password(citizen_id: int, at: int) -> None:
    """Forget the password. Raises NeedProofError."""
    with changing(citizen_id, at) as change:
        change.citizen.password_hash = UNUSABLE
        _removed(change)
        change.tell("account.password_remove")


def passkey_creation(citizen_id: int, place: Place, site: str) -> tuple[dict[str, Any], str]:
    """Return what a device is asked to make a passkey, and the challenge to keep."""
    with nation(), central_read() as session:
        return passkeys.creation_options(session, session.get_one(Citizen, citizen_id), place, site)


def add_passkey(citizen_id: int, at: int, place: Place, challenge: str, answer: str, name: str) -> None:
    """Keep a passkey. Raises PasskeyError, NeedProofError."""
    with changing(citizen_id, at) as change:
        passkeys.add(change.session, change.citizen, place, challenge, answer, name)
        _added(change)


def remove_passkey(citizen_id: int, at: int, passkey_id: int) -> None:
    """Forget a passkey. Raises NeedProofError, AccountError when it is not there."""
    with changing(citizen_id, at) as change:
        kind = realm().passkey
        gone = delete(kind).where(kind.id == passkey_id, kind.account_id == citizen_id).returning(kind.id)
        if change.session.scalar(gone) is None:
            raise AccountError(_("Kunci sandi itu sudah tidak ada."))
        _removed(change)
        change.tell("account.passkey_remove")


def new_codes(citizen_id: int, at: int) -> list[str]:
    """Replace the recovery codes; return the new ones, which are shown once. Raises NeedProofError."""
    with changing(citizen_id, at) as change:
        codes = recovery.renew(change.session, citizen_id)
        _added(change)
        change.tell("account.recovery_new")
        return codes


def ask_reset(citizen_id: int, at: int, address: waits.Address) -> None:
    """Begin the days after which an owner who has lost every strong proof may set new ones. Raises NeedProofError."""
    with nation(), central_write() as session:
        citizen = session.get_one(Citizen, citizen_id, with_for_update=True, populate_existing=True)
        have = here(session, citizen, at)
        if not have.weak:
            raise NeedProofError
        _needs_number(citizen)
        waits.begin(session, citizen, Wait.RECOVER, address)


def reset(citizen_id: int, at: int) -> None:
    """Take every strong proof away once the days are over. Raises NeedProofError, AccountError."""
    with nation(), central_write() as session:
        citizen = session.get_one(Citizen, citizen_id, with_for_update=True, populate_existing=True)
        wait = waits.open_one(session, citizen_id)
        if wait is None or wait.kind != Wait.RECOVER or not waits.is_due(wait):
            raise AccountError(_("Belum ada waktu tunggu yang selesai."))
        if not here(session, citizen, at).weak:
            raise NeedProofError
        _needs_number(citizen)
        waits.end(session, citizen_id)
        forget_all(session, citizen)
        sessions.end_all(session, citizen_id, but=at)
        # The days have been waited already: what is set now in this browser counts at once (`_waited`).
        citizen_session = session.get_one(CitizenSession, at)
        citizen_session.strong_at = citizen.strong_from = dt.datetime.now(tz=dt.UTC)
        messages.tell(session, citizen, messages.Message.PROOF_CHANGED)
        audit.record(session, action="citizen.reset", subject=realm().subject(citizen_id))


def forget_all(session: Session, citizen: Citizen) -> None:
    """Take password, passkeys, recovery codes and links to other houses' accounts away: a thief may have set any."""
    citizen.password_hash, citizen.strong_from = UNUSABLE, None
    with nation():
        for kind in (realm().passkey, realm().recovery):
            session.execute(delete(kind).where(kind.account_id == citizen.id))
    session.execute(delete(ForeignIdentity).where(ForeignIdentity.citizen_id == citizen.id))


def here(session: Session, citizen: Citizen, at: int) -> Proofs:
    """Return the proofs of an account and those given in the browser of session `at`, as they stand now."""
    now = dt.datetime.now(tz=dt.UTC)
    row = session.get(CitizenSession, at, populate_existing=True)
    mine = row if row is not None and row.account_id == citizen.id else None
    keys, codes = passkeys.of(session, citizen.id), recovery.left(session, citizen.id)
    some = citizen.has_password or bool(keys) or codes > 0
    return Proofs(
        password=citizen.has_password, passkeys=keys, codes_left=codes,
        ripe=some and citizen.strong_from is not None and citizen.strong_from <= now,
        strong=mine is not None and mine.strong_at is not None and now - mine.strong_at < FRESH,
        weak=mine is not None and now - mine.proved_at < FRESH,
    )  # fmt: skip


def _added(change: Change) -> None:
    """Count the days of a first strong proof, sign every other browser out, and tell the owner."""
    citizen, now = change.citizen, dt.datetime.now(tz=dt.UTC)
    if citizen.strong_from is None or not change.have.any:
        # That this browser gave a strong proof lately says nothing: it may be one that has been taken away since.
        at_once = now - citizen.created_at < YOUNG or _waited(change, now)
        citizen.strong_from = now if at_once else now + RIPENS
    # Who has set it knows it. While it ripens this opens nothing that a code would not.
    change.session.execute(update(CitizenSession).where(CitizenSession.id == change.at).values(strong_at=now))
    _renewed(change)


def _waited(change: Change, now: dt.datetime) -> bool:
    """Whether the days for this first proof are over already: `reset` has just let this very browser set it.

    An account without a proof has no `strong_from` but by a reset.
    """
    since = change.citizen.strong_from
    return change.have.strong and since is not None and dt.timedelta(0) <= now - since < FRESH


def _removed(change: Change) -> None:
    change.session.flush()
    if not here(change.session, change.citizen, change.at).any:
        _needs_number(change.citizen)
        change.citizen.strong_from = None
        # Or a thief could take a proof that has not ripened away and set it anew as the owner.
        mine = CitizenSession.account_id == change.citizen.id
        change.session.execute(update(CitizenSession).where(mine).values(strong_at=None))
    _renewed(change)


def _needs_number(citizen: Citizen) -> None:
    """Refuse to take the last proof from an account without a number: nobody could enter it any more."""
    if citizen.phone is None:
        raise AccountError(_("Tambahkan nomor HP dahulu. Tanpa itu akun ini tidak bisa dibuka lagi."))


def _renewed(change: Change) -> None:
    """Sign every other browser out: the old proof may be a thief's. But not by the code alone while something waits.

    The thief would be the one who changed it, and the browsers that are told would be the owner's.
    """
    sure = change.have.strong and change.have.ripe
    if sure or waits.open_one(change.session, change.citizen.id) is None:
        sessions.end_all(change.session, change.citizen.id, but=change.at)
    messages.tell(change.session, change.citizen, messages.Message.PROOF_CHANGED)
