"""A form outlives the quarter of an hour that a proof lasts: what was typed comes back, to its owner alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mpp.citizens import powers
from mpp.web.flask import Platform
from tests.blueprints.account.test_own import CHOSEN, NEW, fresh_account, older, with_password
from tests.support.client import PASSWORD, Browser, Page, shown_code

Browse = Callable[..., Browser]


def prove(browser: Browser, asked: Page) -> Page:
    """Prove by the password, as the page at `asked` wants it, and go where it leads."""
    assert (asked.location or "").startswith("/akun/bukti?lanjut="), asked.words()
    done = browser.submit(
        asked.location or "", "lanjut=" + (asked.location or "").split("lanjut=")[1], password=PASSWORD
    )
    assert done.status == 303 and done.location
    return browser.get(done.location)


def values(page: Page, name: str) -> list[str]:
    """What stands in a field: the text of one, or the boxes that are ticked."""
    boxes = [e for e in page.all("input", name=name) if e.get("type") in {"checkbox", "radio"}]
    areas = [e.text or "" for e in page.all("textarea", name=name)]
    chosen = [e.get("value") or "" for e in boxes if e.get("checked") is not None]
    return chosen or areas or [e.get("value") or "" for e in page.all("input", name=name) if e not in boxes]


@pytest.mark.parametrize(
    ("path", "field", "text"),
    [
        ("/akun/nama", "name", "Siti Nur'aini, S.Kom."),
        ("/akun/nik", "nik", "9971015505900001"),
        ("/akun/surel", "email", "siti@surel.contoh"),
        ("/akun/hp", "hp", "0812 9999 0066"),
        ("/akun/keamanan/kunci-sandi", "name", "HP merah"),
    ],
)
def test_what_was_typed_comes_back(app: Platform, browse: Browse, path: str, field: str, text: str) -> None:
    browser = with_password(browse())
    form = {field: text, "answer": "{}"}
    assert browser.get(path).status == 200
    older(app, "strong_at", "16 minutes")
    asked = browser.post(path, form)
    assert text not in (asked.location or "") and text not in str(asked.response.headers)
    page = prove(browser, asked)
    assert values(page, field) == [text]
    assert "Yang tadi Anda tulis masih ada" in page.words()
    assert "no-store" in page.response.headers["Cache-Control"]
    # Once.
    assert values(browser.get(path), field) != [text]


def test_sent_again_it_is_done_with_a_token_of_its_own(app: Platform, browse: Browse) -> None:
    browser = with_password(browse())
    older(app, "strong_at", "16 minutes")
    page = prove(browser, browser.post("/akun/nama", {"name": "Siti Baru"}))
    assert "Siti Baru" not in browser.get("/akun").words()
    token = page.form("/akun/nama").find(".//input[@name='csrf_token']")
    assert token is not None
    assert (
        browser.post("/akun/nama", {"name": "Siti Baru", "csrf_token": token.get("value")}, csrf=False).status
        == 303
    )
    assert "Siti Baru" in browser.get("/akun").words()


def test_a_code_to_the_telephone_brings_it_back_too(app: Platform, browse: Browse) -> None:
    browser = fresh_account(browse())
    older(app, "proved_at", "16 minutes")
    asked = browser.post("/akun/surel", {"email": "adi@surel.contoh"})
    assert asked.location == "/akun/bukti?lanjut=/akun/surel"
    browser.post("/akun/bukti/kirim", {"lanjut": "/akun/surel"})
    code = shown_code(browser.get("/akun/bukti/kode"))
    assert browser.submit("/akun/bukti/kode", "/akun/bukti/kode", code=code).location == "/akun/surel"
    assert values(browser.get("/akun/surel"), "email") == ["adi@surel.contoh"]


def test_a_power_of_attorney_comes_back_whole(app: Platform, browse: Browse) -> None:
    browser = with_password(browse())
    boxes = [e.get("value") or "" for e in browser.get("/akun/kuasa/beri").all("input", name="services")]
    today = powers.today()
    form = {
        "name": "Budi Contoh", "phone": NEW, "what": "pilih", "services": boxes, "region": "", "agreed": "y",
        "starts_on": today.isoformat(), "ends_on": powers.latest_end(today).isoformat(),
        "reason": "Sedang dirawat di rumah sakit, " * 9,
    }  # fmt: skip
    older(app, "strong_at", "16 minutes")
    # Every service ticked and the longest reason still fit into a cookie.
    page = prove(browser, browser.post("/akun/kuasa/beri", form))
    for name, typed in form.items():
        kept = [one.strip() for one in values(page, name)]
        if name != "region":
            assert kept == (typed if isinstance(typed, list) else [typed.strip()]), name


def test_nothing_secret_is_kept_and_that_is_said(app: Platform, browse: Browse) -> None:
    browser = with_password(browse())
    older(app, "strong_at", "16 minutes")
    asked = browser.post("/akun/keamanan/sandi", {"new": CHOSEN, "again": CHOSEN})
    assert browser.client.get_cookie("ketikan", domain="localhost") is None
    assert "tulis kata sandi barunya sekali lagi" in browser.get(asked.location or "").words()


def test_the_code_of_a_new_number_late_by_a_moment_loses_no_number(app: Platform, browse: Browse) -> None:
    browser = with_password(browse())
    browser.submit("/akun/hp", "/akun/hp", hp="0812 9999 0066")
    code = shown_code(browser.get("/akun/hp/kode"))
    older(app, "strong_at", "16 minutes")
    page = prove(browser, browser.post("/akun/hp/kode", {"code": code}))
    assert values(page, "hp") == ["+6281299990066"]


def test_it_is_for_its_owner_its_page_and_half_an_hour(
    app: Platform, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = with_password(browse())
    older(app, "strong_at", "16 minutes")
    asked = browser.post("/akun/nik", {"nik": "9971015505900001"})
    kept = browser.client.get_cookie("ketikan", domain="localhost")
    assert kept is not None and "9971015505900001" not in kept.value and kept.http_only
    # Another account in the same browser or with a copy of it.
    other = fresh_account(browse())
    other.client.set_cookie("ketikan", kept.value, domain="localhost")
    assert values(other.get("/akun/nik"), "nik") == [""]
    other.client.set_cookie("ketikan", kept.value[:-8] + "AAAAAAA=", domain="localhost")
    assert other.get("/akun/nik").status == 200
    # Another page, which leaves it where it is.
    prove(browser, asked)
    browser.client.set_cookie("ketikan", kept.value, domain="localhost")
    assert values(browser.get("/akun/surel"), "email") == [""]
    assert browser.client.get_cookie("ketikan", domain="localhost") is not None
    monkeypatch.setattr("mpp.web.typed.SECONDS_KEPT", -1)
    assert values(browser.get("/akun/nik"), "nik") == [""]
