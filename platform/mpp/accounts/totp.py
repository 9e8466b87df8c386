"""Codes of an authenticator app (RFC 6238): six digits every 30 seconds, each taken once."""

from __future__ import annotations

import datetime as dt
import re

import pyotp
from sqlalchemy import update
from sqlalchemy.orm import Session

from mpp.accounts.models import Account
from mpp.accounts.proof_models import TotpColumns
from mpp.accounts.realm import realm
from mpp.crypto.errors import SecretsError
from mpp.tenancy.region import region_or_none

STEP_SECONDS = 30
# A phone's clock may be this many steps off.
DRIFT = 1
DIGITS = re.compile(r"\d{6}")
# Everybody may know it: the demo accounts' codes are shown on the page. Only rows marked as demo ever hold it.
DEMO_SECRET = "MPPDIGITALCONTOHSANDIWAKTU234567"  # noqa: S105  # the point of it is to be printed


def new_secret() -> str:
    """Return a fresh secret for a set-up; nothing holds before its first code has come."""
    return pyotp.random_base32(32)


def keep(session: Session, account_id: int, secret: str, code: str) -> bool:
    """Keep `secret` for the account if `code` shows that the app has it; that code is spent then."""
    step = _step_of(secret, code, after=0)
    if step is None:
        return False
    session.add(realm().totp(account_id=account_id, secret=secret, last_step=step))
    session.flush()
    return True


def check(session: Session, account_id: int, code: str) -> bool:
    """Whether `code` is right now and was not used before; it is then spent, with all that came before it."""
    kind = realm().totp
    try:
        row = session.get(kind, account_id, populate_existing=True)
    except SecretsError:
        # Sealed with a key that is gone: a recovery code or a passkey may still open.
        return False
    step = _step_of(row.secret, code, after=row.last_step) if row is not None else None
    if step is None:
        return False
    # Two requests with one code: the condition lets one of them through.
    spent = update(kind).where(kind.account_id == account_id, kind.last_step < step).values(last_step=step)
    return session.scalar(spent.returning(kind.account_id)) is not None


def _step_of(secret: str, code: str, *, after: int) -> int | None:
    """Return the step whose code this is, None when it is none of now or lies not after `after`."""
    digits = re.sub(r"[\s-]", "", code)
    if not DIGITS.fullmatch(digits):
        return None
    app, now = pyotp.TOTP(secret), current_step()
    for step in range(max(now - DRIFT, after + 1), now + DRIFT + 1):
        if pyotp.utils.strings_equal(digits, app.at(step * STEP_SECONDS)):
            return step
    return None


def current_step() -> int:
    """Return the number of the 30 seconds we are in."""
    return int(dt.datetime.now(tz=dt.UTC).timestamp()) // STEP_SECONDS


def address(secret: str, email: str) -> str:
    """Return the otpauth:// address that an app reads from a QR code."""
    region = region_or_none()
    issuer = f"MPP {region.name}" if region else "MPP Digital pusat"
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def demo_code(row: TotpColumns | None, account: Account) -> str | None:
    """Return the code that a demo account may use next, None when it must wait for the next 30 seconds."""
    if not account.demo or row is None:
        return None
    step = max(current_step(), row.last_step + 1)
    return pyotp.TOTP(DEMO_SECRET).at(step * STEP_SECONDS) if step <= current_step() + DRIFT else None
