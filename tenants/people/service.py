"""A person's profile at the region: made by agreeing, kept as the national account is."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, undefer

from mpp import audit
from mpp.crypto import normal
from mpp.database.session import write
from tenants.people.consent import VERSION
from tenants.people.errors import NoProfileError
from tenants.people.models import Profile


def agree(subject: str, name: str, phone: str | None, nik: str | None) -> int:
    """Make the profile of a person who has agreed, or bring one back that was withdrawn; return its id.

    `subject` is the person's name at this region alone. `nik` None: not given to this region.
    """
    with write() as session:
        now = dt.datetime.now(tz=dt.UTC)
        # Two taps make one profile.
        row = {"subject": subject, "name": name, "consent_version": VERSION, "consented_at": now}
        session.execute(insert(Profile).values(row).on_conflict_do_nothing(index_elements=[Profile.subject]))
        profile = _locked(session, Profile.subject == subject)
        profile.name, profile.phone, profile.nik = name, phone, nik
        profile.consent_version, profile.consented_at, profile.withdrawn_at = VERSION, now, None
        audit.record(
            session, action="people.consent", subject=f"profile:{profile.id}",
            data={"version": VERSION, "nik": nik is not None},
        )  # fmt: skip
        return profile.id


def refresh(profile_id: int, name: str, phone: str | None, nik: str | None) -> None:
    """Bring the profile up to what the national account says now; a NIK not given here (`give_nik`) stays away.

    Raises NoProfileError.
    """
    with write() as session:
        profile = _locked(session, Profile.id == profile_id)
        changed = []
        if profile.name != name:
            profile.name = name
            changed.append("name")
        if (profile.phone or "") != normal.phone(phone or ""):
            profile.phone = phone
            changed.append("phone")
        if profile.nik is not None and profile.nik != nik:
            profile.nik = nik
            changed.append("nik")
        if changed:
            subject = f"profile:{profile.id}"
            audit.record(session, action="people.refresh", subject=subject, data={"fields": changed})


def give_nik(profile_id: int, nik: str) -> None:
    """Let this region have the NIK too, by the person's own wish of now. Raises NoProfileError."""
    with write() as session:
        profile = _locked(session, Profile.id == profile_id)
        if not profile.living:
            raise NoProfileError("Profil ini tidak ada di sini.")
        profile.nik = nik
        data = {"version": VERSION}
        audit.record(session, action="people.nik", subject=f"profile:{profile.id}", data=data)


def _locked(session: Session, condition: object) -> Profile:
    query = select(Profile).where(condition).options(undefer(Profile.phone), undefer(Profile.nik))  # type: ignore[arg-type]  # a comparison of columns
    profile = session.scalar(query.with_for_update(), execution_options={"populate_existing": True})
    if profile is None or profile.erased_at is not None:
        raise NoProfileError("Profil ini tidak ada di sini.")
    return profile
