"""Finding whom a data request is about by the NIK they show: one person, covered, and written down for them to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from mpp import audit
from mpp.crypto import disclosure
from mpp.crypto.masks import mask_nik, mask_phone
from mpp.crypto.normal import digits
from mpp.crypto.types import same
from mpp.database.session import write
from mpp.i18n import gettext as _
from tenants.people.models import Profile
from tenants.privacy.errors import BadWishError
from tenants.privacy.models import RightsRequest
from tenants.queueing.models import Ticket

NIK_DIGITS = 16
FIELD = "record"


@dataclass(frozen=True, slots=True)
class Found:
    """What the desk may see of a person: numbers covered, and how much is held."""

    profile: Profile
    nik: str
    phone: str
    tickets: int
    requests: Sequence[RightsRequest]


def by_nik(nik: str, purpose: str) -> list[Found]:
    """Return the living profiles with this NIK, mostly one or none; the look is logged, also when it found nobody.

    Raises BadWishError for what is no NIK, NoPurposeError.
    """
    if len(digits(nik)) != NIK_DIGITS:
        raise BadWishError(_("NIK berisi 16 angka."))
    why = disclosure.purpose(purpose)
    with write() as session:
        query = select(Profile).where(same(Profile.nik_index, nik), Profile.erased_at.is_(None))
        profiles = session.scalars(query.options(undefer(Profile.nik), undefer(Profile.phone))).all()
        for profile in profiles:
            disclosure.note(session, subject=f"profile:{profile.id}", field=FIELD, why=why)
        if not profiles:
            audit.record(session, action="rights.find", subject="profile", data={"purpose": why.value})
        return [
            Found(
                profile, mask_nik(profile.nik), mask_phone(profile.phone),
                session.scalar(select(func.count()).where(Ticket.profile_id == profile.id)) or 0,
                session.scalars(
                    select(RightsRequest).where(RightsRequest.profile_id == profile.id)
                    .order_by(RightsRequest.id.desc())
                ).all(),
            )
            for profile in profiles
        ]  # fmt: skip
