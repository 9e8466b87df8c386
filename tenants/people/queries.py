"""Reading profiles of the region at hand."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from tenants.people.consent import VERSION
from tenants.people.models import Profile


def by_subject(session: Session, subject: str) -> Profile | None:
    """Return the profile of a person as the centre names them here, None for a newcomer."""
    return session.scalar(
        select(Profile).where(Profile.subject == subject), execution_options={"populate_existing": True}
    )


def agreed(profile: Profile | None) -> bool:
    """Whether the person has agreed to the present wording and has not taken it back."""
    return profile is not None and profile.living and profile.consent_version == VERSION


def own(session: Session, profile_id: int) -> Profile | None:
    """Return a person's own living profile with telephone and NIK opened, None when there is none."""
    profile = session.get(
        Profile, profile_id, options=[undefer(Profile.phone), undefer(Profile.nik)], populate_existing=True
    )
    return profile if profile is not None and profile.living else None
