"""The national catalogue at the centre: every edit is a new version that regions have not accepted yet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from mpp.database.session import central_read, read, serve
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.catalogue.models import ServiceStandard
from tenants.services.models import RegionService
from tests.support.client import Browser

Browse = Callable[..., Browser]
EMAIL = "pusat@panrb.contoh"
SLUG = "ktp-el-baru"
EDIT = f"/pusat/katalog/{SLUG}/ubah"
NOTE = "Nama disesuaikan"


def versions(app: Platform, slug: str = SLUG) -> list[ServiceStandard]:
    with app.app_context(), central_read() as session:
        return list(
            session.query(ServiceStandard)
            .join(ServiceStandard.service)
            .filter_by(slug=slug)
            .order_by(ServiceStandard.version)
        )


def test_the_list_counts_the_components_of_each_service(browse: Browse, bukittinggi: Region) -> None:
    page = browse(as_=EMAIL).get("/pusat/katalog")
    assert "46 layanan" in page.words()
    assert "KTP-el baru" in browse(as_=EMAIL).get("/pusat/katalog?q=rekam+ktp").words()
    assert "Tidak ada layanan yang cocok" in browse(as_=EMAIL).get("/pusat/katalog?q=xyzzy").words()


def test_an_edit_is_a_new_version_and_the_region_keeps_the_accepted_one(
    browse: Browse, app: Platform, bukittinggi: Region
) -> None:
    before = versions(app)[0]
    page = browse(as_=EMAIL).submit(EDIT, name="KTP-el percobaan", product="", change_note=NOTE)
    assert page.status == 302, page.text
    old, new = versions(app)
    assert (old.name, old.version) == (before.name, 1)
    assert (new.name, new.version, new.change_note, new.created_by) == (
        "KTP-el percobaan", 2, NOTE, "Pusat PANRB (contoh)",
    )  # fmt: skip  # one row
    assert new.completeness == old.completeness - 1
    assert "produk" not in new.components
    assert new.search_text.startswith("KTP-el percobaan")
    assert "disdukcapil" in new.search_text.lower()

    with app.app_context(), serve(bukittinggi), read() as session:
        accepted = session.query(RegionService).filter_by(service_id=new.service_id).one()
        assert accepted.standard.version == 1
    citizen = browse("bukittinggi").get(f"/layanan/{SLUG}")
    assert "KTP-el baru" in citizen.words()
    assert "KTP-el percobaan" not in citizen.words()


def test_the_difference_shows_what_was_added_and_removed(browse: Browse, bukittinggi: Region) -> None:
    centre = browse(as_=EMAIL)
    centre.submit(EDIT, name="KTP-el percobaan", change_note=NOTE)
    page = centre.get(f"/pusat/katalog/{SLUG}")
    assert [e.text for e in page.all("ins")] == ["KTP-el percobaan"]
    assert [e.text for e in page.all("del")] == ["KTP-el baru"]
    assert "Dari versi 1 ke versi 2" in page.words()
    assert "Anda membaca versi lama" in centre.get(f"/pusat/katalog/{SLUG}?versi=1").words()
    assert centre.get(f"/pusat/katalog/{SLUG}?dari=99&ke=98&versi=-1").status == 200


def test_sending_every_form_as_it_stands_changes_nothing(
    browse: Browse, app: Platform, bukittinggi: Region
) -> None:
    centre = browse(as_=EMAIL)
    with app.app_context(), central_read() as session:
        slugs = session.execute(text("SELECT slug FROM platform.service ORDER BY number")).scalars().all()
    for slug in slugs:
        page = centre.submit(f"/pusat/katalog/{slug}/ubah", change_note="Tanpa perubahan")
        assert page.status == 422, slug
        assert "Tidak ada yang berubah" in page.words(), slug
    with app.app_context(), central_read() as session:
        assert session.execute(text("SELECT max(version) FROM platform.service_standard")).scalar() == 1


def test_a_case_and_a_fee_are_added_without_javascript(
    browse: Browse, app: Platform, bukittinggi: Region
) -> None:
    centre = browse(as_=EMAIL)
    more = centre.submit(EDIT, tambah="biaya", name="Belum selesai ditulis")
    assert more.status == 200
    assert 'value="Belum selesai ditulis"' in more.text
    assert "fees-2-label" in more.text
    page = centre.submit(
        EDIT,
        **{
            "cases-1-name": "Pindah datang",
            "cases-1-requirements": "Surat pindah\r\n\r\n  Kartu keluarga ",
            "fees-1-label": "Cetak cepat",
            "fees-1-amount": "Rp25.000",
            "fees-1-case": "pindah-datang",
            "fees-1-effective_from": "2026-02-01",
            "fees-1-legal_basis": "Perda contoh",
        },
        change_note="Keperluan baru",
    )
    assert page.status == 302, page.text
    new = versions(app)[-1]
    assert new.cases[-1] == {
        "slug": "pindah-datang", "name": "Pindah datang", "requirements": ["Surat pindah", "Kartu keluarga"],
    }  # fmt: skip  # one case
    assert new.fees[-1] == {
        "label": "Cetak cepat", "amount": 25000, "case": "pindah-datang", "legal_basis": "Perda contoh",
        "effective_from": "2026-02-01", "confidence": "high",
    }  # fmt: skip  # one fee


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "Isi nama layanan."),
        ({"change_note": " "}, "Tulis apa yang berubah dan mengapa."),
        ({"words": "\n \n"}, "Isi sedikitnya satu kata yang dipakai warga."),
        ({"checked_on": "kemarin"}, "Tulis tanggal seperti 2026-08-17."),
        ({"checked_on": "2999-01-01"}, "Tanggal pemeriksaan sumber belum tiba."),
        ({"online_url": "javascript:alert(1)"}, "Tulis alamat lengkap yang dimulai https://."),
        ({"fees-0-amount": "sepuluh ribu"}, "Tulis angka saja"),
        ({"fees-0-formula": "1% dari harga"}, "Isi jumlah rupiah atau rumus, salah satu saja."),
        ({"fees-0-case": "entah"}, "Keperluan “entah” tidak ada"),
        ({"cases-0-slug": "Bukan Kode"}, "Kode keperluan memakai huruf kecil"),
        (
            {"cases-0-name": "", "cases-0-slug": "", "cases-0-requirements": "", "cases-0-name_en": ""},
            "sedikitnya satu keperluan",
        ),
        ({"service_minutes": "0"}, "Antara 1 dan 600 menit."),
    ],
)
def test_a_wrong_edit_is_refused_and_keeps_what_was_written(
    browse: Browse, app: Platform, bukittinggi: Region, fields: dict[str, str], words: str
) -> None:
    page = browse(as_=EMAIL).submit(
        EDIT, **{"change_note": NOTE, "summary": "Ringkasan baru yang jangan hilang.", **fields}
    )
    assert page.status == 422
    assert words in page.words()
    assert "Ringkasan baru yang jangan hilang." in page.text
    assert len(versions(app)) == 1


def test_two_editors_do_not_overwrite_each_other(browse: Browse, app: Platform, bukittinggi: Region) -> None:
    centre = browse(as_=EMAIL)
    assert centre.submit(EDIT, name="Nama satu", change_note=NOTE).status == 302
    page = centre.submit(EDIT, name="Nama dua", change_note=NOTE, base="1")
    assert page.status == 422
    assert "versi 2 sudah terbit" in page.words()
    assert [v.name for v in versions(app)] == ["KTP-el baru", "Nama satu"]


def test_a_service_is_withdrawn_nationwide_and_offered_again(
    browse: Browse, app: Platform, bukittinggi: Region
) -> None:
    centre = browse(as_=EMAIL)
    path = f"/pusat/katalog/{SLUG}"
    assert "Tulis alasannya" in centre.submit(path, "/keadaan", reason=" ").words()
    assert centre.submit(path, "/keadaan", reason="Aturan berubah").status == 302
    assert "Nonaktif di semua daerah" in centre.get(path).words()
    assert centre.submit(path, "/keadaan", reason="Aturan berlaku lagi").status == 302
    with app.app_context(), central_read() as session:
        log = session.execute(
            text("SELECT action FROM platform.audit_log WHERE action LIKE 'catalogue.%' ORDER BY id")
        ).scalars().all()  # fmt: skip  # one query
    assert log == ["catalogue.deactivate", "catalogue.activate"]


def test_strangers_edit_nothing(browse: Browse, app: Platform, bukittinggi: Region) -> None:
    assert browse().get(EDIT).status == 302
    assert browse().post(EDIT, {"name": "x"}).status == 401
    assert browse(as_=EMAIL).post(EDIT, {"name": "x"}, csrf=False).status == 400
    assert browse(as_=EMAIL).get("/pusat/katalog/tidak-ada/ubah").status == 404
    assert len(versions(app)) == 1
