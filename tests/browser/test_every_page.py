"""Every page, as each role, narrow and wide, light and dark: no rule of accessibility broken, nothing sticks out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from mpp.settings import ROOT
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.support.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.without_streams]
SHOTS = ROOT / "test-results" / "pages"

CITIZEN = (
    "/", "/layanan", "/layanan?q=bikin+ktp+ilang", "/layanan?q=zzzzqqq", "/layanan/ktp-el-baru", "/instansi",
    "/instansi/disdukcapil", "/peristiwa/anak-lahir", "/mpp", "/antrean", "/antrean/ambil",
    "/antrean/ambil?layanan=ktp-el-baru", "/privasi", "/aksesibilitas", "/maklumat", "/masuk", "/tidak-ada",
    "/layar/utama", "/perangkat",
    "/?bahasa=en", "/?kontras=1&besar=1",
)  # fmt: skip
ADMIN = (
    "/admin", "/admin/layanan", "/admin/layanan/ktp-el-baru", "/admin/gedung", "/admin/petugas", "/admin/tampilan",
    "/admin/pengumuman", "/admin/catatan", "/admin/bantuan-tampilan", "/admin/petugas/undang", "/akun-saya",
    "/akun-saya/keamanan",
    "/admin/pengumuman", "/admin/catatan", "/admin/bantuan-tampilan", "/admin/perangkat", "/admin/suara",
    "/admin/suara/rekaman",
)  # fmt: skip
RECEPTION = ("/resepsionis", "/resepsionis/beri?layanan=ktp-el-baru", "/resepsionis/lembar-darurat")
CENTRE = (
    "/",
    "/masuk",
    "/akun/masuk",
    "/akun/daftar",
    "/akun/masuk/sandi",
    "/akun/pulih",
    "/akun/masuk?bahasa=en",
)
CONSOLE = (
    "/pusat",
    "/pusat/daerah/bukittinggi",
    "/pusat/katalog",
    "/pusat/katalog/ktp-el-baru",
    "/pusat/akun",
)
SIZES = {"360": PHONE, "1280": DESK}


def check(page: Page, here: Live, slug: str | None, path: str, label: str) -> list[str]:
    """Open a page; return what is wrong with it; keep its picture."""
    page.goto(here.url(slug, path))
    name = f"{slug or 'pusat'}{path.replace('/', '_').replace('?', '_')}-{label}"
    return [f"{path} {label}: {wrong}" for wrong in look(page, name)]


def look(page: Page, name: str) -> list[str]:
    """Return what is wrong with the page as it stands, also the answer to a form; keep its picture."""
    found = [
        f"{violation['id']} {[node['target'] for node in violation['nodes'][:3]]}"
        for violation in Axe().run(page).response["violations"]
    ]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over > 0:
        found.append(f"sticks out by {over} px")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    return found


@pytest.mark.parametrize(("size", "dark"), [("360", False), ("1280", True)], ids=["light-360", "dark-1280"])
def test_pages_of_citizens(platform: Live, visit: Callable[..., Page], size: str, dark: bool) -> None:
    page = visit(SIZES[size], dark=dark)
    label = f"{size}-{'dark' if dark else 'light'}"
    wrong = [w for path in CITIZEN for w in check(page, platform, "bukittinggi", path, label)]
    wrong += check(page, platform, "banyuwangi", "/", label)
    wrong += [w for path in CENTRE for w in check(page, platform, None, path, label)]
    assert wrong == []


@pytest.mark.parametrize("size", ["360", pytest.param("1280", marks=pytest.mark.long)])
def test_pages_of_staff(platform: Live, visit: Callable[..., Page], size: str) -> None:
    """Each role at its own pages: admin, receptionist, officer, and the centre."""
    wrong = []
    for slug, who, paths in (
        ("bukittinggi", "admin@bukittinggi.contoh", ADMIN),
        ("bukittinggi", "resepsionis@bukittinggi.contoh", RECEPTION),
        ("bukittinggi", "petugas@bukittinggi.contoh", ("/loket",)),
        (None, "pusat@panrb.contoh", CONSOLE),
    ):
        page = visit(SIZES[size])
        sign_in(page, platform, slug, who)
        wrong += [w for path in paths for w in check(page, platform, slug, path, size)]
    assert wrong == []
