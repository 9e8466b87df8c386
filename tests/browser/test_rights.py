"""The pages of one's own data as people see them: narrow and wide, with somebody's things in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from mpp.accounts.models import CentralStaff
from mpp.citizens.models import Citizen
from mpp.crypto.types import same
from mpp.database.session import central_write
from mpp.privacy.models import NationalLeak, NationalLeakNotice
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing.policies import new_key
from tenants.queueing.service import take_ticket
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.browser.test_every_page import check, look
from tests.support.client import CITIZENS, PASSWORD
from tests.support.files import pdf
from tests.support.hall import at
from tests.support.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.without_streams]
NUMBER = "0812-9999-0012"
SIZES = {"360": PHONE, "1280": DESK}


def come_in(page: Page, platform: Live) -> None:
    """The citizen of the cast enters the national account by a code."""
    page.goto(platform.url(None, "/akun/masuk"))
    page.get_by_label("Nomor HP").first.fill(CITIZENS["warga"])
    page.get_by_role("button", name="Kirim kode").click()
    page.get_by_label("Kode").fill(page.locator("[data-demo-code]").inner_text())
    page.get_by_role("button", name="Lanjutkan").click()
    expect(page.get_by_role("link", name="Data saya")).to_be_visible()


@pytest.mark.parametrize("size", ["360", pytest.param("1280", marks=pytest.mark.long)])
def test_a_guest_sees_takes_along_and_asks_and_the_admin_decides(
    app: Platform, platform: Live, bukittinggi: Region, visit: Callable[..., Page], size: str
) -> None:
    with at(app, bukittinggi):
        for name in ("Ni Luh Ma'ruf Suardika binti Dt. Rajo, S.Kom.", "Siti", "Siti", "Siti", "Siti"):
            take_ticket("ktp-el-baru", name, NUMBER, new_key(), "web", priority_class="elderly")
    page, wrong = visit(SIZES[size]), []
    wrong += check(page, platform, "bukittinggi", "/data-saya", size)
    page.get_by_label("Nomor HP").fill(NUMBER)
    page.get_by_role("button", name="Lanjut").click()
    code = page.locator("[data-demo-code]").inner_text()
    wrong += check(page, platform, "bukittinggi", "/data-saya/kode", size)
    page.get_by_label("Kode 6 angka").fill(code)
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("heading", name="Data saya")).to_be_visible()
    for path in ("/data-saya/isi", "/data-saya/isi/perbaikan", "/data-saya/isi/berhenti"):
        wrong += check(page, platform, "bukittinggi", path, size)
    page.goto(platform.url("bukittinggi", "/data-saya/isi"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Unduh PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")
    page.get_by_role("link", name="Minta perbaikan").click()
    page.get_by_label("Seharusnya").fill("Siti Contoh")
    # A file that is none of ours comes back with the words typed.
    for name, content in (("surat.docx", b"PK surat"), ("KTP.pdf", pdf())):
        proof = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        page.get_by_label("Foto atau PDF sebagai bukti").set_input_files(proof)  # type: ignore[arg-type]  # as documented
        page.get_by_role("button", name="Kirim permintaan").click()
        if name == "surat.docx":
            expect(page.get_by_text("Jenis berkas ini tidak diterima").first).to_be_visible()
            expect(page.get_by_label("Seharusnya")).to_have_value("Siti Contoh")
            wrong += look(page, f"perbaikan-{size}-ditolak")
    expect(page.get_by_text("Menunggu keputusan").first).to_be_visible()
    wrong += check(page, platform, "bukittinggi", "/data-saya/isi", f"{size}-asked")

    admin = visit(SIZES[size])
    sign_in(admin, platform, "bukittinggi", "admin@bukittinggi.contoh")
    for path in ("/admin/hak-data", "/admin/hak-data/1"):
        wrong += check(admin, platform, "bukittinggi", path, size)
    admin.get_by_text("Membetulkan data yang salah").click()
    with admin.expect_download() as letter:
        admin.get_by_role("button", name="Unduh berkas").click()
    assert letter.value.suggested_filename == "berkas-1.pdf"
    admin.goto(platform.url("bukittinggi", "/admin/hak-data/1"))
    admin.get_by_text("Kabulkan").click()
    admin.get_by_role("button", name="Simpan keputusan").click()
    expect(admin.get_by_text("Keputusan disimpan")).to_be_visible()
    admin.get_by_label("NIK warga").fill("9900015507900001")
    admin.get_by_text("Diminta warga yang bersangkutan").click()
    admin.get_by_role("button", name="Cari").click()
    expect(admin.get_by_text("Tidak ada profil dengan NIK itu")).to_be_visible()
    wrong += look(admin, f"hak-data-{size}-dicari")
    page.reload()
    expect(page.get_by_text("Dikabulkan").first).to_be_visible()
    assert wrong == []


@pytest.mark.parametrize("size", ["360", pytest.param("1280", marks=pytest.mark.long)])
def test_a_citizen_at_the_centre_and_at_a_region(
    app: Platform, platform: Live, visit: Callable[..., Page], size: str
) -> None:
    page, wrong = visit(SIZES[size]), []
    come_in(page, platform)
    page.goto(platform.url("bukittinggi", "/warga/masuk?lanjut=/warga/data"))
    page.wait_for_url(lambda url: "/warga/" in url and "/warga/masuk" not in url)
    if page.url.endswith("/warga/persetujuan"):
        page.get_by_role("button", name="Setuju dan masuk").click()
    page.wait_for_url(lambda url: url.endswith("/warga/data"))
    for path in ("/warga/data", "/warga/data/perbaikan", "/warga/data/berhenti"):
        wrong += check(page, platform, "bukittinggi", path, size)
    for path in ("/akun/data", "/akun/data/hapus"):
        wrong += check(page, platform, None, path, size)
    _ask_for_erasure(page)
    # The account has a password: whoever holds the telephone alone can't have it erased.
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Lanjutkan").click()
    _ask_for_erasure(page)
    page.get_by_role("button", name="Batalkan penghapusan").click()
    expect(page.get_by_text("Penghapusan dibatalkan")).to_be_visible()
    assert wrong == []


@pytest.mark.parametrize("size", ["360", pytest.param("1280", marks=pytest.mark.long)])
def test_a_leak_of_the_nations_tables_is_read_by_a_citizen_and_by_the_centre(
    app: Platform, platform: Live, visit: Callable[..., Page], size: str
) -> None:
    with app.app_context(), central_write() as session:
        now = dt.datetime.now(tz=dt.UTC)
        leak = NationalLeak(
            since=now, until=now, known_at=now, due_at=now, what="Akun nasional; Bukti masuk dan perangkat",
            how="Salinan cadangan terbaca dari luar", handling="Akses ditutup dan kunci diganti", released_at=now,
        )  # fmt: skip
        session.add(leak)
        session.flush()
        citizen = session.scalars(
            select(Citizen.id).where(same(Citizen.phone_index, CITIZENS["warga"]))
        ).one()
        centre = session.scalars(select(CentralStaff.id)).one()
        for whom in ({"citizen_id": citizen}, {"staff_id": centre}):
            session.add(NationalLeakNotice(leak_id=leak.id, told_at=now, **whom))
    page, staff, wrong = visit(SIZES[size]), visit(SIZES[size]), []
    come_in(page, platform)
    sign_in(staff, platform, None, "pusat@panrb.contoh")
    for reader, path in ((page, "/akun/data"), (staff, "/pusat/akun")):
        wrong += check(reader, platform, None, path, f"bocor-{size}")
        expect(reader.get_by_text("Salinan cadangan terbaca dari luar")).to_be_visible()
    assert wrong == []


def _ask_for_erasure(page: Page) -> None:
    page.get_by_text("Hapus akun", exact=True).last.click()
    page.get_by_label("Saya sudah membaca").check()
    page.get_by_role("button", name="Ya, hapus akun saya").click()
