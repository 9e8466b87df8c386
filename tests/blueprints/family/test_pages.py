"""The pages of family and powers at the centre, as their owner, the other side and a stranger use them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from mpp.citizens import powers
from mpp.citizens.models import CitizenSession
from mpp.database.session import central_write
from mpp.web.flask import Platform
from tests.mpp.citizens.people import PHONES, account
from tests.support.citizens import Walker
from tests.support.client import Browser

CHILD = {
    "name": "Anak Contoh",
    "relation": "anak",
    "birth_year": "2018",
    "nik": "9975030101180001",
    "own": "tidak",
    "stated": "y",
}


@pytest.fixture
def people(app: Platform) -> Callable[[str], Browser]:
    """Somebody's browser, signed in at the centre."""

    def open_(name: str) -> Browser:
        walker = Walker(app, account(app, name))
        walker.sign_in()
        return walker.at("localhost")

    return open_


def first(page_text: str, pattern: str) -> str:
    found = re.search(pattern, page_text)
    assert found, pattern
    return found[1]


def power_form(**values: str) -> dict[str, object]:
    today = powers.today()
    return {
        "name": "Budi Contoh", "phone": PHONES["Budi Contoh"], "what": "pilih", "services": ["ktp-el-baru"],
        "region": "", "starts_on": today.isoformat(), "ends_on": powers.latest_end(today).isoformat(),
        "reason": "Sedang dirawat", "agreed": "y", **values,
    }  # fmt: skip


def test_a_child_is_added_covered_shown_and_taken_out(people: Callable[[str], Browser]) -> None:
    siti = people("Siti Contoh")
    assert "Belum ada orang" in siti.get("/akun/keluarga").words()
    page = siti.submit("/akun/keluarga/tambah", "/keluarga/tambah", **CHILD)
    assert page.status == 303, page.words()
    page = siti.get("/akun/keluarga")
    assert "Anak Contoh" in page.words() and "9975030101180001" not in page.text
    # Odd, since it is made up: told, and kept.
    assert "Tetap kami simpan." in page.words()
    row = first(page.text, r"/akun/keluarga/(\d+)/nik")
    shown = siti.post(f"/akun/keluarga/{row}/nik")
    assert "9975030101180001" in shown.text
    assert "no-store" in shown.response.headers["Cache-Control"]
    changed = siti.submit(f"/akun/keluarga/{row}", f"/keluarga/{row}", name="Anak Contoh Dua", stated="y")
    assert changed.status == 303, changed.words()
    assert siti.post(f"/akun/keluarga/{row}/akhiri").status == 303
    assert "Anak Contoh Dua" not in siti.get("/akun/keluarga").words()


def test_what_is_wrong_is_told_beside_it_and_nothing_typed_is_lost(people: Callable[[str], Browser]) -> None:
    siti = people("Siti Contoh")
    page = siti.post("/akun/keluarga/tambah", {**CHILD, "stated": "", "nik": "tidak tahu"})
    assert page.status == 422
    assert "Centang pernyataan ini" in page.words()
    assert 'value="Anak Contoh"' in page.text and 'value="tidak tahu"' in page.text
    page = siti.post("/akun/keluarga/tambah", {**CHILD, "nik": "tidak tahu"})
    assert page.status == 422 and "Tulis angkanya saja" in page.words()
    page = siti.post("/akun/keluarga/tambah", {**CHILD, "own": "ya"})
    assert page.status == 422 and "Isi nomor HP-nya" in page.words()
    page = siti.post("/akun/keluarga/tambah", {"birth_year": "x"})
    assert page.status == 422


def test_the_card_is_kept_covered_with_its_statement(people: Callable[[str], Browser]) -> None:
    siti = people("Siti Contoh")
    assert siti.post("/akun/keluarga/kk", {"card": "9975030101180009"}).status == 422
    assert siti.submit("/akun/keluarga/kk", "/kk", card="9975 0301 0118 0009", stated="y").status == 303
    page = siti.get("/akun/keluarga")
    assert "9975••••••••0009" in page.text and "9975030101180009" not in page.text
    assert "9975030101180009" in siti.post("/akun/keluarga/kk/tampilkan").text


def test_an_invited_spouse_agrees_and_leaves_again(people: Callable[[str], Browser]) -> None:
    siti, budi = people("Siti Contoh"), people("Budi Contoh")
    row = invited(siti, budi)
    assert "0812-••••-••02" in siti.get("/akun/keluarga").text
    page = budi.get("/akun/keluarga")
    assert "Menunggu jawaban Anda" in page.words() and "Siti Contoh" in page.words()
    assert people("Orang Asing").post(f"/akun/keluarga/{row}/terima").status == 404
    assert budi.post(f"/akun/keluarga/{row}/terima").status == 303
    assert "Setuju, bisa Anda wakili" in siti.get("/akun/keluarga").words()
    assert budi.post(f"/akun/keluarga/{row}/akhiri").status == 303
    assert "Budi" not in siti.get("/akun/keluarga").words()


def invited(siti: Browser, budi: Browser, **more: str) -> str:
    """Siti invites Budi as her husband; return the number of the row as Budi's page has it."""
    fields = {
        "name": "Budi",
        "relation": "suami",
        "birth_year": "",
        "own": "ya",
        "phone": PHONES["Budi Contoh"],
    }
    done = siti.submit("/akun/keluarga/tambah", "/keluarga/tambah", **fields, stated="y", **more)
    assert done.status == 303, done.words()
    return first(budi.get("/akun/keluarga").text, r"/akun/keluarga/(\d+)/terima")


