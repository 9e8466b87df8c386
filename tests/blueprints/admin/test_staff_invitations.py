"""Invitations and resets by link: once, three days, one region, and no password an admin ever sees."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pyotp
import pytest

from mpp.accounts.models import Staff
from mpp.accounts.proof_models import StaffLink
from mpp.audit import AuditEntry
from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import PASSWORD, Browser, Page
from tests.support.forms import complaint, save, shown
from tests.support.hall import at

Browse = Callable[..., Browser]
NEW = "/admin/petugas/undang"
EMAIL = "uji@kota.contoh"
CHOSEN = "empat kata yang panjang"


def path_on(page: Page) -> str:
    """The path of the link that an answer shows."""
    found = re.search(r"http://bukittinggi\.localhost(/tautan/[A-Za-z0-9_-]{43})<", page.text)
    assert found, page.words()
    return found[1]


def invite(admin: Browser, role: str = "officer", **place: str) -> str:
    page = save(admin, NEW, email=EMAIL, role=role, **place)
    assert page.status == 200 and "Hanya tampil sekali" in page.words()
    return path_on(page)


def take(browser: Browser, path: str, name: str = "Petugas Uji", password: str = CHOSEN) -> Page:
    page = browser.get(path)
    assert page.location == "/tautan"
    form = {"name": name} if browser.get("/tautan").all("input", name="name") else {}
    return browser.submit("/tautan", "/tautan", new=password, again=password, **form)


def test_an_invited_colleague_chooses_name_and_password(
    admin: Browser, browse: Browse, logged: Callable[[str], list[AuditEntry]]
) -> None:
    path = invite(admin)
    assert (
        "belum dipakai" in admin.get("/admin/petugas").words()
        and EMAIL in admin.get("/admin/petugas").words()
    )
    colleague = browse("bukittinggi")
    assert (take(colleague, path).location or "").startswith("/loket")
    assert "Petugas Uji" in colleague.get("/akun-saya").words()
    browse("bukittinggi").sign_in(EMAIL, CHOSEN)
    # Once: the same link is nothing now.
    again = browse("bukittinggi")
    again.get(path)
    assert again.get("/tautan").status == 410
    token = path.rpartition("/")[2]
    entries = logged("staff.invite") + logged("staff.join")
    assert len(entries) == 2 and not any(token in str(entry.data) for entry in entries)
    assert token not in admin.get("/admin/petugas").text
    assert "mengundang" in admin.get("/admin/catatan").words()


def test_an_invited_admin_sets_up_the_second_factor_before_anything_else(
    admin: Browser, browse: Browse
) -> None:
    colleague = browse("bukittinggi")
    assert take(colleague, invite(admin, "admin")).location == "/masuk/pasang"
    assert colleague.get("/admin").status == 302
    secret = "".join(colleague.get("/masuk/pasang").all("code")[0].itertext()).replace(" ", "")
    page = colleague.submit("/masuk/pasang", "/masuk/pasang", code=pyotp.TOTP(secret).now())
    assert page.status == 200 and colleague.get("/admin").status == 200


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"email": "bukan surel"}, "email", "Tulis surel yang lengkap"),
        ({"email": ""}, "email", "Tulis surel petugas."),
        ({"email": "Petugas@bukittinggi.contoh"}, "email", "sudah dipakai"),
        ({"role": "raja"}, "role-0", ""),
        ({"role": "agency_officer"}, "agency", "Pilih instansi"),
        ({"hall": "999999"}, "hall", "Pilih dari daftar."),
    ],
)
def test_a_wrong_invitation_is_named(
    admin: Browser, changes: dict[str, str], field: str, sentence: str
) -> None:
    page = save(admin, NEW, **{"email": EMAIL, "role": "officer", **changes})
    assert page.status == 422
    assert complaint(page, field) and sentence in complaint(page, field)
    assert shown(page, "email") == changes.get("email", EMAIL)


def test_withdrawn_replaced_and_old_links_are_dead(
    app: Platform, bukittinggi: Region, admin: Browser, browse: Browse
) -> None:
    first = invite(admin)
    second = invite(admin)
    third = path_on(admin.submit("/admin/petugas", "/kirim-ulang"))
    for dead in (first, second):
        visitor = browse("bukittinggi")
        visitor.get(dead)
        assert visitor.get("/tautan").status == 410
    with at(app, bukittinggi), write() as session:
        link = session.query(StaffLink).filter_by(ended_at=None).one()
        assert link.expires_at - link.created_at < dt.timedelta(hours=72, minutes=1)
        link.expires_at = dt.datetime.now(tz=dt.UTC)
    visitor = browse("bukittinggi")
    visitor.get(third)
    assert visitor.get("/tautan").status == 410
    assert "kedaluwarsa" in admin.get("/admin/petugas").words()
    fourth = path_on(admin.submit("/admin/petugas", "/kirim-ulang"))
    assert admin.submit("/admin/petugas", "/batalkan").status == 302
    visitor.get(fourth)
    assert visitor.get("/tautan").status == 410


def test_a_link_of_one_region_is_noise_at_its_neighbour(
    admin: Browser, browse: Browse, banyuwangi: Region
) -> None:
    path = invite(admin)
    neighbour = browse("banyuwangi")
    neighbour.get(path)
    assert neighbour.get("/tautan").status == 410
    assert take(browse("bukittinggi"), path).status == 302


def test_what_is_kept_of_a_link_opens_nothing(
    app: Platform, bukittinggi: Region, admin: Browser, browse: Browse
) -> None:
    path = invite(admin)
    with at(app, bukittinggi), read() as session:
        kept = session.query(StaffLink).one()
        assert path.rpartition("/")[2].encode() not in kept.token_hash
        digest = kept.token_hash.hex()[:43]
    visitor = browse("bukittinggi")
    visitor.get(f"/tautan/{digest}")
    assert visitor.get("/tautan").status == 410


def test_two_who_hold_one_link(app: Platform, bukittinggi: Region, admin: Browser) -> None:
    from mpp.accounts.links import DeadLinkError, accept
    from tests.support.hall import together

    token = invite(admin).rpartition("/")[2]

    def use() -> bool:
        try:
            accept(token, "Satu Dua", CHOSEN)
        except DeadLinkError:
            return False
        return True

    assert sorted(together(app, bukittinggi, [use] * 3)) == [False, False, True]


def test_a_weak_password_is_refused_and_the_link_lives(admin: Browser, browse: Browse) -> None:
    visitor = browse("bukittinggi")
    path = invite(admin)
    for weak in ("pendek", EMAIL, "aaaaaaaaaaaaaaaa", "bukittinggi 123456", "rahasiarahasiarahasia"):
        page = take(visitor, path, password=weak)
        assert page.status == 422 and weak not in page.words().replace(EMAIL, "" if weak == EMAIL else EMAIL)
    assert take(visitor, path, name=" ").status == 422
    assert take(visitor, path).status == 302


def test_a_reset_by_link_changes_the_password_when_it_is_used(
    app: Platform,
    bukittinggi: Region,
    admin: Browser,
    browse: Browse,
    logged: Callable[[str], list[AuditEntry]],
) -> None:
    with at(app, bukittinggi), read() as session:
        key = session.query(Staff).filter_by(email="petugas@bukittinggi.contoh").one().id
    path = path_on(admin.submit(f"/admin/petugas/{key}", f"{key}/tautan"))
    officer = browse("bukittinggi", as_="petugas")
    assert (take(browse("bukittinggi"), path).location or "").startswith("/loket")
    # Every session before it is over, the old password too.
    assert officer.get("/akun-saya").status == 302
    with pytest.raises(AssertionError):
        browse("bukittinggi", as_="petugas")
    browse("bukittinggi").sign_in("petugas@bukittinggi.contoh", CHOSEN)
    assert len(logged("staff.reset_link")) == len(logged("staff.reset_done")) == 1


def test_a_reset_does_not_get_around_the_second_factor(
    app: Platform, bukittinggi: Region, admin: Browser, browse: Browse
) -> None:
    from tests.support.staff import add_admin

    key = add_admin(app, bukittinggi, "kedua@bukittinggi.contoh")
    path = path_on(admin.submit(f"/admin/petugas/{key}", f"{key}/tautan"))
    visitor = browse("bukittinggi")
    assert take(visitor, path).location == "/masuk/kode"
    assert visitor.get("/admin").status == 302
    assert PASSWORD not in visitor.get("/masuk/kode").text


def second_admin(app: Platform, region: Region, browse: Browse) -> tuple[Browser, int]:
    """Another admin at work, who is about to leave, and the person's id."""
    from tests.support.staff import add_admin

    key = add_admin(app, region, "pergi@bukittinggi.contoh")
    return browse("bukittinggi", as_="pergi@bukittinggi.contoh"), key


