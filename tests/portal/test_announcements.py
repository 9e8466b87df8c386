"""Announcements: their days, their rules, and the trace they leave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from mpp.audit import AuditEntry
from mpp.database.session import read, serve
from mpp.tenancy.models import ContentState
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.portal import announcements
from tenants.portal.announcements import Notice, Showing, showing
from tenants.portal.errors import InvalidContentError, UnknownAnnouncementError
from tenants.portal.models import Announcement

TODAY = dt.date(2026, 8, 17)
NOTICE = Notice("MPP tutup", "Buka lagi Selasa.", "info", TODAY, TODAY)
DAY = dt.timedelta(days=1)


@pytest.fixture
def inside(app: Platform, bukittinggi: Region) -> Iterator[None]:
    with app.app_context(), serve(bukittinggi):
        yield


def version() -> int:
    with read() as session:
        session.rollback()
        return session.scalars(select(ContentState.version)).one()


@pytest.mark.parametrize(
    ("starts", "ends", "published", "expected"),
    [
        (TODAY, TODAY, True, Showing.NOW),
        (TODAY - DAY, None, True, Showing.NOW),
        (TODAY + DAY, None, True, Showing.SCHEDULED),
        (TODAY - 2 * DAY, TODAY - DAY, True, Showing.OVER),
        (TODAY, TODAY, False, Showing.HIDDEN),
    ],
)
def test_where_it_stands(starts: dt.date, ends: dt.date | None, published: bool, expected: Showing) -> None:
    assert showing(Announcement(starts_on=starts, ends_on=ends, published=published), TODAY) is expected


def test_every_write_touches_the_content_and_is_written_down(inside: None) -> None:
    seen = [version()]
    found = announcements.add(NOTICE)
    seen.append(version())
    announcements.change(found.id, replace(NOTICE, title="MPP tutup sehari"))
    seen.append(version())
    assert announcements.remove(found.id) == "MPP tutup sehari"
    seen.append(version())
    assert seen == sorted(set(seen))
    with read() as session:
        acts = session.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.subject == f"announcement:{found.id}")
            .order_by(AuditEntry.id)
        ).all()
    assert acts == ["announcement.add", "announcement.change", "announcement.remove"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "  "), ("title", "x" * 121), ("body", ""), ("body", "x" * 2001), ("kind", "iklan"),
        ("ends_on", TODAY - DAY), ("hall_id", 999), ("title_en", "Closed"),
    ],
)  # fmt: skip
def test_what_can_not_be_kept_gets_a_sentence(inside: None, field: str, value: object) -> None:
    with pytest.raises(InvalidContentError) as refused:
        announcements.add(replace(NOTICE, **{field: value}))  # type: ignore[arg-type]  # wrong on purpose
    assert list(refused.value.problems) == ["body_en" if field == "title_en" else field]


def test_an_example_that_a_person_changes_is_one_no_more(inside: None) -> None:
    found = announcements.add(NOTICE)
    found.example = True
    assert not announcements.change(found.id, NOTICE).example


def test_an_announcement_of_the_neighbour_does_not_exist_here(
    app: Platform, bukittinggi: Region, banyuwangi: Region
) -> None:
    with app.app_context():
        with serve(banyuwangi):
            number = [announcements.add(NOTICE).id for _ in range(5)][-1]
        with serve(bukittinggi):
            for act in (announcements.announcement, announcements.remove):
                with pytest.raises(UnknownAnnouncementError):
                    act(number)