def test_each_side_reads_who_may_act_for_whom(people: Callable[[str], Browser]) -> None:
    siti, budi = people("Siti Contoh"), people("Budi Contoh")
    row = invited(siti, budi)
    assert "Anda sendiri tidak dapat bertindak untuknya." in budi.get("/akun/keluarga").words()
    assert budi.post(f"/akun/keluarga/{row}/terima").status == 303
    words = siti.get("/akun/keluarga").words()
    assert "Setuju, bisa Anda wakili" in words and "Ia tidak dapat bertindak untuk Anda." in words
    words = budi.get("/akun/keluarga").words()
    assert "Dapat bertindak untuk Anda sejak" in words and "Anda tidak dapat bertindak untuknya." in words
    # Anew, and both ways.
    assert budi.post(f"/akun/keluarga/{row}/akhiri").status == 303
    row = invited(siti, budi, mutual="y")
    assert "Saling, bila ia setuju." in siti.get("/akun/keluarga").words()
    page = budi.get("/akun/keluarga")
    assert "Saling: Anda juga dapat bertindak untuknya" in page.words() and "Setuju, saling" in page.words()
    assert budi.post(f"/akun/keluarga/{row}/terima").status == 303
    for browser, other in ((siti, "Budi Contoh"), (budi, "Siti Contoh")):
        words = browser.get("/akun/keluarga").words()
        assert "Saling mewakili" in words and "Saling: Anda juga dapat bertindak untuknya." in words
        assert other in words and "tidak dapat bertindak" not in words
    assert siti.post(f"/akun/keluarga/{row}/akhiri").status == 303
    for browser in (siti, budi):
        assert "Belum ada orang" in browser.get("/akun/keluarga").words()


def test_both_ways_need_a_telephone_and_a_proof(app: Platform, people: Callable[[str], Browser]) -> None:
    siti, budi = people("Siti Contoh"), people("Budi Contoh")
    page = siti.post("/akun/keluarga/tambah", {**CHILD, "mutual": "y"})
    assert page.status == 422 and "Saling hanya untuk orang yang diundang" in page.words()
    row = invited(siti, budi)
    with app.app_context(), central_write() as session:
        session.query(CitizenSession).update({"proved_at": CitizenSession.proved_at - powers.FURTHEST_START})
    page = budi.post(f"/akun/keluarga/{row}/terima")
    assert page.location == "/akun/bukti?lanjut=/akun/keluarga"
    fields = {**CHILD, "name": "Si Bungsu", "own": "ya", "phone": PHONES["Orang Asing"], "mutual": "y"}
    page = siti.post("/akun/keluarga/tambah", fields)
    assert page.location == "/akun/bukti?lanjut=/akun/keluarga/tambah"
    assert 'value="Si Bungsu"' in siti.get("/akun/keluarga/tambah").text
    assert budi.post(f"/akun/keluarga/{row}/tolak").location == "/akun/keluarga"


def test_a_power_from_offer_to_revocation(people: Callable[[str], Browser]) -> None:
    siti, budi = people("Siti Contoh"), people("Budi Contoh")
    page = siti.post("/akun/kuasa/beri", power_form())
    assert page.status == 303, page.words()
    number = first(siti.get("/akun/kuasa").text, r"/akun/kuasa/(\d+)\"")
    for browser in (siti, budi):
        page = browser.get(f"/akun/kuasa/{number}")
        assert page.status == 200 and "Sedang dirawat" in page.words() and "Menunggu jawaban" in page.words()
    assert people("Orang Asing").get(f"/akun/kuasa/{number}").status == 404
    assert siti.post(f"/akun/kuasa/{number}/terima").status == 404
    assert budi.post(f"/akun/kuasa/{number}/terima").status == 303
    assert "Berlaku" in budi.get("/akun/kuasa").words()
    assert budi.post(f"/akun/kuasa/{number}/cabut").status == 404
    assert siti.post(f"/akun/kuasa/{number}/cabut").status == 303
    assert "Dicabut" in budi.get(f"/akun/kuasa/{number}").words()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"services": []}, "Pilih paling sedikit satu layanan"),
        ({"services": ["tidak-ada"]}, "Pilih layanan dari daftar"),
        ({"region": "x"}, "Pilih daerah dari daftar"),
        ({"region": "999999"}, "Pilih daerah dari daftar"),
        ({"ends_on": "2020-01-01"}, "Hari terakhir tidak boleh"),
        ({"ends_on": "2099-01-01"}, "paling lama satu tahun"),
        ({"starts_on": "kemarin"}, "Isi hari pertama"),
        ({"agreed": ""}, "Centang pernyataan ini"),
        ({"phone": "12"}, "Nomor HP tidak dikenali"),
    ],
)
def test_a_power_that_does_not_hold_is_refused(
    people: Callable[[str], Browser], change: dict[str, str], words: str
) -> None:
    page = people("Siti Contoh").post("/akun/kuasa/beri", power_form(**change))
    assert page.status == 422
    assert words in page.words()
    assert "Sedang dirawat" in page.text


def test_who_has_not_proved_lately_is_asked_first(app: Platform, people: Callable[[str], Browser]) -> None:
    siti = people("Siti Contoh")
    with app.app_context(), central_write() as session:
        session.query(CitizenSession).update({"proved_at": CitizenSession.proved_at - powers.FURTHEST_START})
    for page in (siti.get("/akun/kuasa/beri"), siti.post("/akun/kuasa/beri", power_form())):
        assert page.status in {302, 303} and (page.location or "").startswith("/akun/bukti"), page.location


def test_strangers_and_staff_stay_outside(browse: Callable[..., Browser]) -> None:
    for path in ("/akun/keluarga", "/akun/kuasa", "/akun/kuasa/beri", "/akun/keluarga/tambah"):
        page = browse().get(path)
        assert page.status == 302 and (page.location or "").startswith("/akun/masuk")
        assert browse(as_="pusat@panrb.contoh").get(path).status == 403
