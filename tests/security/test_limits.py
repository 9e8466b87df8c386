"""How often: a school gets through, a script doesn't, nobody counts for another, nothing readable is kept."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask_limiter import Limiter
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from redis import Redis

from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from mpp.web.limits import RULE, TABLE, USUAL, limiter
from tests.support.client import Browser, Page
from tests.support.proof import work

Browse = Callable[..., Browser]
SERVICE = "ktp-el-baru"
FORM = f"/antrean/ambil?layanan={SERVICE}"
SCHOOL = "203.0.113.7"


def fields(browser: Browser, *, proof: bool = True, **typed: str) -> dict[str, str]:
    form = browser.get(FORM).form("/antrean/ambil")
    values = {
        f.get("name") or "": f.get("value") or "" for f in form.iter("input") if f.get("type") != "radio"
    }
    values["bukti"] = work(values["lahir"]) if proof else ""
    return values | {"nama": "Siti"} | typed


def send(browser: Browser, values: dict[str, str], address: str = SCHOOL) -> Page:
    where = {"REMOTE_ADDR": address}
    return browser.post("/antrean/ambil", values, csrf=False, environ_overrides=where)


def test_every_form_of_every_host_has_a_limit(app: Platform) -> None:
    """The walk: what a view names itself, or the usual limit, which flask-limiter gives to the rest."""
    unlimited = []
    manager = limiter.limit_manager
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or set()):
            continue
        view = app.view_functions[rule.endpoint]
        blueprint = rule.endpoint.partition(".")[0]
        with app.test_request_context(method="POST"):
            usual, own = manager.resolve_limits(
                app, rule.endpoint, blueprint, f"{view.__module__}.{view.__qualname__}", False, False
            )
        counted = [
            limit for limit in own if not limit.methods or "post" in {m.lower() for m in limit.methods}
        ]
        if not counted and not usual:
            unlimited.append(rule.endpoint)
    assert unlimited == []
    assert manager.default_limits, "the usual limit is gone"


def test_every_rule_of_the_table_holds_somewhere(app: Platform) -> None:
    named = {getattr(view, RULE, None) for view in app.view_functions.values()}
    assert set(TABLE) - named <= {"register"}


def test_a_school_gets_through_one_address(open_hall: Region, browse: Browse) -> None:
    answers = [send(pupil, fields(pupil)).status for pupil in (browse("bukittinggi") for _ in range(40))]
    assert answers == [303] * 40


def test_a_script_without_the_work_does_not(open_hall: Region, browse: Browse, banyuwangi: Region) -> None:
    answers = []
    for _ in range(14):
        script = browse("bukittinggi")
        answers.append(send(script, fields(script, proof=False)).status)
    assert answers == [422] * 12 + [429] * 2
    pupil = browse("bukittinggi")
    assert send(pupil, fields(pupil)).status == 303, "who brings the work is counted apart"
    other = browse("bukittinggi")
    assert send(other, fields(other, proof=False), "203.0.113.8").status == 422
    neighbour = browse("banyuwangi")
    assert neighbour.post("/antrean/ambil", {}, environ_overrides={"REMOTE_ADDR": SCHOOL}).status == 404


def test_a_crowd_of_addresses_without_the_work_is_bounded(open_hall: Region, browse: Browse) -> None:
    script = browse("bukittinggi")
    values = fields(script, proof=False) | {"lahir": ""}
    answers = [send(script, values, f"203.0.{n}.1").status for n in range(125)]
    assert answers.count(429) == 5


def test_one_form_is_not_sent_for_ever(open_hall: Region, browse: Browse) -> None:
    visitor = browse("bukittinggi")
    values = fields(visitor)
    assert [send(visitor, values, f"203.0.{n}.2").status for n in range(13)] == [303] * 12 + [429]


def test_one_phone_takes_ten_numbers_an_hour(open_hall: Region, browse: Browse) -> None:
    answers = []
    for n in range(11):
        visitor = browse("bukittinggi")
        # However it is written.
        phone = ("0812 9999 0001", "+62 812-9999-0001")[n % 2]
        answers.append(send(visitor, fields(visitor, hp=phone), f"203.0.{n}.3").status)
    assert answers == [303] * 10 + [429]


def test_a_refusal_says_when_and_keeps_what_was_typed(open_hall: Region, browse: Browse) -> None:
    visitor = browse("bukittinggi")
    values = fields(visitor, hp="0812 9999 0002")
    for n in range(12):
        send(visitor, values, f"203.0.{n}.4")
    refused = send(visitor, values | {"nama": "Rahmawati"})
    assert refused.status == 429
    assert 0 < int(refused.response.headers["Retry-After"]) <= 3600
    assert re.search(r"Coba lagi mulai pukul \d\d\.\d\d WIB", refused.words())
    again = {f.get("name") or "": f.get("value") or "" for f in refused.form("/antrean/ambil").iter("input")}
    assert (again["nama"], again["hp"]) == ("Rahmawati", "0812 9999 0002")
    limiter.reset()
    assert send(visitor, again).status == 303


def test_a_refusal_keeps_no_password(browse: Browse, bukittinggi: Region) -> None:
    visitor = browse("bukittinggi")
    for _ in range(20):
        page = visitor.post("/masuk", {"email": "x@bukittinggi.contoh", "password": ""})
    page = visitor.post("/masuk", {"email": "x@bukittinggi.contoh", "password": "rahasia-sekali"})
    assert page.status == 429 and "rahasia-sekali" not in page.text and "Coba lagi" in page.words()


def test_a_refusal_at_the_centre_counts_in_minutes(browse: Browse, bukittinggi: Region) -> None:
    visitor = browse()
    for _ in range(21):
        page = visitor.post("/masuk", {"email": "x@panrb.contoh", "password": ""})
    assert page.status == 429 and "Coba lagi kira-kira 1 menit lagi." in page.words()


def test_people_of_one_address_are_counted_by_themselves(browse: Browse, bukittinggi: Region) -> None:
    """A desk of the hall that sends too much stops itself, not the desk beside it."""
    busy, calm = browse("bukittinggi", as_="petugas"), browse("bukittinggi", as_="petugas2")
    most = int(USUAL.rate.partition(" ")[0])
    token = {"csrf_token": busy.token()}
    answers = [
        busy.client.post("/loket/di-sini", data=token, base_url=busy.base).status_code
        for _ in range(most + 1)
    ]
    assert answers[-1] == 429 and 429 not in answers[:-1]
    assert calm.post("/loket/di-sini", {}).status != 429


def test_a_line_of_ipv6_is_one_address(open_hall: Region, browse: Browse) -> None:
    script = browse("bukittinggi")
    values = fields(script, proof=False) | {"lahir": ""}
    answers = [send(script, values, f"2001:db8:1:2::{n:x}").status for n in range(1, 14)]
    assert answers[-1] == 429
    assert send(script, values, "2001:db8:1:3::1").status == 422


def test_no_address_and_no_number_is_written_down(
    open_hall: Region, browse: Browse, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    visitor = browse("bukittinggi")
    values = fields(visitor, hp="0812 9999 0003")
    for _ in range(13):
        send(visitor, values)
    keys = b"\n".join(Redis.from_url(settings.valkey_url).scan_iter()).decode()
    assert "take" in keys and SCHOOL not in keys and "99990003" not in keys and values["lahir"] not in keys
    assert SCHOOL not in caplog.text and "99990003" not in caplog.text


def test_without_valkey_each_process_counts_by_itself(
    open_hall: Region, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody listens at that port: the hall goes on, and a script is still stopped."""
    away = storage_from_string("redis://127.0.0.1:1", socket_connect_timeout=1)
    monkeypatch.setattr(limiter, "_storage", away)
    monkeypatch.setattr(limiter, "_limiter", FixedWindowRateLimiter(away))
    monkeypatch.setattr(limiter, "_storage_dead", False)
    visitor = browse("bukittinggi")
    assert send(visitor, fields(visitor)).status == 303
    script = browse("bukittinggi")
    values = fields(script, proof=False)
    answers = [send(script, values).status for _ in range(13)]
    assert answers[-1] == 429 and answers[0] == 422
    assert int(send(script, values).response.headers["Retry-After"]) > 0
    _forget_memory(limiter)


def _forget_memory(counted: Limiter) -> None:
    assert counted._fallback_limiter is not None
    counted._fallback_limiter.storage.reset()


@pytest.mark.parametrize(
    ("proxies", "sent", "counted"),
    [
        # Without a proxy of ours the header is anybody's word.
        (0, "198.51.100.1", "127.0.0.1"),
        # Ours adds the address it saw at the end: what stood before it is anybody's word.
        (1, "198.51.100.9, 198.51.100.1", "198.51.100.1"),
        (1, "", "127.0.0.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
    ],
)
def test_a_forged_address_gains_nothing(
    build: Callable[..., Platform], bukittinggi: Region, proxies: int, sent: str, counted: str
) -> None:
    made = build(behind_proxy=proxies)
    seen: list[str | None] = []

    @made.before_request
    def _look() -> None:
        from flask import request

        seen.append(request.remote_addr)

    headers = {
        "X-Forwarded-For": sent,
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=6.6.6.6",
        "X-Real-IP": "6.6.6.6",
    }
    answer = made.test_client().get("/masuk", base_url="http://bukittinggi.localhost", headers=headers)
    assert answer.status_code == 200 and seen == [counted]
    assert "evil.example" not in answer.get_data(as_text=True)
