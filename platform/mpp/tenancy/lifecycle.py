"""Suspending and reactivating a region: one code path for the centre's console and the command line.

The state is a row, read by every request and every job: a suspension holds from the next one on.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.tenancy.models import RegionRecord, RegionState


class LifecycleError(Exception):
    """The region cannot go to that state; the text is one line for the person who asked."""


def suspend(session: Session, slug: str, reason: str, contact: str) -> RegionRecord:
    """Stop serving a region and return its record, in the transaction of the centre or the owner.

    The portal answers 503 with `contact` (whom to ask), jobs wait in the outbox. Suspending again only renews
    reason and contact. Raises LifecycleError without them or for a region that was never provisioned.
    """
    reason, contact = reason.strip(), contact.strip()
    if not reason or not contact:
        raise LifecycleError("Alasan dan kontak wajib diisi: warga perlu tahu ke mana bertanya.")
    record = _locked(session, slug)
    if record.state == RegionState.REGISTERED:
        raise LifecycleError(f"{record.name} belum selesai disediakan, jadi belum bisa ditangguhkan.")
    if (record.state, record.state_reason, record.state_contact) == (RegionState.SUSPENDED, reason, contact):
        return record
    if record.state != RegionState.SUSPENDED:
        record.state_changed_at = func.now()
    record.state, record.state_reason, record.state_contact = RegionState.SUSPENDED, reason, contact
    audit.record(
        session,
        action="region.suspend",
        subject=f"region:{slug}",
        data={"reason": reason, "contact": contact},
    )
    return record


def activate(session: Session, slug: str) -> RegionRecord:
    """Serve a suspended region again and return its record; an active one is left as it is.

    Raises LifecycleError for a region that was never provisioned.
    """
    record = _locked(session, slug)
    if record.state == RegionState.REGISTERED:
        raise LifecycleError(
            f"{record.name} belum selesai disediakan. Jalankan: mpp region create {record.code}"
        )
    if record.state == RegionState.SUSPENDED:
        before = record.state_reason
        record.state, record.state_changed_at = RegionState.ACTIVE, func.now()
        record.state_reason = record.state_contact = None
        audit.record(session, action="region.activate", subject=f"region:{slug}", data={"was": before})
    return record


def _locked(session: Session, slug: str) -> RegionRecord:
    record = session.scalar(select(RegionRecord).where(RegionRecord.slug == slug).with_for_update())
    if record is None:
        raise LifecycleError(f"Daerah “{slug}” tidak ditemukan.")
    return record
