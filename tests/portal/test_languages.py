"""English is complete for everything a citizen reads; any other language is a file away."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.extract import extract
from jinja2.ext import babel_extract
from sqlalchemy import delete, update

from mpp import i18n
from mpp.database.session import write
from mpp.settings import ROOT
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from mpp.web.kernel import ERRORS
from tenants.devices.settings import KioskSettings
from tenants.hall.models import Closure, OpeningHours
from tenants.portal.content import other_languages
from tenants.services.models import RegionService
from tests.support.client import Browser
from tests.support.hall import at, open_always
from tests.support.kiosk import add, let_in

TEMPLATES = (
    "portal", "tickets", "errors", "base", "components", "auth", "kiosk", "enrolment", "account", "family",
    "people", "oidc", "privacy_rights", "privacy_account",
)  # fmt: skip  # a list of places
# The staff's and the centre's own shells are Indonesian only.
NOT_FOR_CITIZENS = {
    "base/staff.html",
    "base/central.html",
    "auth/_form.html",
    "privacy_rights/desk.html",
    "privacy_rights/decide.html",
}
# What a kiosk says besides its own pages: why no number is given, the opening line, refusals, its frame, its slip.
KIOSK = (
    "kiosk/", "enrolment/", "base/page.html", "base/hall.html", "reception/slip.html", "weekdays",
    "tenants/hall/calendar.py", "tenants/portal/words.py", "tenants/portal/places.py", "tenants/devices/",
    "tenants/queueing/taking.py", "tenants/queueing/history.py", "tenants/lobby/",
    "tenants/waiting/closing.py", "tenants/waiting/elsewhere.py", "blueprints/kiosk/", "blueprints/enrolment/",
)  # fmt: skip
# In those files, but on no kiosk: giving a number back is done on the phone that holds it.
NOT_AT_A_KIOSK = {
    "Nomor antrean ini tidak ada.",
    "Nomor Anda sudah dipanggil, jadi tidak bisa dibatalkan dari sini.",
}
CODE = (
    "platform/mpp/i18n.py", "tenants/hall/calendar.py", "tenants/portal", "tenants/services/view.py",
    "tenants/services/standard.py", "tenants/queueing", "blueprints/portal", "blueprints/tickets",
    "blueprints/kiosk", "blueprints/enrolment", "tenants/devices", "blueprints/account", "blueprints/family",
    "blueprints/people", "platform/mpp/citizens", "tenants/lobby", "tenants/waiting",
)  # fmt: skip  # a list of places
OPTIONS = {"trimmed": "false", "extensions": "jinja2.ext.do"}


def _template_messages() -> Iterator[tuple[str, str]]:
    folders = [sorted((ROOT / "templates" / folder).glob("*.html")) for folder in TEMPLATES]
    for paths in [*folders, [ROOT / "templates/reception/slip.html"]]:
        for path in paths:
            name = path.relative_to(ROOT / "templates").as_posix()
            if name in NOT_FOR_CITIZENS:
                continue
            with path.open("rb") as file:
                for _line, _function, text, _comments in babel_extract(file, ["_"], [], OPTIONS):
                    if (message := text[0] if isinstance(text, tuple) else text) is not None:
                        yield message, name


def _code_messages() -> Iterator[tuple[str, str]]:
    paths = [
        p
        for place in CODE
        for p in ([ROOT / place] if place.endswith(".py") else (ROOT / place).glob("*.py"))
    ]
    for path in paths:
        with path.open("rb") as file:
            for _line, text, *_rest in extract("python", file, keywords={"_": None, "gettext": None}):
                yield str(text[0] if isinstance(text, tuple) else text), path.relative_to(ROOT).as_posix()


def _listed() -> Iterator[tuple[str, str]]:
    """Messages that stand in tables and are looked up by variable."""
    from tenants.hall.calendar import WEEKDAYS
    from tenants.portal.queries import WISHES

    yield from ((text, "kernel") for pair in ERRORS.values() for text in pair)
    yield from ((text, "wishes") for text, _slug, _case in WISHES)
    yield from ((day, "weekdays") for day in WEEKDAYS)


def messages() -> dict[str, str]:
    """Every message a citizen may read, with one place where it stands."""
    found = dict(_template_messages())
    found.update(_code_messages())
    found.update(_listed())
    return found


def test_nothing_a_citizen_reads_is_missing_in_english() -> None:
    known = i18n.catalogues()["en"].messages
    assert {text: place for text, place in messages().items() if text not in known} == {}


def test_english_fills_the_same_gaps() -> None:
    gaps = {
        text: english
        for text, english in i18n.catalogues()["en"].messages.items()
        if set(_names(text)) != set(_names(english))
    }
    assert gaps == {}


def _names(text: str) -> list[str]:
    return [part.split(")")[0] for part in text.split("%(")[1:]]


def test_the_extraction_sees_what_is_there() -> None:
    """A guard of the test above: it must not pass because it finds nothing."""
    tree = ast.parse((ROOT / "tenants/portal/words.py").read_text("utf-8"))
    assert isinstance(tree, ast.Module)
    found = messages()
    assert "Buka · tutup %(hour)s" in found
    assert "Ambil nomor antrean" in found
    assert len(found) > 150


def test_english_pages_are_english(browse: Callable[..., Browser]) -> None:
    page = browse("bukittinggi").get("/layanan/ktp-el-penggantian?bahasa=en")
    assert "What to bring" in page.text
    assert "Replace an ID card" in page.text
    assert 'lang="en"' in page.text
    assert 'lang="id"' in page.text


def test_a_language_of_the_kiosk_is_whole_there_and_offered_nowhere_else() -> None:
    partial = [found for found in i18n.catalogues().values() if found.covers == "kiosk"]
    assert [found.code for found in partial] == ["min"]
    every = [*_template_messages(), *_code_messages(), *_listed()]
    said = {text for text, place in every if place.startswith(KIOSK)} - NOT_AT_A_KIOSK
    assert len(said) > 130 and {"Hari ini layanan ini tidak ada.", "Buka · tutup %(hour)s", "Senin"} <= said
    for found in partial:
        assert {text for text in said if text not in found.messages} == set()
        gaps = {t: w for t, w in found.messages.items() if set(_names(t)) != set(_names(w))}
        assert gaps == {}
        assert found.code not in other_languages()


def test_a_draft_is_called_one_where_it_is_turned_on(
    app: Platform, bukittinggi: Region, browse: Callable[..., Browser]
) -> None:
    device, _code = add(app, bukittinggi)
    page = browse("bukittinggi", as_="admin").get(f"/admin/perangkat/{device.id}/pengaturan").words()
    assert "Baso Minang (naskah contoh, belum diperiksa penuturnya)" in page and "English (" not in page


class Asked(dict[str, str]):
    """A catalogue's messages; remembers what was asked for and is not there."""

    missed: set[str]

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]  # one shape is used
        """Return a message as dict does."""
        if key not in self:
            self.missed.add(key)
        return super().get(key, default)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The draft's messages, watched."""
    known = i18n.catalogues()
    watched = Asked(known["min"].messages)
    watched.missed = set()
    found = known | {"min": replace(known["min"], messages=watched)}
    monkeypatch.setattr(i18n, "catalogues", lambda folder=i18n.TRANSLATIONS: found)
    return watched


