"""Languages: Indonesian is the source, catalogues are gettext files, and any code may be added.

Catalogues are read straight from `translations/<code>.po`, because a region's own language (Minangkabau, Banjar)
is unknown to Babel: dates and numbers then follow the locale named in the file's header `X-Formats-As`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from io import StringIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from mpp.settings import ROOT
from mpp.tenancy.region import region_or_none

SOURCE = "id"
TRANSLATIONS = ROOT / "translations"
# Babel keeps only the headers that it knows itself.
OWN_HEADER = re.compile(r'^"(X-[A-Za-z-]+): (.*?)\\n"$', re.MULTILINE)
language: ContextVar[str] = ContextVar("language", default=SOURCE)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language: its own name, the locale of its dates, and its messages.

    `covers` names the part that it was made for ("kiosk"), where it is not whole; elsewhere it is not offered.
    """

    code: str
    name: str
    locale: Locale
    messages: dict[str, str] = field(default_factory=dict)
    covers: str | None = None
    # No speaker of it has checked it yet: whoever turns it on is told.
    draft: bool = False


@cache
def catalogues(folder: Path = TRANSLATIONS) -> dict[str, Catalogue]:
    """Return every language that has a catalogue, Indonesian first."""
    found = {SOURCE: Catalogue(SOURCE, "Indonesia", Locale.parse("id"))}
    for path in sorted(folder.glob("*.po")):
        text = path.read_text("utf-8")
        po = read_po(StringIO(text))
        headers = {key.lower(): value for key, value in OWN_HEADER.findall(text)}
        messages = {m.id: m.string for m in po if isinstance(m.id, str) and m.id and m.string and not m.fuzzy}
        found[path.stem] = Catalogue(
            path.stem,
            headers.get("x-language-name", path.stem),
            Locale.parse(headers.get("x-formats-as", path.stem)),
            {str(k): str(v) for k, v in messages.items()},
            headers.get("x-covers"),
            headers.get("x-draft") == "yes",
        )
    return found


def gettext(message: str, **values: object) -> str:
    """Return `message` in the current language, with `%(name)s` filled from `values`."""
    text = catalogues()[language.get()].messages.get(message, message)
    return text % values if values else text


@contextmanager
def spoken(code: str) -> Iterator[None]:
    """Speak a language inside the block; one that has no catalogue (any more) is Indonesian."""
    token = language.set(code if code in catalogues() else SOURCE)
    try:
        yield
    finally:
        language.reset(token)


def current_locale() -> Locale:
    """Return the locale that formats dates and numbers now."""
    return catalogues()[language.get()].locale


def rupiah(amount: int) -> str:
    """Return money as "Rp30.000"; nought is "Gratis"."""
    if amount == 0:
        return gettext("Gratis")
    return "Rp" + format_decimal(amount, locale="id")


def full_date(day: dt.date | dt.datetime) -> str:
    """Return "Senin, 17 Agustus 2026"; a moment is first taken to the region's zone."""
    return format_date(_local(day), "EEEE, d MMMM y", locale=current_locale())


def short_date(day: dt.date | dt.datetime) -> str:
    """Return "17 Agu 2026"; a moment is first taken to the region's zone."""
    return format_date(_local(day), "d MMM y", locale=current_locale())


def clock(moment: dt.datetime | dt.time, *, zone: bool = True) -> str:
    """Return "10.42 WIB": local hour of the region, and the zone unless told not to."""
    region = region_or_none()
    if isinstance(moment, dt.datetime) and region:
        moment = moment.astimezone(region.zone)
    text = f"{moment:%H.%M}"
    return f"{text} {region.zone_label}" if zone and region else text


def _local(day: dt.date | dt.datetime) -> dt.date | dt.datetime:
    region = region_or_none()
    if isinstance(day, dt.datetime) and region:
        return day.astimezone(region.zone)
    return day
