"""The portal's face through its pages: draft beside preview, publish, restore; for this region's admins only."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from mpp.web.flask import Platform
from tests.support.client import Browser, Page
from tests.support.files import EICAR, scanned

Browse = Callable[..., Browser]
EDIT = "/admin/tampilan"


def change(admin: Browser, **fields: Any) -> Page:
    return admin.submit(EDIT, EDIT, **fields)


def logo(kind: str = "PNG", name: str = "logo.png") -> tuple[BytesIO, str]:
    buffer = BytesIO()
    # Heavy for a logo, and below what the test client would spool to a file.
    Image.effect_noise((300, 300), 120).convert("RGB").save(buffer, kind)
    buffer.seek(0)
    return buffer, name


def test_a_published_change_shows_on_the_next_request_and_not_before(browse: Browse) -> None:
    admin, citizen = browse("bukittinggi", as_="admin"), browse("bukittinggi")
    citizen.get("/")
    assert change(admin, name="MPP Jam Gadang", color_1="#123456").location == EDIT
    assert "MPP Jam Gadang" not in citizen.get("/").text
    assert "#123456" not in citizen.get("/tema.css").text
    assert change(admin, act="publish", note="Nama baru").location == EDIT
    home = citizen.get("/")
    assert "MPP Jam Gadang" in home.text
    theme = re.search(r'href="(/tema\.css\?v=[0-9a-f]+)"', home.text)
    assert theme is not None
    assert "#123456" in citizen.get(theme[1]).text
    assert "MPP Jam Gadang" not in browse("banyuwangi").get("/").text


def test_the_preview_is_the_real_home_with_the_draft(browse: Browse) -> None:
    admin = browse("bukittinggi", as_="admin")
    change(admin, name="MPP Jam Gadang", color_1="#123456", motif="ombak", hero_title="Ada perlu apa?")
    preview = admin.get(f"{EDIT}/pratinjau")
    assert preview.status == 200
    assert preview.response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in preview.response.headers["Cache-Control"]
    assert "MPP Jam Gadang" in preview.words() and "Ada perlu apa?" in preview.words()
    assert "motif-ombak" in preview.text
    sheet = next(
        link.get("href") or "" for link in preview.all("link") if "pratinjau.css" in (link.get("href") or "")
    )
    css = admin.get(sheet)
    assert "--brand:#123456" in css.text and css.response.mimetype == "text/css"
    assert "Ada perlu apa?" not in browse("bukittinggi").get("/").words()


def test_the_preview_of_what_stands_in_the_form_keeps_nothing(browse: Browse) -> None:
    admin = browse("bukittinggi", as_="admin")
    page = admin.submit(EDIT, EDIT)  # a form as it stands
    assert page.status == 302
    fields = {
        "name": "<b>Belum disimpan</b>",
        "color_1": "bukan warna",
        "motif": "tenun",
        "phone": "xx",
        "color_2": "#00ff00",
    }
    shown = admin.post(f"{EDIT}/pratinjau", fields)
    assert "&lt;b&gt;Belum disimpan&lt;/b&gt;" in shown.text and "motif-tenun" in shown.text
    assert "color_1=%239b1c2e" in shown.text and "color_2=%2300ff00" in shown.text
    assert admin.post(f"{EDIT}/pratinjau", fields, csrf=False).status == 400
    assert "Belum disimpan" not in admin.get(f"{EDIT}/pratinjau").text


@pytest.mark.parametrize(
    "query",
    ["", "color_1=%23123456", "color_1=red&color_2=%23123456", "color_1=%23123456&color_2=%23123456%7Dbody%7B",
     "color_1=%23123456&color_2=%23123456&untuk=body"],
)  # fmt: skip
def test_only_two_colours_make_a_theme(browse: Browse, query: str) -> None:
    assert browse("bukittinggi", as_="admin").get(f"{EDIT}/pratinjau.css?{query}").status == 404


def test_the_nearest_colour_is_one_button_away_without_script(browse: Browse) -> None:
    admin = browse("bukittinggi", as_="admin")
    change(admin, color_1="#777777")
    page = admin.get(EDIT)
    assert "4,4 : 1" in page.words() and "Sulit dibaca" in page.words()
    offer = page.all("button", name="use_color_1")[0].get("value")
    refused = change(admin, act="publish")
    assert refused.status == 422 and "sulit dibaca" in refused.words()
    assert change(admin, use_color_1=offer, name="MPP ikut tersimpan").status == 302
    page = admin.get(EDIT)
    assert not page.all("button", name="use_color_1")
    assert page.all("input", name="color_1")[0].get("value") == offer
    assert page.all("input", name="name")[0].get("value") == "MPP ikut tersimpan"
    assert change(admin, act="publish").status == 302


def test_the_piece_about_colours_follows_the_choice(browse: Browse) -> None:
    admin = browse("bukittinggi", as_="admin")
    assert "Sulit dibaca" in admin.get(f"{EDIT}/warna?color_1=%23777777&color_2=%23ffffff").text
    assert "Pilih dua warna" in admin.get(f"{EDIT}/warna?color_1=merah").text


def test_wrong_entries_come_back_with_a_sentence_and_the_text(browse: Browse) -> None:
    admin = browse("bukittinggi", as_="admin")
    page = change(admin, name="", email="bukan surel", hero_text="Kalimat yang tetap ada")
    assert page.status == 422
    assert "Isi nama portal." in page.words() and "Tulis surel yang lengkap" in page.words()
    assert "Kalimat yang tetap ada" in page.text and "bukan surel" in page.text


def test_a_form_opened_before_somebody_elses_save_asks_again(browse: Browse) -> None:
    mine, colleague = browse("bukittinggi", as_="admin"), browse("bukittinggi", as_="admin")
    seen = mine.get(EDIT).all("input", name="seen")[0].get("value")
    change(colleague, name="Dari rekan")
    page = change(mine, seen=seen, name="Dari saya")
    assert page.status == 422 and "sudah diubah sejak halaman Anda dibuka" in page.words()
    fresh = page.all("input", name="seen")[0].get("value")
    assert change(mine, seen=fresh, name="Dari saya").status == 302


def test_a_logo_is_served_by_its_hash_and_its_name_forgotten(browse: Browse) -> None:
    admin, citizen = browse("bukittinggi", as_="admin"), browse("bukittinggi")
    assert change(admin, logo_file=logo(name="../../../etc/passwd.svg"), act="publish").status == 302
    home = citizen.get("/")
    address = next(src for image in home.all("img") if (src := image.get("src") or "").startswith("/berkas/"))
    assert "passwd" not in home.text
    served = citizen.get(address)
    assert served.status == 200 and served.response.mimetype == "image/webp"
    assert len(served.response.data) <= 30720
    assert served.response.headers["X-Content-Type-Options"] == "nosniff"
    assert browse("banyuwangi").get(address).status == 404
    assert change(admin, drop_logo="y", act="publish").status == 302
    assert "/berkas/" not in citizen.get("/").text


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "logo.png"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "logo.png"),
        (b"#!/bin/sh\nrm -rf /", "../../logo.gif"),
    ],
)
def test_a_file_that_is_no_image_is_refused_beside_its_field(browse: Browse, data: bytes, name: str) -> None:
    admin = browse("bukittinggi", as_="admin")
    page = change(admin, logo_file=(BytesIO(data), name), name="Nama tetap ada")
    assert page.status == 422
    assert "Logo baru:" in page.words() and "Nama tetap ada" in page.text
    assert admin.get(f"{EDIT}/riwayat").words().count("Versi 2") == 0


def test_history_and_the_way_back(browse: Browse) -> None:
    admin, citizen = browse("bukittinggi", as_="admin"), browse("bukittinggi")
    before = citizen.get("/").all("title")[0].text
    change(admin, name="MPP Salah", act="publish", note="Coba dulu")
    words = admin.get(f"{EDIT}/riwayat").words()
    assert "“Coba dulu”" in words and "Berubah: nama portal." in words and "data awal" in words
    assert "MPP Salah" not in admin.get(f"{EDIT}/pratinjau?versi=1").text
    assert admin.post(f"{EDIT}/riwayat/1/pulihkan").location == EDIT
    assert citizen.get("/").all("title")[0].text != before
    assert change(admin, act="publish").status == 302
    assert citizen.get("/").all("title")[0].text == before
    assert admin.post(f"{EDIT}/riwayat/99/pulihkan").status == 404
    assert admin.get(f"{EDIT}/pratinjau?versi=99").status == 404


def test_a_draft_is_thrown_away_once(browse: Browse) -> None:
    admin = browse("bukittinggi", as_="admin")
    change(admin, name="Salah")
    admin.post(f"{EDIT}/buang")
    page = admin.get(EDIT)
    assert "Draf dibuang" in page.words() and "Salah" not in page.text
    admin.post(f"{EDIT}/buang")
    assert "Belum ada draf" in admin.get(EDIT).words()


PAGES = [
    EDIT,
    f"{EDIT}/pratinjau",
    f"{EDIT}/pratinjau.css",
    f"{EDIT}/warna",
    f"{EDIT}/riwayat",
    "/admin/bantuan-tampilan",
]
WRITES = [EDIT, f"{EDIT}/pratinjau", f"{EDIT}/buang", f"{EDIT}/riwayat/1/pulihkan"]


@pytest.mark.parametrize("role", ["petugas", "resepsionis"])
def test_officers_are_refused(browse: Browse, role: str) -> None:
    officer = browse("bukittinggi", as_=role)
    assert {officer.get(path).status for path in PAGES} == {403}
    assert {officer.post(path).status for path in WRITES} == {403}


def test_strangers_are_sent_to_sign_in(browse: Browse) -> None:
    stranger = browse("bukittinggi")
    assert all((stranger.get(path).location or "").startswith("/masuk") for path in PAGES)
    assert {stranger.post(path).status for path in WRITES} == {401}


def test_the_neighbours_admin_sees_nothing_of_a_draft(browse: Browse) -> None:
    change(browse("bukittinggi", as_="admin"), name="Rahasia Bukittinggi")
    neighbour = browse("banyuwangi", as_="admin")
    for path in (EDIT, f"{EDIT}/pratinjau", f"{EDIT}/riwayat"):
        assert "Rahasia Bukittinggi" not in neighbour.get(path).text
    assert neighbour.get(f"{EDIT}/pratinjau?versi=2").status == 404
    assert neighbour.post(f"{EDIT}/buang").location == EDIT
    assert "Rahasia Bukittinggi" in browse("bukittinggi", as_="admin").get(EDIT).text


def test_the_gallery_shows_the_design_system(browse: Browse) -> None:
    assert browse("bukittinggi", as_="admin").get("/admin/bantuan-tampilan").status == 200


def test_every_write_needs_a_token(browse: Browse) -> None:
    admin = browse("bukittinggi", as_="admin")
    assert {admin.post(path, csrf=False).status for path in WRITES} == {400}


def test_the_scanner_sees_a_logo(app: Platform, browse: Browse) -> None:
    admin = browse("bukittinggi", as_="admin")
    picture, name = logo()
    bad = io.BytesIO(picture.getvalue() + EICAR), name
    with scanned(app) as scanner:
        page = change(admin, logo_file=bad)
        assert page.status == 422 and "mengandung virus" in page.words()
        assert change(admin, logo_file=logo()).status in {302, 303}
    assert len(scanner.seen) == 2
