"""OpenID Connect Core 1.0, 3.1.2.1: what a region may ask of the sign-in itself, by `prompt` and `max_age`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from mpp.web.flask import Platform
from tests.blueprints.account.test_own import older
from tests.support.citizens import PHONE
from tests.support.client import Browser, shown_code
from tests.support.desk import Desk, fetch


def refusal(answer: Any, desk: Desk) -> dict[str, str]:
    """What went back to the region in place of a code."""
    assert answer.status_code == 302 and answer.location.startswith(desk.callback + "?"), answer.location
    words = dict(parse_qsl(urlsplit(answer.location).query))
    assert words["iss"] == "http://localhost:8000" and words["state"] == "s" * 20 and "code" not in words
    return words


def once_more(answer: Any) -> str:
    """The address that the sign-in page leads to afterwards, when it is shown to who is signed in."""
    parts = urlsplit(answer.location)
    assert answer.status_code == 302 and parts.path == "/akun/masuk", answer.location
    words = parse_qs(parts.query)
    assert words["ulang"] == ["1"]
    return words["lanjut"][0]


def sign_in_again(browser: Browser, page: str) -> str:
    """Sign in by a code on the page one was sent to; return the address at the provider that follows."""
    shown = browser.get(page)
    assert shown.status == 200 and "Masuk sekali lagi" in shown.words()
    assert browser.submit(page, "/akun/masuk", hp=PHONE).location == "/akun/kode"
    done = browser.submit("/akun/kode", "/akun/kode", code=shown_code(browser.get("/akun/kode")))
    assert (done.location or "").startswith("/oidc/lanjut?")
    onward = browser.get(done.location or "")
    return next(link for link in onward.links() if link.startswith("/oidc/authorize?"))


def auth_time(desk: Desk, location: str) -> int:
    code = dict(parse_qsl(urlsplit(location).query))["code"]
    keys = KeySet.import_key_set(fetch(desk.app, "/oidc/jwks.json").get_json())
    claims = jwt.decode(desk.trade(code).get_json()["id_token"], keys, algorithms=["RS256"]).claims
    return int(claims["auth_time"])


@pytest.mark.parametrize(
    "words", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "0"}, {"max_age": "60"}]
)
def test_who_is_signed_in_signs_in_again_and_once(
    app: Platform,
    desk: Desk,
    words: dict[str, str],
) -> None:
    older(app, "proved_at", "10 minutes")
    asked, before = desk.ask(**words), int(time.time())
    once_more(asked)
    browser = desk.siti.at("localhost")
    onward = sign_in_again(browser, asked.location)
    answer = browser.client.get(onward, base_url="http://localhost")
    assert answer.status_code == 302 and answer.location.startswith(desk.callback + "?code="), answer.location
    assert auth_time(desk, answer.location) >= before
    # The next request asks anew.
    if words != {"max_age": "60"}:
        once_more(desk.ask(**words))


def test_who_has_signed_in_lately_is_not_asked(app: Platform, desk: Desk) -> None:
    older(app, "proved_at", "10 minutes")
    answer = desk.ask(max_age="900")
    assert 590 <= time.time() - auth_time(desk, answer.location) <= 660
    assert desk.code() and desk.code(prompt="none") and desk.code(prompt="none", max_age="900")


def test_a_mark_is_good_for_its_own_request_alone(app: Platform, desk: Desk) -> None:
    older(app, "proved_at", "10 minutes")
    words = dict(parse_qsl(urlsplit(once_more(desk.ask(prompt="login"))).query))
    older(app, "proved_at", "-20 minutes")
    for changes in ({"nonce": "a-different-one"}, {"sejak": "x"}, {"sejak": words["sejak"][:-2]}):
        query = urlencode(words | changes)
        browser = desk.siti.at("localhost")
        once_more(browser.client.get(f"/oidc/authorize?{query}", base_url="http://localhost"))
    # Coming back without having signed in gets no further.
    older(app, "proved_at", "20 minutes")
    again = desk.siti.at("localhost").client.get(
        f"/oidc/authorize?{urlencode(words)}", base_url="http://localhost"
    )
    assert dict(parse_qsl(urlsplit(once_more(again)).query))["sejak"] == words["sejak"]


def test_where_no_page_is_wanted_the_region_is_told(app: Platform, desk: Desk) -> None:
    older(app, "proved_at", "10 minutes")
    assert refusal(desk.ask(prompt="none", max_age="60"), desk)["error"] == "login_required"
    assert refusal(desk.ask(prompt="consent"), desk)["error"] == "consent_required"
    desk.siti.sign_out_everywhere()
    assert refusal(desk.ask(prompt="none"), desk)["error"] == "login_required"
    # Never to an address that is not the region's.
    for words in ({"redirect_uri": "https://jahat.contoh/"}, {"client_id": "999999"}):
        answer = desk.ask(prompt="none", **words)
        assert answer.status_code == 400 and answer.location is None


@pytest.mark.parametrize(
    "words",
    [{"prompt": "none login"}, {"max_age": "besok"}, {"max_age": "-1"}, {"max_age": "²"}, {"max_age": ""}],
)
def test_what_means_nothing_is_refused(desk: Desk, words: dict[str, str]) -> None:
    answer = desk.ask(**words)
    assert answer.status_code == 400 and answer.location is None


def test_a_word_that_is_not_known_is_left_alone(desk: Desk) -> None:
    assert desk.code(prompt="create")


def test_who_is_not_signed_in_is_asked_once(desk: Desk, browse: Callable[..., Browser]) -> None:
    desk.siti.sign_out_everywhere()
    asked = desk.ask(prompt="login")
    target = parse_qs(urlsplit(asked.location).query)["lanjut"][0]
    browser = desk.siti.at("localhost")
    page = browser.come_in(PHONE, to=target)
    onward = next(
        link for link in browser.get(page.location or "").links() if link.startswith("/oidc/authorize?")
    )
    answer = browser.client.get(onward, base_url="http://localhost")
    assert answer.location.startswith(desk.callback + "?code=")


def test_the_page_says_what_can_be_asked(app: Platform) -> None:
    document = fetch(app, "/.well-known/openid-configuration").get_json()
    assert document["prompt_values_supported"] == ["none", "login", "select_account"]