@pytest.mark.parametrize("how", ["shut out", "another role"])
def test_who_leaves_keeps_no_way_back_by_links_made_before(
    app: Platform, bukittinggi: Region, admin: Browser, browse: Browse, how: str
) -> None:
    leaver, key = second_admin(app, bukittinggi, browse)
    with at(app, bukittinggi), read() as session:
        colleague = session.query(Staff).filter_by(email="petugas@bukittinggi.contoh").one().id
    back = invite(leaver, "admin")
    reset = path_on(leaver.submit(f"/admin/petugas/{colleague}", f"{colleague}/tautan"))
    if how == "shut out":
        assert admin.submit(f"/admin/petugas/{key}", "/nonaktifkan").status == 302
    else:
        assert save(admin, f"/admin/petugas/{key}", role="reader").location == "/admin/petugas"
    for path in (back, reset):
        visitor = browse("bukittinggi")
        visitor.get(path)
        assert visitor.get("/tautan").status == 410
    assert EMAIL not in admin.get("/admin/petugas").words()


@pytest.mark.parametrize("news", [{"active": False}, {"role": "officer"}, {"hall_id": 1}])
def test_a_link_asks_whether_its_maker_still_may(
    app: Platform, bukittinggi: Region, browse: Browse, news: dict[str, object]
) -> None:
    """Also one that was made while its maker was just being shut out, and that nobody could end."""
    leaver, key = second_admin(app, bukittinggi, browse)
    path = invite(leaver, "admin")
    visitor = browse("bukittinggi")
    visitor.get(path)
    assert visitor.get("/tautan").status == 200
    with at(app, bukittinggi), write() as session:
        session.query(Staff).filter_by(id=key).update(news)
    page = visitor.post("/tautan", {"name": "Uji Lagi", "new": CHOSEN, "again": CHOSEN})
    assert page.status == 410


def test_a_colleague_may_send_a_leavers_link_again(
    app: Platform, bukittinggi: Region, admin: Browser, browse: Browse
) -> None:
    leaver, key = second_admin(app, bukittinggi, browse)
    invite(leaver)
    again = path_on(admin.submit("/admin/petugas", "/kirim-ulang"))
    assert admin.submit(f"/admin/petugas/{key}", "/nonaktifkan").status == 302
    assert take(browse("bukittinggi"), again).status == 302
