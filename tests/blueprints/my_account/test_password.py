"""One's own password: changed here, and every other session ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.client import PASSWORD, Browser
from tests.support.forms import complaint, save

NEW = "empat kata yang panjang"


@pytest.mark.parametrize("role", ["admin", "petugas", "resepsionis"])
def test_a_new_password_holds_and_ends_other_sessions(browse: Callable[..., Browser], role: str) -> None:
    here, elsewhere = browse("bukittinggi", as_=role), browse("bukittinggi", as_=role)
    page = save(here, "/akun-saya", current=PASSWORD, new=NEW, again=NEW)
    assert page.status == 302, page.words()
    assert "sudah diganti" in here.get("/akun-saya").words()
    assert elsewhere.get("/akun-saya").status == 302
    browse("bukittinggi").sign_in(f"{role}@bukittinggi.contoh", NEW)
    again = save(here, "/akun-saya", current=NEW, new=NEW, again=NEW)
    assert again.status == 422 and "Pilih kata sandi yang lain" in complaint(again, "new")


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"current": "bukan ini"}, "current", "tidak cocok"),
        ({"new": "pendek", "again": "pendek"}, "new", "paling sedikit 15"),
        ({"new": "a" * 16, "again": "a" * 16}, "new", "mudah ditebak"),
        ({"again": "lain sama sekali"}, "again", "Belum sama"),
        ({"new": PASSWORD, "again": PASSWORD}, "new", "mudah ditebak"),
        ({"new": ""}, "new", "Isi kata sandi baru."),
    ],
)
def test_a_wrong_change_is_named(
    browse: Callable[..., Browser], changes: dict[str, str], field: str, sentence: str
) -> None:
    here = browse("bukittinggi", as_="petugas")
    page = save(here, "/akun-saya", **{"current": PASSWORD, "new": NEW, "again": NEW, **changes})
    assert page.status == 422 and sentence in complaint(page, field)
    assert NEW not in page.text and PASSWORD not in page.text
    browse("bukittinggi", as_="petugas")
