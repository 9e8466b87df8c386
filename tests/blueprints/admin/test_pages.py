"""Every page of the administrator opens, for admins of this region alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mpp.database.session import read, serve
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.hall.models import Counter, Hall
from tests.support.client import Browser

PAGES = [
    "/admin", "/admin/layanan", "/admin/layanan?tampil=perubahan", "/admin/layanan/paspor",
    "/admin/layanan/paspor/perubahan", "/admin/gedung", "/admin/gedung/tambah", "/admin/gedung/1",
    "/admin/gedung/1/ubah", "/admin/gedung/1/jam", "/admin/gedung/1/hari-khusus",
    "/admin/gedung/1/instansi/tambah", "/admin/gedung/1/instansi/imigrasi", "/admin/gedung/1/loket/tambah",
    "/admin/loket/1", "/admin/petugas", "/admin/petugas/undang", "/admin/petugas/1", "/admin/catatan",
    "/akun-saya",
]  # fmt: skip
UNKNOWN = [
    "/admin/layanan/tidak-ada", "/admin/gedung/999", "/admin/gedung/99999999999999999999999",
    "/admin/gedung/1/instansi/tidak-ada", "/admin/loket/999", "/admin/petugas/999", "/admin/gedung/-1",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_an_admin_sees_the_page(browse: Callable[..., Browser], path: str) -> None:
    page = browse("bukittinggi", as_="admin").get(path)
    assert page.status == 200, page.text[:300]


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_thing_is_no_page(browse: Callable[..., Browser], path: str) -> None:
    assert browse("bukittinggi", as_="admin").get(path).status == 404


def test_an_officer_and_a_stranger_stay_outside(browse: Callable[..., Browser]) -> None:
    officer, stranger = browse("bukittinggi", as_="petugas"), browse("bukittinggi")
    for path in PAGES[:-1]:
        assert officer.get(path).status == 403, path
        page = stranger.get(path)
        assert page.status == 302 and "/masuk" in (page.location or ""), path
    assert officer.get("/akun-saya").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/admin/layanan/paspor", "/admin/layanan/paspor/nonaktifkan", "/admin/layanan/paspor/perubahan/terima",
        "/admin/gedung/tambah", "/admin/gedung/1/jam", "/admin/gedung/1/hari-khusus", "/admin/loket/1",
        "/admin/loket/1/jeda", "/admin/loket/1/pensiunkan", "/admin/petugas/undang", "/admin/petugas/1/nonaktifkan",
    ],
)  # fmt: skip
def test_an_officer_changes_nothing(browse: Callable[..., Browser], path: str) -> None:
    assert browse("bukittinggi", as_="petugas").post(path, {"name": "x"}).status == 403
    assert browse("bukittinggi").post(path, {"name": "x"}).status == 401
    assert browse("bukittinggi", as_="admin").post(path, {"name": "x"}, csrf=False).status == 400


def test_ids_of_the_neighbour_are_unknown_here(
    app: Platform, browse: Callable[..., Browser], banyuwangi: Region, bukittinggi: Region
) -> None:
    """A hall and a counter that exist only at the neighbour: a second hall there, with a high id."""
    neighbour = browse("banyuwangi", as_="admin")
    for number in range(3):
        page = neighbour.submit("/admin/gedung/tambah", name=f"Gedung {number}", address="Jalan Contoh")
        assert page.status == 302
    with app.app_context(), serve(banyuwangi), read() as session:
        theirs = max(hall.id for hall in session.query(Hall))
    with app.app_context(), serve(bukittinggi), read() as session:
        assert session.get(Hall, theirs) is None
        most = max(counter.id for counter in session.query(Counter))
    admin = browse("bukittinggi", as_="admin")
    assert admin.get(f"/admin/gedung/{theirs}").status == 404
    assert admin.post(f"/admin/gedung/{theirs}/jam", {}).status == 404
    assert admin.post(f"/admin/gedung/{theirs}/hari-khusus/1/hapus", {}).status == 404
    assert admin.post(f"/admin/loket/{most + 1}/tutup", {}).status == 404
    assert admin.post("/admin/petugas/999/nonaktifkan", {}).status == 404
