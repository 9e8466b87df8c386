"""Changing halls: the building, its week, its special days, the agencies in it. All of it is public."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.database.optimistic import check_unchanged, fingerprint
from mpp.database.session import write
from mpp.tenancy.content import touch
from tenants.catalogue.models import Agency
from tenants.hall.calendar import DaySchedule
from tenants.hall.errors import HallError, InUseError, UnknownHallError
from tenants.hall.models import AgencyPresence, Closure, Counter, Hall, OpeningHours

LONGEST_CLOSURE = dt.timedelta(days=366)


@dataclass(frozen=True, slots=True)
class HallFacts:
    """What an administrator says about a building."""

    name: str
    address: str
    latitude: float | None = None
    longitude: float | None = None
    phone: str | None = None
    facilities: list[str] = field(default_factory=list)
    running_text: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class PresenceFacts:
    """What an administrator says about an agency in a hall; None is "as the hall" or "its general name"."""

    local_name: str | None = None
    weekdays: list[int] | None = None
    opens: dt.time | None = None
    closes: dt.time | None = None
    valid_from: dt.date | None = None
    note: str | None = None
    contact: str | None = None


def seen_of(row: Hall | AgencyPresence) -> str:
    """Return the mark of what a form shows of a hall or of a presence."""
    facts = HallFacts if isinstance(row, Hall) else PresenceFacts
    return fingerprint([getattr(row, column.name) for column in fields(facts)])


def seen_hours(hall: Hall) -> str:
    """Return the mark of a hall's week."""
    return fingerprint(_week(hall))


def create_hall(facts: HallFacts) -> Hall:
    """Add a building; it has no hours, no agency and no counter yet."""
    with write() as session:
        hall = Hall(slug=_free_slug(session, facts.name), **asdict(facts))
        session.add(hall)
        session.flush()
        _public(session, "hall.create", f"hall:{hall.id}", {"name": hall.name})
    return hall


def save_hall(hall_id: int, facts: HallFacts, *, seen: str) -> Hall:
    """Change a building and take the mark "contoh" off it. Raises HallError, ChangedMeanwhileError."""
    with write() as session:
        hall = locked_hall(session, hall_id)
        check_unchanged(seen, [getattr(hall, column.name) for column in fields(HallFacts)])
        if hall.active and not facts.active:
            others = select(Hall.id).where(Hall.active, Hall.id != hall.id).limit(1)
            if session.scalar(others) is None:
                raise InUseError(
                    "Ini satu-satunya gedung. Tambah gedung lain sebelum menonaktifkannya.", "active"
                )
        changed = _change(hall, asdict(facts))
        hall.example = False
        _public(session, "hall.edit", f"hall:{hall.id}", changed)
    return hall


def save_hours(hall_id: int, week: Mapping[int, DaySchedule], *, note: str | None, seen: str) -> Hall:
    """Replace a hall's week (ISO weekdays; a missing day is closed). Raises HallError, ChangedMeanwhileError."""
    for weekday, day in week.items():
        if problem := day_problem(day):
            raise HallError(problem[1], f"day{weekday}-{problem[0]}")
    with write() as session:
        hall = locked_hall(session, hall_id)
        before = _week(hall)
        check_unchanged(seen, before)
        hall.hours.clear()
        session.flush()
        hall.hours = [
            OpeningHours(
                weekday=weekday, opens=day.opens, closes=day.closes,
                break_starts=day.break_starts, break_ends=day.break_ends,
            )
            for weekday, day in sorted(week.items())
        ]  # fmt: skip
        hall.hours_note, hall.hours_example = note, False
        session.flush()
        changed = {"before": _plain_week(before), "after": _plain_week(_week(hall))}
        _public(session, "hall.hours", f"hall:{hall.id}", changed)
    return hall


def add_closure(hall_id: int, starts_on: dt.date, ends_on: dt.date, reason: str, *, opens: bool) -> Closure:
    """Close a hall, or with `opens` keep it open although the nation rests, on days from … to … . Raises HallError."""
    if starts_on > ends_on:
        raise HallError("Tanggal selesai harus sama dengan atau sesudah tanggal mulai.", "ends_on")
    if ends_on - starts_on > LONGEST_CLOSURE:
        raise HallError("Paling lama satu tahun. Periksa tahunnya.", "ends_on")
    with write() as session:
        hall = locked_hall(session, hall_id)
        if opens and not _has_hours(hall, starts_on, ends_on):
            raise HallError(
                "Hari itu tidak punya jam buka mingguan, jadi tetap tutup. Isi dahulu jam buka hari itu.",
                "starts_on",
            )
        row = Closure(
            hall_id=hall.id,
            kind="open" if opens else "closed",
            starts_on=starts_on,
            ends_on=ends_on,
            reason=reason,
        )
        session.add(row)
        session.flush()
        data = {"kind": row.kind, "starts_on": f"{starts_on}", "ends_on": f"{ends_on}", "reason": reason}
        _public(session, "hall.closure", f"hall:{hall.id}", data)
    return row


def remove_closure(hall_id: int, closure_id: int) -> None:
    """Take a special day back: the usual week holds again. Raises UnknownHallError."""
    with write() as session:
        row = session.scalar(select(Closure).where(Closure.id == closure_id, Closure.hall_id == hall_id))
        if row is None:
            raise UnknownHallError
        data = {
            "kind": row.kind,
            "starts_on": f"{row.starts_on}",
            "ends_on": f"{row.ends_on}",
            "reason": row.reason,
        }
        session.delete(row)
        _public(session, "hall.closure_removed", f"hall:{hall_id}", data)


