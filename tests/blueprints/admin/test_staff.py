"""Staff: added, changed, shut out; nobody locks themselves or everybody out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from mpp.accounts.models import Staff
from mpp.audit import AuditEntry
from mpp.database.session import write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Counter
from tests.blueprints.admin.conftest import Look
from tests.support.client import PASSWORD, Browser, Page
from tests.support.forms import complaint, save, shown, values
from tests.support.hall import at

Logged = Callable[[str], list[AuditEntry]]
NEW = "/admin/petugas/tambah"
PATTERN = re.compile(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){2}")


def password_on(page: Page) -> str:
    """The password that an answer shows."""
    texts = ["".join(element.itertext()).strip() for element in page.all("dd")]
    return next(text for text in texts if PATTERN.fullmatch(text))


@pytest.fixture
def who(look: Look[int]) -> Callable[[str], int]:
    """The id of a member of the cast."""
    return lambda name: look(
        lambda session: session.query(Staff).filter_by(email=f"{name}@bukittinggi.contoh").one().id
    )


def test_a_new_officer_signs_in_with_the_password_shown_once(
    admin: Browser, browse: Callable[..., Browser], logged: Logged
) -> None:
    page = save(admin, NEW, name="Petugas Uji", email="Uji@Kota.contoh", role="receptionist")
    assert page.status == 200 and "Hanya tampil sekali" in page.words()
    password = password_on(page)
    browse("bukittinggi").sign_in("uji@kota.contoh", password)
    assert password not in admin.get("/admin/petugas").text
    (entry,) = logged("staff.create")
    assert entry.data == {"role": "receptionist"} and password not in str(entry.data)
    again = save(admin, NEW, name="Orang Lain", email="uji@kota.contoh", role="officer")
    assert again.status == 422 and "sudah dipakai" in complaint(again, "email")


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"name": " "}, "name", "Tulis nama petugas."),
        ({"email": "bukan surel"}, "email", "Tulis surel yang lengkap"),
        ({"email": ""}, "email", "Tulis surel petugas."),
        ({"role": "raja"}, "role-0", ""),
    ],
)
def test_wrong_staff_is_named(admin: Browser, changes: dict[str, str], field: str, sentence: str) -> None:
    page = save(admin, NEW, **{"name": "Uji", "email": "uji@kota.contoh", "role": "officer", **changes})
    assert page.status == 422
    assert complaint(page, field) and sentence in complaint(page, field)
    assert shown(page, "email") == changes.get("email", "uji@kota.contoh")


def test_a_new_role_ends_open_sessions(
    admin: Browser, browse: Callable[..., Browser], who: Callable[[str], int], logged: Logged
) -> None:
    officer = browse("bukittinggi", as_="petugas")
    assert officer.get("/akun-saya").status == 200
    page = save(admin, f"/admin/petugas/{who('petugas')}", role="receptionist")
    assert page.location == "/admin/petugas"
    assert officer.get("/akun-saya").status == 302
    change = logged("staff.edit")[0].data
    assert (change["before"], change["after"]) == ({"role": "officer"}, {"role": "receptionist"})


def test_who_is_shut_out_is_out_at_once_and_leaves_the_counter(
    app: Platform, bukittinggi: Region, admin: Browser, browse: Callable[..., Browser],
    who: Callable[[str], int], look: Look[Counter], logged: Logged,
) -> None:  # fmt: skip
    with at(app, bukittinggi), write() as session:
        session.query(Counter).filter_by(number=1).one().officer_id = who("petugas")
    officer = browse("bukittinggi", as_="petugas")
    page = admin.submit(f"/admin/petugas/{who('petugas')}", "/nonaktifkan")
    assert page.status == 302 and officer.get("/akun-saya").status == 302
    counter = look(lambda session: session.query(Counter).filter_by(number=1).one())
    assert counter.officer_id is None and counter.state == "closed"
    with pytest.raises(AssertionError):
        browse("bukittinggi", as_="petugas")
    assert admin.submit(f"/admin/petugas/{who('petugas')}", "/aktifkan").status == 302
    browse("bukittinggi", as_="petugas")
    assert (
        len(logged("counter.freed"))
        == len(logged("staff.deactivate"))
        == len(logged("staff.reactivate"))
        == 1
    )


def test_nobody_shuts_themselves_out(admin: Browser, who: Callable[[str], int], logged: Logged) -> None:
    own = f"/admin/petugas/{who('admin')}"
    page = save(admin, own, role="officer")
    assert page.status == 422 and "Anda sendiri" in complaint(page, "role-0")
    assert admin.post(f"{own}/nonaktifkan").status == 302
    assert "Anda sendiri" in admin.get(own).words()
    assert not logged("staff.deactivate") and admin.get("/admin").status == 200
    assert admin.post(f"{own}/sandi").location == "/akun-saya"


def test_the_last_admin_stays(
    app: Platform, bukittinggi: Region, admin: Browser, browse: Callable[..., Browser], who: Callable[[str], int]
) -> None:  # fmt: skip
    """Two admins: each may put the other out, and then the one left can't be."""
    officer = f"/admin/petugas/{who('petugas')}"
    assert save(admin, officer, role="admin").status == 302
    second = browse("bukittinggi", as_="petugas")
    assert second.submit(f"/admin/petugas/{who('admin')}", "/nonaktifkan").status == 302
    assert admin.get("/admin").status == 302
    page = save(second, officer, role="officer")
    assert page.status == 422


def test_two_admins_demoting_each_other_leave_one(app: Platform, bukittinggi: Region) -> None:
    from mpp.accounts.models import Role
    from mpp.accounts.staff import StaffError, create_staff, mark
    from tenants.operations.officers import edit
    from tests.support.hall import together

    with at(app, bukittinggi):
        one, _ = create_staff("Satu", "satu@kota.contoh", Role.ADMIN)
        two, _ = create_staff("Dua", "dua@kota.contoh", Role.ADMIN)
        with write() as session:
            session.query(Staff).filter(Staff.email.like("admin@%")).update({"active": False})
        marks = {person.id: mark(person) for person in (one, two)}

    def demote(target: Staff, by: Staff) -> bool:
        try:
            edit(target.id, name=target.name, role=Role.OFFICER, seen=marks[target.id], by=by.id)
        except StaffError:
            return False
        return True

    done = together(app, bukittinggi, [lambda: demote(one, two), lambda: demote(two, one)])
    assert sorted(done) == [False, True]


def test_a_new_password_opens_the_lock(
    admin: Browser, browse: Callable[..., Browser], who: Callable[[str], int], logged: Logged
) -> None:
    stranger = browse("bukittinggi")
    for _try in range(5):
        stranger.submit("/masuk", "/masuk", email="petugas@bukittinggi.contoh", password="salah")
    page = admin.submit(f"/admin/petugas/{who('petugas')}", "/sandi")
    password = password_on(page)
    browse("bukittinggi").sign_in("petugas@bukittinggi.contoh", password)
    with pytest.raises(AssertionError):
        browse("bukittinggi").sign_in("petugas@bukittinggi.contoh", PASSWORD)
    assert len(logged("staff.reset_password")) == 1


def test_two_admins_and_one_person(
    admin: Browser, browse: Callable[..., Browser], who: Callable[[str], int]
) -> None:
    path = f"/admin/petugas/{who('petugas')}"
    other = browse("bukittinggi", as_="admin")
    old = values(other.get(path), path)
    save(admin, path, name="Nama Pertama")
    page = other.post(path, old | {"name": "Nama Kedua"})
    assert page.status == 422 and "Orang lain mengubah data ini" in page.words()
