"""Versions of the portal's face: one published, one draft at most, and a way back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from mpp.audit import AuditEntry
from mpp.database.session import read, serve
from mpp.tenancy.models import ContentState
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.portal import branding
from tenants.portal.errors import (
    ImageRefusedError,
    InvalidContentError,
    NoDraftError,
    NothingChangedError,
    StaleDraftError,
    UnknownVersionError,
)
from tenants.portal.models import Asset, PortalVersion


@pytest.fixture
def inside(app: Platform, bukittinggi: Region) -> Iterator[None]:
    with app.app_context(), serve(bukittinggi):
        yield


def save(**fields: Any) -> PortalVersion | None:
    desk = branding.desk()
    return branding.save_draft({**desk.content, **fields}, desk.seen)


def states() -> list[tuple[int, str]]:
    with read() as session:
        rows = session.execute(
            select(PortalVersion.number, PortalVersion.state).order_by(PortalVersion.number)
        )
        return [(number, state) for number, state in rows]


def version() -> int:
    with read() as session:
        session.rollback()
        return session.scalars(select(ContentState.version)).one()


def acts() -> list[tuple[str, str]]:
    with read() as session:
        rows = session.execute(
            select(AuditEntry.action, AuditEntry.subject)
            .where(AuditEntry.action.like("portal.%"))
            .order_by(AuditEntry.id)
        )
        return [(action, subject) for action, subject in rows]


def png(colour: str = "#9b1c2e") -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (64, 64), colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_draft_shows_nothing_until_it_is_published(inside: None) -> None:
    before = version()
    save(name="MPP Jam Gadang")
    save(tagline="Baru")
    assert states() == [(1, "published"), (2, "draft")]
    assert version() == before
    published = branding.publish("Nama baru")
    assert states() == [(1, "archived"), (2, "published")]
    assert version() > before
    assert published.content["name"] == "MPP Jam Gadang"
    assert published.published_at is not None and published.note == "Nama baru"
    assert [action for action, _ in acts()] == ["portal.save_draft", "portal.save_draft", "portal.publish"]
    assert {subject for _, subject in acts()} == {"portal_version:2"}


def test_saving_what_is_there_already_writes_nothing(inside: None) -> None:
    assert save() is None
    assert states() == [(1, "published")]
    assert acts() == []


def test_nothing_to_publish(inside: None) -> None:
    with pytest.raises(NoDraftError):
        branding.publish()
    name = branding.desk().content["name"]
    save(name="Lain")
    save(name=name)
    with pytest.raises(NothingChangedError):
        branding.publish()


def test_a_draft_can_be_thrown_away(inside: None) -> None:
    save(name="Salah")
    branding.discard_draft()
    assert states() == [(1, "published")]
    assert branding.desk().content["name"] != "Salah"
    with pytest.raises(NoDraftError):
        branding.discard_draft()


def test_an_earlier_version_comes_back_as_a_draft(inside: None) -> None:
    original = branding.desk().content
    save(name="Dua")
    branding.publish()
    save(name="Tiga yang belum terbit")
    draft = branding.restore(1)
    assert draft.content == original and draft.restored_from == 1
    assert states() == [(1, "archived"), (2, "published"), (3, "draft")]
    branding.publish()
    assert states() == [(1, "archived"), (2, "archived"), (3, "published")]
    assert branding.desk().content == original
    for unknown in (9, 0, -1):
        with pytest.raises(UnknownVersionError):
            branding.restore(unknown)


def test_a_draft_is_no_version_to_restore(inside: None) -> None:
    save(name="Dua")
    with pytest.raises(UnknownVersionError):
        branding.restore(2)


def test_the_history_says_who_when_why_and_what(inside: None) -> None:
    save(name="Dua", contact={"phone": "112"})
    branding.publish("Nomor darurat")
    save(color_1="#123456")
    newest, second, first = branding.history()
    assert (newest.version.state, newest.changed) == ("draft", ["Warna utama"])
    assert (second.version.note, second.changed) == ("Nomor darurat", ["Nama portal", "Alamat", "Telepon"])
    assert first.changed == [] and first.version.created_by == "data awal"


def test_what_somebody_else_saved_is_not_overwritten_unseen(inside: None) -> None:
    desk = branding.desk()
    save(name="Dari rekan")
    with pytest.raises(StaleDraftError, match="sudah diubah"):
        branding.save_draft({**desk.content, "name": "Dari saya"}, desk.seen)
    assert branding.desk().content["name"] == "Dari rekan"
    with pytest.raises(StaleDraftError):
        branding.publish(seen=desk.seen)


def test_text_that_can_not_be_read_is_not_published(inside: None) -> None:
    save(color_1="#777777")
    with pytest.raises(InvalidContentError) as refused:
        branding.publish()
    assert "#767676" in refused.value.problems["color_1"]
    assert states() == [(1, "published"), (2, "draft")]


def test_a_logo_is_kept_once_and_stays_with_its_version(inside: None) -> None:
    desk = branding.desk()
    first = branding.save_draft(desk.content, desk.seen, logo=png())
    assert first is not None
    sha256 = first.content["logo"]
    branding.publish()
    save(logo=None)
    desk = branding.desk()
    again = branding.save_draft(desk.content, desk.seen, logo=png())
    assert again is not None and again.content["logo"] == sha256
    with read() as session:
        asset = session.get(Asset, sha256)
        assert session.scalar(select(func.count()).select_from(Asset)) == 1
    assert asset is not None and asset.content_type == "image/webp" and len(asset.content) <= 30720


def test_a_refused_logo_leaves_everything_as_it_was(inside: None) -> None:
    desk = branding.desk()
    with pytest.raises(ImageRefusedError):
        branding.save_draft({**desk.content, "name": "Lain"}, desk.seen, logo=b"<svg/>")
    assert states() == [(1, "published")]


def test_a_logo_of_another_region_is_unknown_here(
    app: Platform, bukittinggi: Region, banyuwangi: Region
) -> None:
    with app.app_context():
        with serve(banyuwangi):
            desk = branding.desk()
            draft = branding.save_draft(desk.content, desk.seen, logo=png("#00767f"))
            assert draft is not None
            sha256 = draft.content["logo"]
        with serve(bukittinggi), pytest.raises(InvalidContentError, match="Logo"):
            save(logo=sha256)


def test_many_at_once_leave_one_published_and_one_draft_at_most(app: Platform, bukittinggi: Region) -> None:
    done: list[str] = []
    start = threading.Barrier(8)

    def work(number: int) -> None:
        with app.app_context(), serve(bukittinggi):
            desk = branding.desk()
            start.wait()
            try:
                branding.save_draft({**desk.content, "name": f"MPP {number}"}, desk.seen)
                branding.publish()
                done.append("published")
            except (StaleDraftError, NoDraftError, NothingChangedError) as error:
                done.append(type(error).__name__)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context(), serve(bukittinggi):
        found = states()
        assert len(done) == 8 and "published" in done
        assert [state for _, state in found].count("published") == 1
        assert [state for _, state in found].count("draft") == 0
        assert [number for number, _ in found] == list(range(1, len(found) + 1))