def add_agency(hall_id: int, agency_slug: str, facts: PresenceFacts) -> AgencyPresence:
    """Give an agency a desk in a hall. Raises HallError when it has one."""
    _check_presence(facts)
    with write() as session:
        hall = locked_hall(session, hall_id)
        agency = session.scalar(select(Agency).where(Agency.slug == agency_slug))
        if agency is None:
            raise UnknownHallError
        if session.get(AgencyPresence, (hall.id, agency.id)) is not None:
            raise HallError(f"{agency.name} sudah ada di gedung ini.", "agency")
        row = AgencyPresence(hall_id=hall.id, agency_id=agency.id, **asdict(facts))
        session.add(row)
        _public(session, "agency.add", f"hall:{hall.id}", {"agency": agency.slug})
    return row


def save_agency(hall_id: int, agency_slug: str, facts: PresenceFacts, *, seen: str) -> AgencyPresence:
    """Change an agency's days and hours in a hall. Raises HallError, ChangedMeanwhileError."""
    _check_presence(facts)
    with write() as session:
        row = _presence(session, hall_id, agency_slug)
        check_unchanged(seen, [getattr(row, column.name) for column in fields(PresenceFacts)])
        changed = _change(row, asdict(facts))
        row.example = False
        _public(session, "agency.edit", f"hall:{hall_id}", {"agency": agency_slug, **changed})
    return row


def remove_agency(hall_id: int, agency_slug: str) -> str:
    """Take an agency out of a hall and return its name. Raises InUseError while a counter is its."""
    with write() as session:
        row = _presence(session, hall_id, agency_slug)
        using = session.scalars(
            select(Counter.number)
            .where(
                Counter.hall_id == hall_id, Counter.agency_id == row.agency_id, Counter.retired_at.is_(None)
            )
            .order_by(Counter.number)
        ).all()
        if using:
            numbers = ", ".join(str(number) for number in using)
            raise InUseError(
                f"Loket {numbers} masih milik {row.agency.name}. Pensiunkan atau ubah loket itu dahulu."
            )
        session.delete(row)
        _public(session, "agency.remove", f"hall:{hall_id}", {"agency": agency_slug})
        return row.agency.name


def locked_hall(session: Session, hall_id: int) -> Hall:
    """Return a hall of this region, held until the transaction ends. Raises UnknownHallError."""
    hall = session.get(Hall, hall_id, with_for_update=True, populate_existing=True)
    if hall is None:
        raise UnknownHallError
    return hall


def _presence(session: Session, hall_id: int, agency_slug: str) -> AgencyPresence:
    row = session.scalar(
        select(AgencyPresence)
        .join(Agency, Agency.id == AgencyPresence.agency_id)
        .where(AgencyPresence.hall_id == hall_id, Agency.slug == agency_slug)
        .with_for_update(of=AgencyPresence)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise UnknownHallError
    return row


def _check_presence(facts: PresenceFacts) -> None:
    if facts.opens and facts.closes and facts.opens >= facts.closes:
        raise HallError("Jam selesai harus sesudah jam mulai.", "closes")


def day_problem(day: DaySchedule) -> tuple[str, str] | None:
    """Return what is wrong with the hours of a day as (column, sentence), None when nothing."""
    if day.opens >= day.closes:
        return "closes", "Jam tutup harus sesudah jam buka."
    if (day.break_starts is None) != (day.break_ends is None):
        missing = "break_ends" if day.break_ends is None else "break_starts"
        return missing, "Isi mulai dan selesai istirahat, atau kosongkan keduanya."
    starts, ends = day.break_starts, day.break_ends
    if starts and ends and not day.opens < starts < ends < day.closes:
        return "break_starts", "Istirahat harus di antara jam buka dan jam tutup."
    return None


def _has_hours(hall: Hall, starts_on: dt.date, ends_on: dt.date) -> bool:
    weekdays = {row.weekday for row in hall.hours}
    days = (starts_on + dt.timedelta(days=step) for step in range(min(7, (ends_on - starts_on).days + 1)))
    return any(day.isoweekday() in weekdays for day in days)


def _week(hall: Hall) -> list[tuple[Any, ...]]:
    rows = sorted(hall.hours, key=lambda row: row.weekday)
    return [(row.weekday, row.opens, row.closes, row.break_starts, row.break_ends) for row in rows]


def _plain_week(week: list[tuple[Any, ...]]) -> dict[str, list[str]]:
    return {str(weekday): [f"{time:%H:%M}" for time in times if time] for weekday, *times in week}


def _change(row: Hall | AgencyPresence, values: Mapping[str, Any]) -> dict[str, Any]:
    """Set what differs; return what it was and what it is."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    before = {name: _plain(getattr(row, name)) for name in changed}
    for name, value in changed.items():
        setattr(row, name, value)
    return (
        {"before": before, "after": {name: _plain(value) for name, value in changed.items()}}
        if changed
        else {}
    )


def _plain(value: object) -> object:
    return (
        f"{value:%H:%M}"
        if isinstance(value, dt.time)
        else f"{value}"
        if isinstance(value, dt.date)
        else value
    )


def _free_slug(session: Session, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "gedung"
    taken = set(session.scalars(select(Hall.slug).where(Hall.slug.startswith(base))))
    return next(
        slug for slug in [base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))] if slug not in taken
    )


def _public(session: Session, action: str, subject: str, data: dict[str, Any]) -> None:
    audit.record(session, action=action, subject=subject, data=data)
    touch(session)
