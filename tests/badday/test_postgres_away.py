"""PostgreSQL goes away and comes back: people wait, nothing is lost, nothing happens twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.badday.ground import Ground, kill, stop, until
from tests.browser.conftest import DESK, PHONE
from tests.soak.people import take
from tests.soak.visitor import Answer, fresh_key
from tests.support.client import PASSWORD
from tests.support.lint import parse, problems


def test_a_page_is_a_calm_one_that_tries_again(ground: Ground) -> None:
    citizen = ground.visitor()
    for _twice in range(2):
        assert citizen.insist("GET", "/layanan").status == 200
    form = citizen.insist("GET", f"/antrean/ambil?layanan={ground.hall.service}")
    stop(ground.postgres)
    # Also a page that was kept a moment ago: without its gate nobody may say that it still holds.
    page = citizen.ask("GET", "/layanan")
    assert page.status == 503 and page.retry_after == "2"
    document = parse(page.text)
    assert problems(document) == []
    assert 'http-equiv="refresh"' in page.text and "Mohon tunggu sebentar" in page.text
    english = citizen.ask("GET", "/layanan?bahasa=en")
    assert english.status == 503 and "Please wait a moment" in english.text
    sent = citizen.ask("POST", "/antrean/ambil", {"csrf_token": form.token(), "kunci": fresh_key()})
    assert sent.status == 503 and 'http-equiv="refresh"' not in sent.text
    stranger = ground.visitor()
    stranger.slug = "kota-yang-belum-pernah-diminta"
    assert stranger.ask("GET", "/").status == 503
    assert stranger.ask("GET", "/healthz").status == 200
    centre = ground.live.fetch(None, "/healthz"), ground.live.fetch(None, "/readyz")
    assert [status for status, _text in centre] == [200, 503]
    ground.postgres.start()
    assert citizen.ask("GET", "/layanan").status == 200, "the first to ask is served again"


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_restart_under_load_loses_no_call_and_doubles_none(ground: Ground, how: str) -> None:
    desks = [ground.desk(number) for number in range(2)]
    over = threading.Event()
    seen: list[Answer] = []

    def citizens() -> None:
        while not over.is_set():
            visitor = ground.visitor()
            take(visitor, ground.hall.service)

    crowd = [threading.Thread(target=citizens) for _ in range(3)]
    crowd += [threading.Thread(target=desk.work, args=(over, 0.05)) for desk in desks]
    for thread in crowd:
        thread.start()
    witness = ground.visitor()
    until(lambda: ground.calls() >= 2)
    assert ground.postgres.process
    if how == "stopped":
        stop(ground.postgres)
    else:
        kill(ground.postgres.process.pid)
        ground.postgres.process.wait()
    seen.append(until(lambda: _trouble(witness.ask("GET", "/antrean"))))
    time.sleep(0.5)
    ground.postgres.start()
    began = time.monotonic()
    until(lambda: witness.ask("GET", "/antrean").status == 200)
    again = time.monotonic() - began
    time.sleep(1)
    over.set()
    for thread in crowd:
        thread.join(60)
    assert again < 3, f"pools came back after {again:.1f} s"
    assert {answer.status for answer in seen} == {503} and seen[0].retry_after == "2"
    assert ground.ledger.answers["500"] == 0, ground.ledger.answers
    assert (ground.ledger.unanswered, ground.ledger.broken) == ([], [])
    given = {line.code: line.label for line in ground.ledger.tickets}
    kept = ground.rows("SELECT code, prefix || '-' || lpad(number::text, 3, '0') FROM ticket")
    assert dict(kept) == given, "exactly the numbers that people hold"
    acts = {act.key: act.kind for act in ground.ledger.acts}
    events = dict(ground.rows("SELECT event_key, kind FROM ticket_event WHERE event_key IS NOT NULL"))
    assert events == acts, "exactly the presses that were answered"


def _trouble(answer: Answer) -> Answer | None:
    return answer if answer.status >= 500 else None


@pytest.mark.browser
def test_a_console_waits_and_calls_one_person(ground: Ground, visit: Callable[..., Page]) -> None:
    citizen = ground.visitor()
    for _person in range(2):
        assert take(citizen, ground.hall.service)
    page = visit(DESK)
    email, counter = ground.hall.desks[0]
    page.goto(ground.live.url("bukittinggi", "/masuk"))
    page.get_by_label("Surel").fill(email)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.wait_for_url(lambda url: "/masuk" not in url)
    page.goto(ground.live.url("bukittinggi", "/loket/pilih"))
    page.locator(f"form[action='/loket/{counter}/duduk'] button").first.click()
    page.wait_for_url("**/loket")
    stop(ground.postgres)
    page.keyboard.press("n")
    expect(page.locator("[data-words]")).to_contain_text("dikirim lagi")
    away = visit(PHONE)
    away.goto(ground.live.url("bukittinggi", "/"))
    expect(away.locator("h1")).to_have_text("Mohon tunggu sebentar")
    ground.postgres.start()
    expect(page.locator("[data-console-state='called']")).to_be_visible(timeout=15_000)
    assert ground.calls() == 1
    expect(away.locator("h1")).not_to_have_text("Mohon tunggu sebentar", timeout=15_000)
