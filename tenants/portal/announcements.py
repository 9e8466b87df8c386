"""Announcements on the portal and in the hall, each within its days."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.database.session import read, write
from mpp.tenancy import content as public_content
from mpp.tenancy.region import current_region
from tenants.hall.models import Hall
from tenants.portal.content import tidy
from tenants.portal.errors import InvalidContentError, UnknownAnnouncementError
from tenants.portal.models import Announcement

KINDS = {"info": "Biasa", "important": "Penting"}
MOST_TITLE, MOST_BODY = 120, 2000


@dataclass(frozen=True, slots=True)
class Notice:
    """What an administrator writes. `ends_on` None: until it is taken down; `hall_id` None: every hall.

    Days are the region's own, both included.
    """

    title: str
    body: str
    kind: str
    starts_on: dt.date
    ends_on: dt.date | None = None
    hall_id: int | None = None
    published: bool = True
    title_en: str = ""
    body_en: str = ""


class Showing(enum.Enum):
    """Where an announcement stands on a day."""

    NOW = "now"
    SCHEDULED = "scheduled"
    OVER = "over"
    HIDDEN = "hidden"


def showing(announcement: Announcement, today: dt.date) -> Showing:
    """Return where `announcement` stands on `today` (the region's day)."""
    if not announcement.published:
        return Showing.HIDDEN
    if announcement.starts_on > today:
        return Showing.SCHEDULED
    if announcement.ends_on is not None and announcement.ends_on < today:
        return Showing.OVER
    return Showing.NOW


def every_announcement() -> Sequence[tuple[Announcement, str | None]]:
    """Return all announcements with the name of their hall, the latest days first."""
    query = (
        select(Announcement, Hall.name)
        .outerjoin(Hall, Hall.id == Announcement.hall_id)
        .order_by(Announcement.starts_on.desc(), Announcement.id.desc())
    )
    with read() as session:
        return [(announcement, hall) for announcement, hall in session.execute(query)]


def announcement(number: int) -> Announcement:
    """Return one announcement. Raises UnknownAnnouncementError."""
    with read() as session:
        return _one(session, number)


def halls() -> Sequence[tuple[int, str]]:
    """Return the halls in use as (id, name)."""
    with read() as session:
        rows = session.execute(select(Hall.id, Hall.name).where(Hall.active).order_by(Hall.name))
        return [(number, name) for number, name in rows]


def add(notice: Notice) -> Announcement:
    """Keep a new announcement; the portal shows it from the next request on, within its days.

    Raises InvalidContentError.
    """
    with write() as session:
        checked = _check(session, notice)
        found = Announcement(created_by=audit.actor.get().name)
        _fill(found, checked)
        session.add(found)
        session.flush()
        _tell(session, "announcement.add", found)
        return found


def change(number: int, notice: Notice) -> Announcement:
    """Change an announcement. Raises UnknownAnnouncementError, InvalidContentError."""
    with write() as session:
        found = _one(session, number)
        _fill(found, _check(session, notice))
        _tell(session, "announcement.change", found)
        return found


def remove(number: int) -> str:
    """Delete an announcement and return its title. Raises UnknownAnnouncementError."""
    with write() as session:
        found = _one(session, number)
        title = found.title
        _tell(session, "announcement.remove", found)
        session.delete(found)
        return title


def _one(session: Session, number: int) -> Announcement:
    found = session.get(Announcement, number)
    if found is None:
        raise UnknownAnnouncementError
    return found


def _check(session: Session, notice: Notice) -> Notice:
    notice = replace(
        notice,
        title=tidy(notice.title),
        body=tidy(notice.body, lines=True),
        title_en=tidy(notice.title_en),
        body_en=tidy(notice.body_en, lines=True),
    )
    problems = _check_words(notice)
    if notice.kind not in KINDS:
        problems["kind"] = "Pilih biasa atau penting."
    if notice.ends_on is not None and notice.ends_on < notice.starts_on:
        problems["ends_on"] = "Hari terakhir tidak boleh sebelum hari pertama."
    if notice.hall_id is not None and session.get(Hall, notice.hall_id) is None:
        problems["hall_id"] = "Pilih gedung dari daftar."
    if problems:
        raise InvalidContentError(problems)
    return notice


def _check_words(notice: Notice) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not notice.title:
        problems["title"] = "Isi judul pengumuman."
    if not notice.body:
        problems["body"] = "Isi pengumumannya."
    for key, most in (
        ("title", MOST_TITLE),
        ("body", MOST_BODY),
        ("title_en", MOST_TITLE),
        ("body_en", MOST_BODY),
    ):
        length = len(getattr(notice, key))
        if length > most:
            what = "Judul" if key.startswith("title") else "Isi"
            problems[key] = f"{what} paling panjang {most} huruf; sekarang {length}."
    if bool(notice.title_en) != bool(notice.body_en):
        missing = "body_en" if notice.title_en else "title_en"
        problems[missing] = "Isi judul dan isinya dalam bahasa Inggris, atau kosongkan keduanya."
    return problems


def _fill(found: Announcement, notice: Notice) -> None:
    found.title, found.body, found.kind = notice.title, notice.body, notice.kind
    found.starts_on, found.ends_on = notice.starts_on, notice.ends_on
    found.hall_id, found.published = notice.hall_id, notice.published
    found.title_en, found.body_en = notice.title_en or None, notice.body_en or None
    # What a person of the region has written is an example no more.
    found.example = False


def _tell(session: Session, action: str, found: Announcement) -> None:
    public_content.touch(session)
    audit.record(
        session,
        action=action,
        subject=f"announcement:{found.id}",
        data={
            "title": found.title,
            "kind": found.kind,
            "showing": showing(found, current_region().today()).value,
        },
    )