def test_a_walk_over_the_kiosk_asks_for_no_word_that_is_missing(
    app: Platform, bukittinggi: Region, browse: Callable[..., Browser], asked: Asked
) -> None:
    """Open, without services, closed and suspended: every page and every reason that a visitor meets."""
    kiosk = browse("bukittinggi")
    assert "Daftarkan" in kiosk.get("/perangkat?bahasa=min").text
    let_in(app, bukittinggi, kiosk, KioskSettings(languages=("min", "id", "en")))
    home = "/kios/utama"

    def walk() -> None:
        for path in ("", "/instansi", "/cari", "/cari?q=ktp", "/cari?q=zzzz", "/punya", "/tidak-ada"):
            kiosk.get(home + path)
        for slug in ("disdukcapil", "polres"):
            kiosk.get(f"{home}/instansi/{slug}")
        for link in kiosk.get(f"{home}/cari").links():
            if "/layanan/" in link:
                kiosk.get(link)
        kiosk.get("/kios/lain")

    walk()  # whatever hour and day it is
    with at(app, bukittinggi):
        open_always()
    walk()
    page = kiosk.submit(f"{home}/layanan/ktp-el-baru", f"{home}/nomor")
    assert page.status == 303 and page.location
    number = kiosk.get(page.location)
    assert i18n.catalogues()["min"].messages["Nomor antrean Anda"] in number.text
    for text in (number.all("p", class_="slip-number")[0].text or "", "Z-999", ""):
        kiosk.submit(f"{home}/punya", f"{home}/punya", nomor=text)
    with at(app, bukittinggi), write() as session:
        session.execute(update(RegionService).values(weekdays=[]))
    walk()
    with at(app, bukittinggi), write() as session:
        session.execute(delete(OpeningHours))
        session.execute(delete(Closure))
    walk()
    assert asked.missed == set()


def test_a_kiosk_speaks_it(app: Platform, bukittinggi: Region, browse: Callable[..., Browser]) -> None:
    """Also where the portal does not offer it: a machine's languages are those of its own settings."""
    kiosk = browse("bukittinggi")
    let_in(app, bukittinggi, kiosk, KioskSettings(languages=("id", "en", "min")))
    page = kiosk.get("/kios/utama?bahasa=min")
    assert (
        'lang="min"' in page.text and i18n.catalogues()["min"].messages["Saya sudah punya nomor"] in page.text
    )
    assert 'lang="min"' in kiosk.get("/kios/utama/cari").text, "kept for the whole visit"
    assert 'lang="id"' in kiosk.get("/?bahasa=min").text, "the portal goes on offering its own"


@pytest.fixture
def minangkabau(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A region's own language: one file, a code that Babel does not know."""
    header = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"X-Language-Name: Minangkabau\\n"\n"X-Formats-As: id\\n"\n\n'
    )
    text = 'msgid "Mau mengurus apa hari ini?"\nmsgstr "Nak mauruih apo hari ko?"\n'
    (tmp_path / "min.po").write_text(header + text, "utf-8")
    found = i18n.catalogues(tmp_path) | {"en": i18n.catalogues()["en"]}
    monkeypatch.setattr(i18n, "catalogues", lambda folder=tmp_path: found)


@pytest.mark.usefixtures("minangkabau")
def test_a_language_of_its_own_needs_one_file(app: Platform, browse: Callable[..., Browser]) -> None:
    from tests.portal.branding import publish

    publish(app, "bukittinggi", languages=["id", "min"])
    page = browse("bukittinggi").get("/?bahasa=min")
    assert "Nak mauruih apo hari ko?" in page.text
    assert "Pengumuman" in page.text


def test_a_region_offers_only_its_languages(app: Platform, browse: Callable[..., Browser]) -> None:
    from tests.portal.branding import publish

    publish(app, "bukittinggi", languages=["id"])
    page = browse("bukittinggi").get("/?bahasa=en")
    assert "Mau mengurus apa hari ini?" in page.text
    assert "English" not in page.text
    assert "English" in browse("banyuwangi").get("/").text
