"""Passkeys (WebAuthn): the device signs our challenge for this very host, after it has checked its owner."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mpp import audit
from mpp.accounts.guard import spend
from mpp.accounts.proof_models import PasskeyColumns
from mpp.accounts.realm import Person, realm
from mpp.accounts.secrets import fingerprint

CHALLENGE_LASTS = dt.timedelta(minutes=5)
LONGEST_NAME = 60
MOST = 10


@dataclass(frozen=True, slots=True)
class Place:
    """The host a passkey belongs to and the origin its answers must name."""

    host: str
    origin: str


class PasskeyError(Exception):
    """The device's answer was refused; the text is one line for the person."""

    def __init__(
        self, message: str = "Kunci sandi ini tidak dikenal di sini. Coba lagi, atau pakai cara lain."
    ) -> None:
        super().__init__(message)


def creation_options(
    session: Session, account: Person, place: Place, name: str
) -> tuple[dict[str, Any], str]:
    """Return what navigator.credentials.create() is asked, and the challenge to keep."""
    known = [PublicKeyCredentialDescriptor(id=key.credential_id) for key in of(session, account.id, place)]
    options = generate_registration_options(
        rp_id=place.host, rp_name=name, user_name=account.handle, user_display_name=account.called,
        # The same for every passkey of the account, no other account's at this host, and says nothing about it.
        user_id=fingerprint("passkey user", realm().kind, str(account.id)),
        exclude_credentials=known,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )  # fmt: skip
    return _plain(options)


def add(
    session: Session, account: Person, place: Place, challenge: str, answer: str, name: str
) -> PasskeyColumns:
    """Keep the passkey that a device has made. Raises PasskeyError."""
    kind = realm().passkey
    if len(of(session, account.id)) >= MOST:
        raise PasskeyError(f"Paling banyak {MOST} kunci sandi. Hapus satu dahulu.")
    _once(session, challenge)
    try:
        made = verify_registration_response(
            credential=answer, expected_challenge=base64url_to_bytes(challenge), expected_rp_id=place.host,
            expected_origin=place.origin, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyError("Kunci sandi belum bisa disimpan. Coba lagi.") from error
    if session.scalar(select(kind.id).where(kind.credential_id == made.credential_id)) is not None:
        raise PasskeyError("Kunci sandi ini sudah tersimpan.")
    row = kind(
        account_id=account.id, credential_id=made.credential_id, public_key=made.credential_public_key,
        sign_count=made.sign_count, rp_id=place.host, name=" ".join(name.split())[:LONGEST_NAME] or "Kunci sandi",
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, action="account.passkey_add", subject=realm().subject(account.id))
    return row


def request_options(
    session: Session, place: Place, account_id: int | None = None
) -> tuple[dict[str, Any], str]:
    """Return what navigator.credentials.get() is asked, and the challenge. Without an account any passkey will do."""
    known = of(session, account_id, place) if account_id is not None else []
    options = generate_authentication_options(
        rp_id=place.host,
        allow_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _plain(options)


def check(
    session: Session, place: Place, challenge: str, answer: str, account_id: int | None = None
) -> Person:
    """Return the account whose passkey signed our challenge, `account_id` alone when given. Raises PasskeyError."""
    kind = realm().passkey
    _once(session, challenge)
    try:
        credential_id = base64url_to_bytes(json.loads(answer)["id"])
        row = session.scalar(
            select(kind)
            .where(kind.credential_id == credential_id, kind.rp_id == place.host)
            .with_for_update()
        )
        if row is None or (account_id is not None and row.account_id != account_id):
            raise PasskeyError
        seen = verify_authentication_response(
            credential=answer, expected_challenge=base64url_to_bytes(challenge), expected_rp_id=place.host,
            expected_origin=place.origin, credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyError from error
    row.sign_count, row.used_at = seen.new_sign_count, func.now()
    account = session.get(realm().account, row.account_id)
    if account is None or not account.active:
        raise PasskeyError
    return account


def of(session: Session, account_id: int, place: Place | None = None) -> list[PasskeyColumns]:
    """Return the account's passkeys, those of one host when `place` is given, oldest first."""
    kind = realm().passkey
    query = select(kind).where(kind.account_id == account_id)
    if place is not None:
        query = query.where(kind.rp_id == place.host)
    return list(session.scalars(query.order_by(kind.id)))


def _once(session: Session, challenge: str) -> None:
    if not challenge or not spend(session, "challenge", challenge, lasts=CHALLENGE_LASTS * 2):
        raise PasskeyError("Waktunya habis. Coba lagi.")


def _plain(options: Any) -> tuple[dict[str, Any], str]:
    plain: dict[str, Any] = json.loads(options_to_json(options))
    return plain, plain["challenge"]
