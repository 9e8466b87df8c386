"""The super-admin's own account."""

from __future__ import annotations

from collections.abc import Callable

from mpp.tenancy.region import Region
from tests.support.client import PASSWORD, Browser

Browse = Callable[..., Browser]

EMAIL = "pusat@panrb.contoh"
NEW = "kalimat-baru-yang-panjang"


def test_a_new_password_ends_every_other_session_but_not_this_one(
    browse: Browse, bukittinggi: Region
) -> None:
    here, elsewhere = browse(as_=EMAIL), browse(as_=EMAIL)
    assert here.submit("/pusat/akun", current=PASSWORD, new=NEW, again=NEW).status == 302
    assert here.get("/pusat").status == 200
    assert elsewhere.get("/pusat").status == 302
    assert browse().submit("/masuk", email=EMAIL, password=PASSWORD).status == 422
    assert browse().submit("/masuk", email=EMAIL, password=NEW).status == 302


def test_wrong_old_short_or_different_new_passwords_are_refused(browse: Browse, bukittinggi: Region) -> None:
    centre = browse(as_=EMAIL)
    for fields, words in (
        ({"current": "salah", "new": NEW, "again": NEW}, "Kata sandi sekarang tidak cocok."),
        ({"current": PASSWORD, "new": "pendek", "again": "pendek"}, "paling sedikit 12 karakter"),
        ({"current": PASSWORD, "new": NEW, "again": NEW + "x"}, "Tidak sama dengan kata sandi baru."),
    ):
        page = centre.submit("/pusat/akun", **fields)
        assert page.status == 422
        assert words in page.words()
        assert NEW not in page.text
    assert browse().submit("/masuk", email=EMAIL, password=PASSWORD).status == 302
