"""The centre's people: invited and reset by link, shut out at once, never all of them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pyotp
import pytest

from mpp.accounts.models import CentralStaff
from mpp.accounts.proof_models import CentralLink, CentralStaffSession, CentralTotp
from mpp.audit import CentralAuditEntry
from mpp.database.session import central_read, central_write
from mpp.web.flask import Platform
from tests.support.central import CENTRE, supporter
from tests.support.client import Browser, Page

Browse = Callable[..., Browser]
NEW = "/pusat/petugas/undang"
EMAIL = "uji@pusat.contoh"
CHOSEN = "empat kata yang panjang"


def path_on(page: Page) -> str:
    found = re.search(r"http://localhost(/tautan/[A-Za-z0-9_-]{43})<", page.text)
    assert found, page.words()
    return found[1]


def take(browser: Browser, path: str, password: str = CHOSEN, **fields: str) -> Page:
    assert browser.get(path).location == "/tautan"
    return browser.submit("/tautan", "/tautan", new=password, again=password, **fields)


def key_of(app: Platform, email: str) -> int:
    with app.app_context(), central_read() as session:
        return session.query(CentralStaff).filter_by(email=email).one().id


def join(centre: Browser, browse: Browse) -> Browser:
    """Somebody new at the centre, with an app."""
    colleague = browse()
    page = take(colleague, path_on(centre.submit(NEW, NEW, email=EMAIL)), name="Petugas Uji")
    # The second factor comes before everything else.
    assert page.location == "/masuk/pasang" and colleague.get("/pusat").status == 302
    secret = "".join(colleague.get("/masuk/pasang").all("code")[0].itertext()).replace(" ", "")
    assert colleague.submit("/masuk/pasang", "/masuk/pasang", code=pyotp.TOTP(secret).now()).status == 200
    return colleague


def test_an_invited_colleague_sets_up_and_works(app: Platform, browse: Browse) -> None:
    centre = browse(as_=CENTRE)
    colleague = join(centre, browse)
    assert colleague.get("/pusat").status == 200
    assert "Petugas Uji" in centre.get("/pusat/petugas").words()
    with app.app_context(), central_read() as session:
        actions = {entry.action for entry in session.query(CentralAuditEntry)}
        assert {"staff.invite", "staff.join"} <= actions
        assert all(len(link.token_hash) < 40 for link in session.query(CentralLink))


def test_a_link_works_once_here_and_can_be_withdrawn(browse: Browse) -> None:
    centre = browse(as_=CENTRE)
    path = path_on(centre.submit(NEW, NEW, email=EMAIL))
    # A region's door knows nothing of it.
    stranger = browse("bukittinggi")
    stranger.get(path)
    assert stranger.get("/tautan").status == 410
    weak = browse()
    assert take(weak, path, "pendek", name="Uji").status == 422
    assert take(weak, path, "indonesia 123456", name="Uji").status == 422
    listed = centre.get("/pusat/petugas")
    number = re.search(r"/pusat/petugas/tautan/(\d+)/batalkan", listed.text)
    assert number and EMAIL in listed.words()
    again = path_on(centre.submit("/pusat/petugas", f"/tautan/{number[1]}/kirim-ulang"))
    gone = browse()
    gone.get(path)
    assert gone.get("/tautan").status == 410
    newer = re.search(r"/pusat/petugas/tautan/(\d+)/batalkan", centre.get("/pusat/petugas").text)
    assert newer and centre.submit("/pusat/petugas", f"/tautan/{newer[1]}/batalkan").status == 302
    gone.get(again)
    assert gone.get("/tautan").status == 410


def test_a_reset_leaves_the_old_password_until_it_is_used(app: Platform, browse: Browse) -> None:
    centre = browse(as_=CENTRE)
    colleague = join(centre, browse)
    key = key_of(app, EMAIL)
    path = path_on(centre.submit(f"/pusat/petugas/{key}", f"/{key}/tautan"))
    assert colleague.get("/pusat").status == 200
    assert take(browse(), path, "lima kata yang lebih panjang").location == "/masuk/kode"
    assert colleague.get("/pusat").status == 302


def test_who_is_shut_out_loses_everything_at_once(app: Platform, browse: Browse) -> None:
    centre = browse(as_=CENTRE)
    colleague = join(centre, browse)
    key, own = key_of(app, EMAIL), key_of(app, CENTRE)
    # The colleague shuts out the first one, who is in a region by support access.
    guest = supporter(browse)
    assert guest.get("/admin").status == 200
    page = colleague.submit(f"/pusat/petugas/{own}", f"/{own}/nonaktifkan")
    assert page.status == 302
    assert centre.get("/pusat").status == 302 and guest.get("/admin").status == 302
    with app.app_context(), central_read() as session:
        for kind in (CentralStaffSession, CentralTotp):
            assert session.query(kind).filter_by(account_id=own).count() == 0
    # Neither oneself nor the last one.
    colleague.post(f"/pusat/petugas/{key}/nonaktifkan")
    assert "diubah di sini" in colleague.get(f"/pusat/petugas/{key}").words()
    back = colleague.submit(f"/pusat/petugas/{own}", f"/{own}/aktifkan")
    assert take(browse(), path_on(back)).location == "/masuk/pasang"


def test_who_is_shut_out_keeps_no_way_back_by_links_made_before(app: Platform, browse: Browse) -> None:
    centre = browse(as_=CENTRE)
    colleague = join(centre, browse)
    key, own = key_of(app, EMAIL), key_of(app, CENTRE)
    back = path_on(colleague.submit(NEW, NEW, email="kembali@pusat.contoh"))
    reset = path_on(colleague.submit(f"/pusat/petugas/{own}", f"/{own}/tautan"))
    waiting = browse()
    waiting.get(back)
    assert waiting.get("/tautan").status == 200
    assert centre.submit(f"/pusat/petugas/{key}", f"/{key}/nonaktifkan").status == 302
    for path in (back, reset):
        visitor = browse()
        visitor.get(path)
        assert visitor.get("/tautan").status == 410
    assert waiting.post("/tautan", {"name": "Uji", "new": CHOSEN, "again": CHOSEN}).status == 410
    with app.app_context(), central_write() as session:
        for link in session.query(CentralLink):
            link.ended_at = None
    # What nobody could end in time is asked for its maker.
    assert waiting.post("/tautan", {"name": "Uji", "new": CHOSEN, "again": CHOSEN}).status == 410


def test_sessions_and_factors_of_a_colleague(app: Platform, browse: Browse) -> None:
    centre = browse(as_=CENTRE)
    colleague = join(centre, browse)
    key, path = key_of(app, EMAIL), "/pusat/petugas"
    assert "Perangkat yang sedang masuk" in centre.get(f"{path}/{key}").words()
    assert centre.submit(f"{path}/{key}", f"/{key}/perangkat/keluar").status == 302
    assert colleague.get("/pusat").status == 302
    assert centre.submit(f"{path}/{key}", f"/{key}/faktor-kedua/hapus").status == 302
    page = browse().submit("/masuk", "/masuk", email=EMAIL, password=CHOSEN)
    assert page.location == "/masuk/pasang"
    for act in ("tautan", "nonaktifkan", "perangkat/keluar", "faktor-kedua/hapus"):
        assert centre.post(f"{path}/999999/{act}").status == 404


@pytest.mark.parametrize("email", ["", "bukan surel", CENTRE])
def test_a_wrong_address_is_refused(browse: Browse, email: str) -> None:
    page = browse(as_=CENTRE).submit(NEW, NEW, email=email)
    assert page.status == 422 and 'id="email-error"' in page.text
