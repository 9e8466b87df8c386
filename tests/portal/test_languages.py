"""English is complete for everything a citizen reads; any other language is a file away."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract
from jinja2.ext import babel_extract

from mpp import i18n
from mpp.settings import ROOT
from mpp.web.flask import Platform
from mpp.web.kernel import ERRORS
from tenants.portal.content import other_languages
from tests.support.client import Browser

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
CODE = (
    "platform/mpp/i18n.py", "tenants/hall/calendar.py", "tenants/portal", "tenants/services/view.py",
    "tenants/services/standard.py", "tenants/queueing", "blueprints/portal", "blueprints/tickets",
    "blueprints/kiosk", "blueprints/enrolment", "tenants/devices", "blueprints/account", "blueprints/family",
    "blueprints/people", "platform/mpp/citizens",
)  # fmt: skip  # a list of places
OPTIONS = {"trimmed": "false", "extensions": "jinja2.ext.do"}


def _template_messages() -> Iterator[tuple[str, str]]:
    for folder in TEMPLATES:
        for path in sorted((ROOT / "templates" / folder).glob("*.html")):
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
                yield str(text[0] if isinstance(text, tuple) else text), path.name


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
    said = {text for text, place in messages().items() if place.startswith("kiosk/")}
    assert len(said) > 40
    for found in partial:
        assert {text for text in said if text not in found.messages} == set()
        gaps = {t: w for t, w in found.messages.items() if set(_names(t)) != set(_names(w))}
        assert gaps == {}
        assert found.code not in other_languages()


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
