"""A form for strangers: slower without the small work, never a wall, and nothing typed is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from xml.etree.ElementTree import Element

import pytest

from mpp.tenancy.region import Region
from mpp.web import bots
from tests.support.client import Browser, Page
from tests.support.proof import work

Browse = Callable[..., Browser]
FORM = "/antrean/ambil?layanan=ktp-el-baru"


@pytest.fixture
def citizen(open_hall: Region, browse: Browse) -> Browser:
    return browse("bukittinggi")


def opened(browser: Browser) -> dict[str, str]:
    """The form as it stands, without its work."""
    form = browser.get(FORM).form("/antrean/ambil")
    values = {
        f.get("name") or "": f.get("value") or "" for f in form.iter("input") if f.get("type") != "radio"
    }
    return values | {"nama": "Rahmawati", "hp": "0812 9999 0010"}


def send(browser: Browser, values: dict[str, str]) -> Page:
    return browser.post("/antrean/ambil", values, csrf=False)


def standing(page: Page) -> dict[str, str]:
    form = page.form("/antrean/ambil")
    return {f.get("name") or "": f.get("value") or "" for f in form.iter("input") if f.get("type") != "radio"}


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Look at the form so much later."""
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + seconds)


def test_with_the_work_it_may_be_sent_at_once(citizen: Browser) -> None:
    values = opened(citizen)
    assert send(citizen, values | {"bukti": work(values["lahir"])}).status == 303


def test_without_it_a_person_is_fast_enough(citizen: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    values = opened(citizen)
    page = send(citizen, values)
    assert page.status == 422 and "terkirim sangat cepat" in page.words()
    again = standing(page)
    assert (again["nama"], again["hp"]) == ("Rahmawati", "0812 9999 0010")
    assert again["lahir"] == values["lahir"], "waiting begins when the form was opened, not anew"
    later(monkeypatch, bots.SECONDS_HUMAN)
    assert send(citizen, again).status == 303


@pytest.mark.parametrize("wrong", ["0", "-1", "1e3", "99999999999999", "²", "abc"])
def test_work_that_is_none_is_no_work(citizen: Browser, wrong: str) -> None:
    assert send(citizen, opened(citizen) | {"bukti": wrong}).status == 422


def test_work_of_another_form_is_none(citizen: Browser) -> None:
    mine, other = opened(citizen), opened(citizen)
    assert send(citizen, mine | {"bukti": work(other["lahir"])}).status == 422


def test_who_fills_the_field_nobody_sees_reads_text_only(citizen: Browser) -> None:
    values = opened(citizen)
    page = send(citizen, values | {"bukti": work(values["lahir"]), "situs": "https://zq.example"})
    assert page.status == 422 and "isian tersembunyi" in page.words()
    again = standing(page)
    assert again["situs"] == "" and again["nama"] == "Rahmawati" and "zq.example" not in page.text
    assert send(citizen, again).status == 303


def test_nobody_is_led_into_it(citizen: Browser) -> None:
    """Neither a screen reader nor the Tab key nor the browser's own filling comes to the field."""
    page = citizen.get(FORM)
    (bait,) = page.all("input", name="situs")
    parents: dict[Element, Element] = {child: parent for parent in page.document.iter() for child in parent}  # type: ignore[union-attr]
    box: Element | None = bait
    while box is not None and box.get("aria-hidden") != "true":
        with suppress(KeyError):
            box = parents[box]
            continue
        box = None
    assert box is not None and "visually-hidden" in (box.get("class") or "")
    assert (bait.get("tabindex"), bait.get("autocomplete")) == ("-1", "off")


@pytest.mark.parametrize("mark", ["", "x", "of a neighbour", "old"])
def test_a_form_that_is_not_ours_or_too_old_is_shown_again(
    citizen: Browser, browse: Browse, banyuwangi: Region, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    values = opened(citizen)
    lahir = {"of a neighbour": _neighbours(citizen, banyuwangi), "old": values["lahir"]}.get(mark, mark)
    proof = work(lahir) if lahir else ""
    if mark == "old":
        later(monkeypatch, bots.SECONDS_OPEN + 60)
    page = send(citizen, values | {"lahir": lahir, "bukti": proof})
    assert page.status == 422 and "terlalu lama terbuka" in page.words()
    again = standing(page)
    assert again["nama"] == "Rahmawati" and again["lahir"] not in {"", lahir}
    assert again["bukti"] == "", "a new mark wants new work"


def _neighbours(browser: Browser, region: Region) -> str:
    from mpp.tenancy.region import region_context

    with browser.app.app_context(), region_context(region):
        return bots.born()


def test_other_faults_are_told_beside_it(citizen: Browser) -> None:
    page = send(citizen, opened(citizen) | {"nama": ""})
    assert page.status == 422 and "Isi nama atau inisial Anda." in page.words()
