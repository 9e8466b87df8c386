"""Services: on and off, local terms, national changes; each shows on the portal's next request."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from mpp.audit import AuditEntry
from mpp.database.session import central_read
from mpp.web.flask import Platform
from tenants.catalogue.editing import draft_of, publish
from tenants.catalogue.models import Service
from tests.support.client import Browser
from tests.support.forms import complaint, save, shown, values

Logged = Callable[[str], list[AuditEntry]]


def publish_kia(app: Platform, **changes: object) -> int:
    """A new national version of the child's card."""
    with app.app_context(), central_read() as session:
        newest = session.query(Service).filter_by(slug="kia").one().standards[0]
        draft = dataclasses.replace(draft_of(newest), **changes)  # type: ignore[arg-type]  # picked by each test
        return publish("kia", newest.version, draft, "Menyesuaikan surat edaran")


def test_terms_are_saved_and_shown_to_citizens(
    admin: Browser, browse: Callable[..., Browser], logged: Logged
) -> None:
    citizen = browse("bukittinggi")
    before = citizen.get("/layanan/kia").words()
    page = save(admin, "/admin/layanan/kia",
        weekdays=["2", "4"], opens="09.00", closes="1130", daily_quota="40",
        extra_requirements="Pas foto 2x3\n\n  Kartu imunisasi ", contact="0752 000000",
        local_note="Bawa anak bila lebih dari lima tahun.",
        **{"fees-0-label": "Retribusi", "fees-0-amount": "5.000", "fees-0-perda": "Perda 4/2024"},
    )  # fmt: skip
    assert page.status == 302, page.words()
    after = citizen.get("/layanan/kia").words()
    assert "Pas foto 2x3" in after and "Kartu imunisasi" in after and "Pas foto 2x3" not in before
    assert "Bawa anak bila lebih dari lima tahun." in after and "Rp5.000" in after and "Perda 4/2024" in after
    (entry,) = logged("service.edit")
    assert entry.actor_kind == "staff" and entry.subject == "service:kia"
    assert entry.data["before"]["daily_quota"] is None and entry.data["after"]["daily_quota"] == 40
    assert entry.data["after"]["opens"] == "09:00" and entry.data["after"]["weekdays"] == [2, 4]
    again = admin.get("/admin/layanan/kia")
    assert shown(again, "opens") == "09.00" and shown(again, "fees-0-perda") == "Perda 4/2024"


def test_saving_nothing_new_writes_nothing(admin: Browser, logged: Logged) -> None:
    assert save(admin, "/admin/layanan/kia").status == 302
    assert logged("service.edit") == []


def test_saving_takes_the_example_mark_off(admin: Browser, browse: Callable[..., Browser]) -> None:
    assert "masih contoh" in admin.get("/admin/layanan/paspor").words()
    assert save(admin, "/admin/layanan/paspor").status == 302
    assert "masih contoh" not in admin.get("/admin/layanan/paspor").words()


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"opens": "25.00"}, "opens", "Tulis jam seperti 08.00."),
        ({"opens": "10.00", "closes": "09.00"}, "closes", "Jam tutup harus sesudah jam buka."),
        ({"daily_quota": "banyak"}, "daily_quota", "Tulis angka bulat"),
        ({"daily_quota": "0"}, "daily_quota", "Tulis angka bulat"),
        ({"weekdays": ["9"]}, "weekdays-0", "Pilih dari daftar."),
        ({"local_note": "x" * 601}, "local_note", "Paling panjang 600 huruf."),
        ({"fees-0-label": "Retribusi", "fees-0-amount": "5000"}, "fees-0-perda", "wajib menyebut nomor perda"),
        ({"fees-0-perda": "Perda kota"}, "fees-0-label", "Tulis biaya ini untuk apa."),
        ({"fees-0-label": "Retribusi", "fees-0-perda": "Perda 4/2024"}, "fees-0-amount", "Isi jumlahnya"),
    ],
)  # fmt: skip
def test_wrong_input_names_its_field_and_stays(
    admin: Browser, logged: Logged, fields: dict[str, object], field: str, sentence: str
) -> None:
    page = save(admin, "/admin/layanan/kia", contact="Tetap tertulis", **fields)
    assert page.status == 422
    assert sentence in complaint(page, field)
    assert page.all("input", id=field) or page.all("textarea", id=field)
    assert shown(page, "contact") == "Tetap tertulis"
    for name, value in fields.items():
        if isinstance(value, str) and name != "local_note":
            assert shown(page, name) == value
    assert logged("service.edit") == []


