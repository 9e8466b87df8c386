"""Signing in at the centre by another house's provider (INApas, IKD): found by issuer and subject, never by a phone.

Who comes for the first time proves an account of ours first, an old one or a new one, and links it by hand. Name,
telephone and NIK that a provider tells prove nothing about our accounts: they are only offered to their owner.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.exc import IntegrityError

from mpp.accounts.service import AccountError
from mpp.citizens import messages, proofs
from mpp.citizens.models import Citizen
from mpp.citizens.person import clean_name, clean_number
from mpp.citizens.realm import nation
from mpp.crypto.types import same
from mpp.database.session import central_read, central_write
from mpp.i18n import gettext as _
from mpp.identity.clients import issuer as ours
from mpp.identity.models import ForeignIdentity
from mpp.identity.relying import Arrival, Registration, RelyingParty
from mpp.settings import ForeignProvider
from mpp.web.flask import platform_app

# The blueprint `oidc` serves it.
CALLBACK = "/oidc/mitra/kembali"


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody as another provider knows them."""

    issuer: str
    subject: str
    name: str
    phone: str
    nik: str

    def as_text(self) -> str:
        """Return it as text, to be sealed."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> Found:
        """Return what `as_text` gave."""
        return cls(**json.loads(text))


def provider() -> ForeignProvider | None:
    """Return the provider that this installation trusts, None for none."""
    return platform_app().settings.foreign


def party(trusted: ForeignProvider) -> RelyingParty:
    """Return us as a client of a provider."""
    return RelyingParty(
        Registration(
            trusted.issuer, trusted.client_id, trusted.client_secret, ours() + CALLBACK, trusted.scopes
        )
    )


def who(trusted: ForeignProvider, arrival: Arrival) -> Found:
    """Return who came back, with what the provider tells beside the id token. Raises RefusedError, AwayError."""
    client = party(trusted)
    claims = dict(arrival.claims)
    if client.tells():
        claims |= client.person(arrival.access_token, arrival.subject)

    def told(name: str) -> str:
        value = claims.get(name)
        return value.strip()[:200] if isinstance(value, str) else ""

    return Found(
        trusted.issuer, arrival.subject, told(trusted.claim_name), told(trusted.claim_phone), told(trusted.claim_nik)
    )  # fmt: skip


def account_of(found: Found) -> int | None:
    """Return the living account that this identity was linked to, None for none; a closed one's link ends here."""
    with nation(), central_write() as session:
        row = session.scalar(select(ForeignIdentity).where(*_is(found)).with_for_update())
        if row is None:
            return None
        citizen = session.get_one(Citizen, row.citizen_id, populate_existing=True)
        if not citizen.active:
            session.delete(row)
            return None
        row.used_at = dt.datetime.now(tz=dt.UTC)
        return citizen.id


def link(citizen_id: int, at: int, found: Found, *, take: bool) -> None:
    """Link an identity to the account that is signed in at session `at`; `take`: use its name and NIK too.

    Raises NeedProofError, and AccountError when it is another account's, or this one has another of the same house.
    """
    try:
        with proofs.changing(citizen_id, at) as change:
            linked = change.session.scalar(select(ForeignIdentity).where(*_is(found)))
            if linked is not None and linked.citizen_id == citizen_id:
                return
            if linked is not None:
                raise AccountError(_("Akun itu sudah terhubung dengan akun lain di sini."))
            if _of(citizen_id, found.issuer) is not None:
                raise AccountError(_("Akun Anda sudah terhubung dengan akun lain. Lepaskan itu dulu."))
            change.session.add(
                ForeignIdentity(citizen_id=citizen_id, issuer=found.issuer, subject=found.subject)
            )
            if take and found.name:
                change.citizen.name = clean_name(found.name)
            if take and found.nik:
                change.citizen.nik = clean_number(found.nik)
            messages.tell(change.session, change.citizen, messages.Message.PROOF_CHANGED)
            change.tell("citizen.identity_link")
            change.session.flush()
    except IntegrityError as error:
        # Two taps at once.
        raise AccountError(_("Akun itu baru saja dihubungkan. Muat ulang halaman ini.")) from error


def unlink(citizen_id: int, at: int) -> None:
    """Take every link of the account away. Raises NeedProofError, AccountError."""
    with proofs.changing(citizen_id, at) as change:
        gone = delete(ForeignIdentity).where(ForeignIdentity.citizen_id == citizen_id)
        if change.session.scalars(gone.returning(ForeignIdentity.id)).all():
            messages.tell(change.session, change.citizen, messages.Message.PROOF_CHANGED)
            change.tell("citizen.identity_unlink")


def linked(citizen_id: int) -> ForeignIdentity | None:
    """Return the account's identity at the provider that this installation trusts."""
    trusted = provider()
    return _of(citizen_id, trusted.issuer) if trusted else None


def _of(citizen_id: int, issuer: str) -> ForeignIdentity | None:
    with central_read() as session:
        mine = (ForeignIdentity.citizen_id == citizen_id, ForeignIdentity.issuer == issuer)
        return session.scalar(select(ForeignIdentity).where(*mine))


def _is(found: Found) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (ForeignIdentity.issuer == found.issuer, same(ForeignIdentity.subject_index, found.subject))
