"""Cookies and tokens: each of one browser, one host, one time."""

from __future__ import annotations

from collections.abc import Callable

from mpp.tenancy.region import Region
from tests.support.client import Browser

Browse = Callable[..., Browser]
OWN = "/akun-saya"


def jar(browser: Browser) -> dict[str, str]:
    return {c.decoded_key: c.value for c in (browser.client._cookies or {}).values()}


def replay(browser: Browser, cookies: dict[str, str], path: str = OWN) -> int:
    """Send cookies as they are; returns the status. A client with a jar of its own would send that."""
    line = "; ".join(f"{name}={value}" for name, value in cookies.items())
    client = browser.app.test_client(use_cookies=False)
    return client.get(path, base_url=browser.base, headers={"Cookie": line}).status_code


def test_a_cookie_from_before_signing_in_is_nobodys_afterwards(browse: Browse, bukittinggi: Region) -> None:
    """Fixation: who put a cookie into somebody's browser has nothing when they sign in."""
    visitor = browse("bukittinggi")
    visitor.get("/masuk")
    planted = jar(visitor)
    visitor.sign_in("petugas@bukittinggi.contoh")
    assert jar(visitor)["sesi"] != planted["sesi"]
    assert replay(browse("bukittinggi"), planted) == 302
    assert visitor.get(OWN).status == 200


def test_a_token_from_before_signing_in_is_worth_nothing_afterwards(
    browse: Browse, bukittinggi: Region
) -> None:
    visitor = browse("bukittinggi")
    before = visitor.token()
    visitor.sign_in("petugas@bukittinggi.contoh")
    assert visitor.post("/keluar", {"csrf_token": before}, csrf=False).status == 400


def test_a_copied_cookie_dies_with_the_session(browse: Browse, bukittinggi: Region) -> None:
    visitor = browse("bukittinggi", as_="petugas")
    copy = jar(visitor)
    assert replay(browse("bukittinggi"), copy) == 200
    visitor.post("/keluar")
    assert replay(browse("bukittinggi"), copy) == 302


def test_a_session_of_one_host_is_noise_at_the_others(
    browse: Browse, bukittinggi: Region, banyuwangi: Region
) -> None:
    copy = jar(browse("bukittinggi", as_="admin"))
    assert replay(browse("banyuwangi"), copy, "/admin") == 302
    assert replay(browse(), copy, "/pusat") == 302
    central = jar(browse(as_="pusat@panrb.contoh"))
    assert replay(browse("bukittinggi"), central, "/admin") == 302


def test_a_changed_cookie_is_no_cookie(browse: Browse, bukittinggi: Region) -> None:
    value = jar(browse("bukittinggi", as_="petugas"))["sesi"]
    stranger = browse("bukittinggi")
    assert replay(stranger, {"sesi": value}) == 200 and replay(stranger, {"session": value}) == 302
    for changed in (
        value[:-1],
        value[:-2] + ("AA" if value[-2:] != "AA" else "BB"),
        "",
        value + "x" * 3000,
        "." + value,
    ):
        assert replay(stranger, {"sesi": changed}) == 302


def test_tokens_are_of_one_browser_and_one_host(
    browse: Browse, bukittinggi: Region, banyuwangi: Region
) -> None:
    """No token, somebody else's, another host's, a stranger's, one made up: none is taken."""
    mine, colleague = browse("bukittinggi", as_="petugas"), browse("bukittinggi", as_="petugas2")
    tokens = {
        "none": "", "made up": "x" * 90, "a colleague's": colleague.token(),
        "a stranger's": browse("bukittinggi").token(),
        "the neighbour's": browse("banyuwangi", as_="petugas").token(), "the centre's": browse().token(),
    }  # fmt: skip
    answers = {
        whose: mine.post("/keluar", {"csrf_token": token}, csrf=False).status
        for whose, token in tokens.items()
    }
    assert set(answers.values()) == {400}, answers
    assert mine.get(OWN).status == 200 and mine.post("/keluar").status == 302


OURS: tuple[dict[str, str], ...] = (
    {}, {"Origin": "http://bukittinggi.localhost"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"},
)  # fmt: skip
NOT_OURS: tuple[dict[str, str], ...] = (
    {"Origin": "http://banyuwangi.localhost"}, {"Origin": "http://localhost"}, {"Origin": "null"}, {"Origin": ""},
    {"Origin": "http://bukittinggi.localhost.evil.example"}, {"Origin": "http://bukittinggi.localhost:81"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
)  # fmt: skip


def test_a_form_of_another_page_is_refused_even_with_its_token(browse: Browse, bukittinggi: Region) -> None:
    """Regions live under one domain: to a browser they are one site, and SameSite alone lets a neighbour's form in."""
    person = browse("bukittinggi", as_="petugas")
    for said in NOT_OURS:
        assert person.post(OWN, {}, headers=said).status == 400, said
    for said in OURS:
        assert person.post(OWN, {}, headers=said).status == 422, said


def test_looking_changes_nothing(browse: Browse, bukittinggi: Region) -> None:
    person = browse("bukittinggi", as_="petugas")
    assert person.get("/keluar").status in {404, 405}
    assert person.get(OWN).status == 200
