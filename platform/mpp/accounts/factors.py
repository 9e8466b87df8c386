"""The second factor: who must have one, which ones an account has, and taking them away."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from mpp import audit
from mpp.accounts import passkeys, recovery, totp
from mpp.accounts.guard import code_keys, count_try, forgive
from mpp.accounts.passwords import compulsory
from mpp.accounts.proof_models import PasskeyColumns
from mpp.accounts.realm import Person, person, realm
from mpp.accounts.service import AccountError

LAST = "Ini faktor kedua Anda yang terakhir, dan peran Anda mewajibkannya. Pasang yang lain dahulu."


@dataclass(frozen=True, slots=True)
class Factors:
    """What an account can prove itself with beside its password."""

    app: bool
    passkeys: list[PasskeyColumns]
    codes_left: int

    @property
    def any(self) -> bool:
        """Whether a second factor is set up; recovery codes alone are none."""
        return self.app or bool(self.passkeys)


def of(session: Session, account_id: int) -> Factors:
    """Return the account's factors."""
    row = session.get(realm().totp, account_id, populate_existing=True)
    return Factors(
        app=row is not None,
        passkeys=passkeys.of(session, account_id),
        codes_left=recovery.left(session, account_id),
    )


def check_code(account_id: int, code: str, *, address: str | None = None, device: str | None = None) -> bool:
    """Whether `code` is the app's or a recovery code of the account; it is spent then.

    `address` and `device`: what the try is counted by, see mpp.accounts.guard. Raises TooManyTriesError.
    """
    keys = code_keys(account_id, address, device)
    with realm().write() as session:
        last = count_try(session, keys)
    with realm().write() as session:
        by_app = totp.check(session, account_id, code)
        by_paper = not by_app and recovery.use(session, account_id, code)
        if by_app or by_paper:
            forgive(session, keys)
        if by_paper:
            audit.record(session, action="account.recovery_used", subject=realm().subject(account_id))
        if last and not (by_app or by_paper):
            audit.record(session, action="account.lock", subject=f"account:{account_id}")
    return by_app or by_paper


class NotFirstError(AccountError):
    """The account has a second factor by now: who knows only the password may not put another beside it."""

    def __init__(self) -> None:
        super().__init__("Faktor kedua akun ini sudah terpasang. Masuk dengan itu.")


def add_app(
    account_id: int, secret: str, code: str, *, first: bool = False, address: str | None = None,
    device: str | None = None,
) -> list[str] | None:  # fmt: skip
    """Keep an app's secret once its first code has come; return new recovery codes, None for a wrong code.

    `first`: by the password alone, as an account may set up what it has none of. Raises TooManyTriesError,
    NotFirstError, and AccountError when an app is there already.
    """
    keys = code_keys(account_id, address, device)
    with realm().write() as session:
        count_try(session, keys)
    with realm().write() as session:
        _locked(session, account_id)
        have = of(session, account_id)
        if first and have.any:
            raise NotFirstError
        if have.app:
            raise AccountError("Aplikasi autentikator sudah terpasang.")
        if not totp.keep(session, account_id, secret, code):
            return None
        forgive(session, keys)
        audit.record(session, action="account.app_add", subject=realm().subject(account_id))
        return recovery.renew(session, account_id)


def add_passkey(
    account_id: int, place: passkeys.Place, challenge: str, answer: str, name: str, *, first: bool = False
) -> list[str] | None:
    """Keep a passkey; return recovery codes when the account had none. `first` as in add_app.

    Raises PasskeyError, NotFirstError.
    """
    with realm().write() as session:
        account = person(session, account_id, lock=True)
        if account is None or not account.active:
            raise passkeys.PasskeyError
        if first and of(session, account_id).any:
            raise NotFirstError
        passkeys.add(session, account, place, challenge, answer, name)
        return None if recovery.left(session, account_id) else recovery.renew(session, account_id)


def new_codes(account_id: int) -> list[str]:
    """Replace the account's recovery codes. Raises AccountError without a second factor."""
    with realm().write() as session:
        if not of(session, account_id).any:
            raise AccountError("Pasang faktor kedua dahulu.")
        audit.record(session, action="account.recovery_new", subject=realm().subject(account_id))
        return recovery.renew(session, account_id)


def remove_app(account_id: int) -> None:
    """Forget the authenticator app. Raises AccountError when it is the last of a compulsory kind."""
    with realm().write() as session:
        account = _locked(session, account_id)
        have = of(session, account_id)
        if compulsory(account) and not have.passkeys:
            raise AccountError(LAST)
        session.execute(delete(realm().totp).where(realm().totp.account_id == account_id))
        _left_bare(session, account_id)
        audit.record(session, action="account.app_remove", subject=realm().subject(account_id))


def remove_passkey(account_id: int, passkey_id: int) -> None:
    """Forget a passkey. Raises AccountError when it is the last factor of a compulsory kind, or not there."""
    kind = realm().passkey
    with realm().write() as session:
        account = _locked(session, account_id)
        have = of(session, account_id)
        if passkey_id not in {key.id for key in have.passkeys}:
            raise AccountError("Kunci sandi itu sudah tidak ada.")
        if compulsory(account) and not have.app and len(have.passkeys) == 1:
            raise AccountError(LAST)
        session.execute(delete(kind).where(kind.id == passkey_id, kind.account_id == account_id))
        _left_bare(session, account_id)
        audit.record(session, action="account.passkey_remove", subject=realm().subject(account_id))


def remove_all(session: Session, account_id: int) -> None:
    """Forget every factor of an account: its owner has left, or has lost them all."""
    for kind in (realm().totp, realm().passkey, realm().recovery):
        session.execute(delete(kind).where(kind.account_id == account_id))


def _left_bare(session: Session, account_id: int) -> None:
    """Recovery codes stand in for a factor; without one there is nothing to stand in for."""
    if not of(session, account_id).any:
        session.execute(delete(realm().recovery).where(realm().recovery.account_id == account_id))


def _locked(session: Session, account_id: int) -> Person:
    account = person(session, account_id, lock=True)
    if account is None:
        raise AccountError("Akun ini tidak ada lagi.")
    return account
