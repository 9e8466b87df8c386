"""Support access: asked for, announced, limited, logged page by page, and ended at once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from mpp.audit import AuditEntry, CentralAuditEntry
from mpp.database.session import central_read, central_write, read
from mpp.outbox import OutboxEntry
from mpp.support.models import SupportAccess
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.central import CENTRE, REASON, ask, supporter, walk_over
from tests.support.client import PASSWORD, Browser, Page
from tests.support.forms import complaint
from tests.support.hall import at
from tests.support.passkey import Device
from tests.support.replay import cookies, replay

Browse = Callable[..., Browser]
LIST = "/admin/akses-dukungan"
ASK = "/pusat/daerah/bukittinggi/akses"


def options_on(page: Page) -> dict[str, Any]:
    asked = next(form.get("data-options") or "" for form in page.all("form") if form.get("data-passkey"))
    options: dict[str, Any] = json.loads(asked)
    return options


def the_access(app: Platform) -> SupportAccess:
    with app.app_context(), central_read() as session:
        return session.scalars(select(SupportAccess).order_by(SupportAccess.id.desc()).limit(1)).one()


def change_access(app: Platform, **values: object) -> None:
    with app.app_context(), central_write() as session:
        access = session.scalars(select(SupportAccess).order_by(SupportAccess.id.desc())).first()
        for name, value in values.items():
            setattr(access, name, value)


def regional(app: Platform, region: Region, action: str) -> list[AuditEntry]:
    with at(app, region), read() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def central(app: Platform, action: str) -> list[CentralAuditEntry]:
    with app.app_context(), central_read() as session:
        return list(session.scalars(select(CentralAuditEntry).where(CentralAuditEntry.action == action)))


def test_the_whole_way(app: Platform, browse: Browse, bukittinggi: Region) -> None:
    guest = supporter(browse)
    page = guest.get("/admin/layanan?cari=ktp")
    assert page.status == 200 and "Akses dukungan di Kota Bukittinggi" in page.words()
    # On the portal too, and there only for this person.
    assert "Akses dukungan di" in guest.get("/layanan").words()
    assert "Akses dukungan" not in browse("bukittinggi").get("/layanan").text

    admin = browse("bukittinggi", as_="admin")
    for path in ("/admin", "/admin/layanan", "/akun-saya"):
        words = admin.get(path).words()
        assert "PANRB pusat sedang di daerah ini" in words and REASON in words and "Akhiri sekarang" in words
    assert "PANRB pusat" not in browse("bukittinggi", as_="petugas").get("/loket").text
    assert "PANRB pusat" not in browse("banyuwangi", as_="admin").get("/admin").text
    listed = admin.get(LIST).words()
    assert "/admin/layanan" in listed and "cari=ktp" not in listed and "Pusat PANRB (contoh)" not in listed

    seen = [entry.data["path"] for entry in regional(app, bukittinggi, "support.page")]
    assert seen[:2] == ["/admin/layanan", "/layanan"]
    both = central(app, "support.page")
    assert [entry.data["path"] for entry in both] == seen
    assert {entry.actor_name for entry in both} == {"Pusat PANRB (contoh)"}
    assert {entry.actor_name for entry in regional(app, bukittinggi, "support.page")} == {"PANRB pusat"}

    number = the_access(app).id
    ended = admin.submit("/admin", f"{LIST}/{number}/akhiri")
    assert ended.location == LIST
    assert guest.get("/admin").location == "/masuk?lanjut=/admin"
    assert "PANRB pusat sedang" not in admin.get("/admin").text
    assert "diakhiri admin daerah" in admin.get(LIST).words()


def test_the_region_is_told_at_the_start_and_at_the_end(
    app: Platform, browse: Browse, bukittinggi: Region
) -> None:
    from mpp.jobs import run

    run.configure(lambda: app)
    guest = supporter(browse)
    access = the_access(app)
    with at(app, bukittinggi), read() as session:
        told = {entry.kind: entry for entry in session.scalars(select(OutboxEntry))}
        assert told["support.notice"].payload == {"access": access.id, "moment": "start"}
        assert told["support.over"].not_before == access.until
        work = told["support.over"].id
    # The clock has struck: the job closes what is over, and tells.
    change_access(app, until=dt.datetime.now(tz=dt.UTC))
    assert guest.get("/admin").status == 302
    for _twice in range(2):
        run.run_outbox(bukittinggi.id, work)
    assert the_access(app).ended_by == "time"
    assert [entry.data for entry in regional(app, bukittinggi, "support.end")] == [{"by": "time"}]
    with at(app, bukittinggi), read() as session:
        moments = [
            e.payload["moment"] for e in session.scalars(select(OutboxEntry)) if e.kind == "support.notice"
        ]
    assert sorted(moments) == ["end", "start"]


@pytest.mark.parametrize(
    "path",
    ["/loket", "/resepsionis", "/akun-saya", "/akun-saya/keamanan", "/admin/petugas/undang"],
)
def test_it_is_no_desk_and_no_account_of_the_region(browse: Browse, path: str) -> None:
    guest = supporter(browse)
    page = guest.get(path)
    assert page.status == 403 if path != "/admin/petugas/undang" else page.status == 200
    assert guest.post("/admin/petugas/undang", {"email": "x@kota.contoh", "role": "admin"}).status == 403
    assert guest.post(f"{LIST}/izin", {"changes": "ya"}).status == 403


def test_looking_changes_nothing_and_changing_needs_the_regions_word(
    app: Platform, browse: Browse, bukittinggi: Region
) -> None:
    centre = browse(as_=CENTRE)
    refused = centre.submit(ASK, ASK, reason=REASON, minutes="15", level="change")
    assert refused.status == 422 and "hanya mengizinkan melihat" in refused.words()
    announce = {"title": "Uji", "body": "Uji dukungan", "starts_on": "", "ends_on": ""}
    looker = supporter(browse)
    assert looker.post("/admin/pengumuman/baru", announce).status == 403

    admin = browse("bukittinggi", as_="admin")
    assert admin.submit(LIST, f"{LIST}/izin", changes="ya").location == LIST
    helper = supporter(browse, level="change")
    assert helper.post("/admin/pengumuman/baru", announce).status != 403
    # Taken back while somebody is in the region: gone with the next request.
    admin.post(f"{LIST}/izin", {})
    assert helper.post("/admin/pengumuman/baru", announce).status == 403
    assert helper.get("/admin").status == 200
    assert [e.data["changes"] for e in regional(app, bukittinggi, "support.consent")] == [True, False]


def test_a_short_reason_is_refused_and_kept(browse: Browse) -> None:
    page = browse(as_=CENTRE).submit(ASK, ASK, reason="cek saja", minutes="60", level="look")
    assert page.status == 422 and "20 sampai 500" in complaint(page, "reason")
    chosen = [e.get("value") for e in page.all("input", name="minutes") if e.get("checked") is not None]
    assert "cek saja" in page.text and chosen == ["60"]
    for field in ({"minutes": "600"}, {"level": "rule"}):
        wrong = browse(as_=CENTRE).submit(
            ASK, ASK, **{"reason": REASON, "minutes": "15", "level": "look"} | field
        )
        assert wrong.status == 422


def test_nothing_opens_without_the_second_factor(app: Platform, browse: Browse) -> None:
    centre = browse(as_=CENTRE)
    page = centre.submit(ASK, ASK, reason=REASON, minutes="15", level="look")
    address = page.location or ""
    assert "/dukungan/mulai/" not in centre.get(address).text
    assert centre.get(f"{address}/serahkan?keadaan=x").status == 410
    assert centre.submit(address, address, code="000000").status == 422
    assert centre.post(f"{address}/kunci-sandi", {"answer": "{}"}).status == 302
    assert the_access(app).granted_at is None
    # Left lying for long it can't be granted any more.
    change_access(app, created_at=dt.datetime.now(tz=dt.UTC) - dt.timedelta(minutes=11))
    assert centre.submit(address, address, code=centre.app_code(CENTRE)).status == 410


def test_a_passkey_is_a_second_factor_too(app: Platform, browse: Browse) -> None:
    centre = browse(as_=CENTRE)
    device, path = Device("http://localhost", "localhost"), "/pusat/akun/keamanan/kunci-sandi"
    made = centre.post(
        path, {"current": PASSWORD, "name": "HP", "answer": device.create(options_on(centre.get(path)))}
    )
    assert made.status == 200 and "Kode cadangan Anda" in made.words()
    page = centre.submit(ASK, ASK, reason=REASON, minutes="30", level="look")
    address = page.location or ""
    answer = device.get(options_on(centre.get(address)))
    assert centre.post(f"{address}/kunci-sandi", {"answer": answer}).location == address
    assert "Akses dukungan dimulai" in centre.get(address).words()
    # The same answer is worth nothing for the next access.
    again = centre.submit(ASK, ASK, reason=REASON, minutes="30", level="look").location or ""
    centre.post(f"{again}/kunci-sandi", {"answer": answer})
    assert the_access(app).granted_at is None


def test_the_hand_over_opens_once_and_only_here(app: Platform, browse: Browse) -> None:
    centre = browse(as_=CENTRE)
    ask(centre)
    number = the_access(app).id

    def token_for(browser: Browser) -> str:
        over = browser.get(f"/dukungan/mulai/{number}").location or ""
        back = centre.get(over.partition("localhost")[2].lstrip("0123456789:"))
        return (back.location or "").rpartition("/")[2]

    mine, thief, neighbour = browse("bukittinggi"), browse("bukittinggi"), browse("banyuwangi")
    token = token_for(mine)
    thief.get(f"/dukungan/mulai/{number}")
    assert thief.get(f"/dukungan/masuk/{token}").status == 410
    neighbour.get(f"/dukungan/mulai/{number}")
    assert neighbour.get(f"/dukungan/masuk/{token}").status == 410
    assert browse("bukittinggi").get(f"/dukungan/masuk/{token}").status == 410
    assert mine.get(f"/dukungan/masuk/{token}").location == "/admin"
    mine.get(f"/dukungan/mulai/{number}")
    assert mine.get(f"/dukungan/masuk/{token}").status == 410
    late = browse("bukittinggi")
    token = token_for(late)
    change_access(app, hand_over_until=dt.datetime.now(tz=dt.UTC))
    assert late.get(f"/dukungan/masuk/{token}").status == 410


def test_the_cookie_of_one_region_opens_no_other(browse: Browse) -> None:
    guest = supporter(browse)
    jar = cookies(guest)
    assert replay(guest, "/admin", jar) == 200
    assert replay(browse("banyuwangi"), "/admin", jar) == 302
    assert replay(browse(), "/pusat", jar) == 302


def test_signing_out_at_the_centre_ends_it(app: Platform, browse: Browse) -> None:
    centre, region = browse(as_=CENTRE), browse("bukittinggi")
    address = ask(centre)
    walk_over(centre, region, address)
    assert region.get("/admin").status == 200
    centre.post("/keluar")
    assert region.get("/admin").status == 302
    assert "diakhiri pusat" in browse("bukittinggi", as_="admin").get(LIST).words()


def test_leaving_and_coming_again(app: Platform, browse: Browse) -> None:
    guest = supporter(browse)
    assert guest.submit("/admin", "/dukungan/keluar").location == "/dukungan/selesai"
    assert "sudah berakhir" in guest.get("/dukungan/selesai").words()
    assert guest.get("/admin").status == 302 and the_access(app).ended_by == "self"
    # Signing out in the shell is leaving too, and takes nobody else's session along.
    staff = browse("bukittinggi", as_="admin")
    other = supporter(browse)
    other.post("/keluar")
    assert other.get("/admin").status == 302 and staff.get("/admin").status == 200


def test_a_new_access_replaces_ones_own_and_a_colleague_may_end_it(app: Platform, browse: Browse) -> None:
    centre, first, second = browse(as_=CENTRE), browse("bukittinggi"), browse("bukittinggi")
    walk_over(centre, first, ask(centre))
    walk_over(centre, second, ask(centre))
    assert first.get("/admin").status == 302 and second.get("/admin").status == 200
    page = browse(as_=CENTRE).submit(ASK, f"/pusat/akses/{the_access(app).id}/akhiri")
    assert page.location == ASK
    assert second.get("/admin").status == 302


def test_what_opens_something_is_not_written_down(app: Platform, browse: Browse, bukittinggi: Region) -> None:
    guest = supporter(browse)
    guest.get("/antrean/RAHASIA123")
    guest.get("/tautan/token-yang-membuka")
    guest.get("/tidak/ada/0812-9999-0000")
    paths = [entry.data["path"] for entry in regional(app, bukittinggi, "support.page")]
    assert "/antrean/…" in paths and "/tautan/…" in paths and not any("RAHASIA" in path for path in paths)
    refused = [entry.data["path"] for entry in regional(app, bukittinggi, "support.refused")]
    assert refused == ["(alamat yang tidak ada)"]


def test_what_cannot_be_written_down_is_not_shown(
    app: Platform, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mpp.support import pages

    guest = supporter(browse)

    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("log away")

    monkeypatch.setattr(pages, "note", broken)
    with pytest.raises(RuntimeError):
        guest.get("/admin/layanan")
