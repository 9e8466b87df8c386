"""The silent call for help from a counter: seen by the hall's staff only, ended by somebody who says what was done."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from mpp import audit
from mpp.database.session import read, write
from tenants.hall.limits import ANYWHERE, Limits
from tenants.hall.models import Counter
from tenants.queueing.errors import NotFoundError
from tenants.queueing.models import HallAlert
from tenants.queueing.moves import clean_reason
from tenants.queueing.policies import Officer
from tenants.queueing.signal import announce


def raise_alert(counter_id: int, officer: Officer, key: str | None = None) -> HallAlert:
    """Ask the hall's staff for help at a counter; while one is open there, it is that one. Raises NotFoundError."""
    with write() as session:
        # Locked: two presses make one alert.
        counter = session.get(Counter, counter_id, with_for_update={"of": Counter}, populate_existing=True)
        if counter is None:
            raise NotFoundError("Loket ini tidak ada.")
        same = HallAlert.acknowledged_at.is_(None) & (HallAlert.counter_id == counter_id)
        if key is not None:
            same |= HallAlert.event_key == key
        known = session.scalar(select(HallAlert).where(same).limit(1))
        if known is not None:
            return known
        alert = HallAlert(hall_id=counter.hall_id, counter_id=counter_id, raised_by=officer.id, event_key=key)
        session.add(alert)
        session.flush()
        _record(session, "alert.raise", alert)
        return alert


def raised(key: str | None) -> bool:
    """Whether this press has raised an alert already."""
    with read() as session:
        return (
            key is not None
            and session.scalar(select(HallAlert.id).where(HallAlert.event_key == key)) is not None
        )


def acknowledge(alert_id: int, officer: Officer, outcome: str) -> HallAlert:
    """End an alert by saying what was found and done; the first word stays. Raises NoReasonError, NotFoundError."""
    words = clean_reason(outcome, "Tulis apa yang ditemukan dan dilakukan.")
    with write() as session:
        alert = session.get(HallAlert, alert_id, with_for_update={"of": HallAlert}, populate_existing=True)
        if alert is None:
            raise NotFoundError("Panggilan bantuan ini tidak ada.")
        if alert.acknowledged_at is None:
            alert.acknowledged_at, alert.acknowledged_by, alert.outcome = func.now(), officer.id, words
            _record(session, "alert.acknowledge", alert)
        return alert


def open_alerts(session: Session, limits: Limits = ANYWHERE) -> list[HallAlert]:
    """Return the alerts inside these limits that nobody has answered, oldest first."""
    query = select(HallAlert).where(HallAlert.acknowledged_at.is_(None))
    if limits.hall_id is not None:
        query = query.where(HallAlert.hall_id == limits.hall_id)
    if limits.agency_id is not None:
        query = query.where(HallAlert.counter.has(agency_id=limits.agency_id))
    place = joinedload(HallAlert.counter).joinedload(Counter.hall)
    return list(session.scalars(query.options(place).order_by(HallAlert.id)))


def _record(session: Session, action: str, alert: HallAlert) -> None:
    audit.record(session, action=action, subject=f"counter:{alert.counter_id}", data={"alert": alert.id})
    announce(session, alert.hall_id)


def place_of_alert(alert_id: int) -> tuple[int | None, int | None] | None:
    """Return (hall, agency) in which an alert was raised, None when there is none."""
    with read() as session:
        alert = session.get(HallAlert, alert_id)
        if alert is None:
            return None
        counter = session.get(Counter, alert.counter_id) if alert.counter_id else None
        return alert.hall_id, counter.agency_id if counter else None