def test_a_service_is_switched_off_and_on(
    admin: Browser, browse: Callable[..., Browser], logged: Logged
) -> None:
    citizen = browse("bukittinggi")
    assert citizen.get("/layanan/kia").status == 200
    save(admin, "/admin/layanan/kia", local_note="Catatan yang bertahan.")
    assert admin.post("/admin/layanan/kia/nonaktifkan").status == 302
    assert citizen.get("/layanan/kia").status == 404
    assert "Layanan ini nonaktif" in admin.get("/admin/layanan/kia").words()
    assert admin.post("/admin/layanan/kia/aktifkan").status == 302
    assert "Catatan yang bertahan." in citizen.get("/layanan/kia").words()
    assert len(logged("service.disable")) == len(logged("service.enable")) == 1


def test_a_service_new_to_the_region_is_offered_first(admin: Browser, browse: Callable[..., Browser]) -> None:
    other = browse("banyuwangi", as_="admin")
    page = other.get("/admin/layanan?tampil=nonaktif")
    link = next(link for link in page.links() if link.startswith("/admin/layanan/") and "?" not in link)
    assert "belum ada di daerah Anda" in other.get(link).words()
    assert other.post(link, {"contact": "x"}).status == 404
    assert other.submit(link, "/aktifkan").status == 302
    assert "Belum ada loket yang melayani" in other.get(link).words()
    assert browse("banyuwangi").get(link.removeprefix("/admin")).status == 200


def test_a_national_change_waits_is_read_and_accepted(
    app: Platform, admin: Browser, browse: Callable[..., Browser], logged: Logged
) -> None:
    citizen = browse("bukittinggi")
    save(admin, "/admin/layanan/kia", local_note="Tetap milik daerah.")
    publish_kia(app, time_limit="5 hari kerja setelah berkas lengkap")
    assert "5 hari kerja" not in citizen.get("/layanan/kia").words()
    assert "1 perubahan nasional menunggu" in admin.get("/admin").words()
    page = admin.get("/admin/layanan/kia/perubahan")
    assert [e for e in page.all("ins") if "5 hari kerja setelah berkas lengkap" in "".join(e.itertext())]
    assert "Menyesuaikan surat edaran" in page.words()
    assert admin.submit("/admin/layanan/kia/perubahan", "/terima").status == 302
    after = citizen.get("/layanan/kia").words()
    assert "5 hari kerja setelah berkas lengkap" in after and "Tetap milik daerah." in after
    assert logged("service.accept_standard")[0].data["after"]["version"] == 2
    assert "Tidak ada perubahan" in admin.get("/admin/layanan/kia/perubahan").words()


def test_a_declined_change_stays_away_until_the_next(app: Platform, admin: Browser, logged: Logged) -> None:
    publish_kia(app, time_limit="5 hari kerja")
    assert admin.submit("/admin/layanan/kia/perubahan", "/tolak").status == 302
    assert "perubahan nasional menunggu" not in admin.get("/admin").words()
    assert "Anda menolak versi 2" in admin.get("/admin/layanan/kia").words()
    publish_kia(app, time_limit="6 hari kerja")
    assert "1 perubahan nasional menunggu" in admin.get("/admin").words()
    assert logged("service.decline_standard")[0].data["declined"] == 2


def test_a_decision_on_an_older_text_is_refused(app: Platform, admin: Browser, logged: Logged) -> None:
    publish_kia(app, time_limit="5 hari kerja")
    form = admin.get("/admin/layanan/kia/perubahan").form("/terima")
    seen = next(e.get("value") for e in form.iter("input") if e.get("name") == "standard_id")
    publish_kia(app, time_limit="6 hari kerja")
    page = admin.post("/admin/layanan/kia/perubahan/terima", {"standard_id": seen})
    assert page.location == "/admin/layanan/kia/perubahan"
    assert "sudah ada yang lebih baru" in admin.get(page.location).words()
    assert logged("service.accept_standard") == []


def test_two_admins_do_not_overwrite_each_other(admin: Browser, browse: Callable[..., Browser]) -> None:
    other = browse("bukittinggi", as_="admin")
    seen = values(other.get("/admin/layanan/kia"), "/admin/layanan/kia")["seen"]
    save(admin, "/admin/layanan/kia", local_note="Yang pertama.")
    page = other.post("/admin/layanan/kia", {"seen": seen, "local_note": "Yang kedua."})
    assert page.status == 422 and "Orang lain mengubah data ini" in page.words()
    assert "Yang pertama." in browse("bukittinggi").get("/layanan/kia").words()
    again = {"seen": shown(page, "seen"), "local_note": "Yang kedua."}
    assert other.post("/admin/layanan/kia", again).status == 302
