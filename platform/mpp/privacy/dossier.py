"""All that is held about one person at one place, ready for a page, a JSON file and a sheet of paper.

The JSON is described in docs/breach.md; a change that would break a reader raises VERSION.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from mpp.i18n import clock, full_date, short_date
from mpp.i18n import gettext as _
from mpp.privacy.kinds import Kind
from mpp.tenancy.region import ZONE_LABELS, region_or_none

FORMAT = "mpp-data-saya"
VERSION = 1
CENTRE_ZONE = ZoneInfo("Asia/Jakarta")

Value = str | int | bool | dt.date | dt.datetime | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One value. `covered` is what a screen shows instead of it; files for its owner hold the value itself."""

    key: str
    label: str
    value: Value
    covered: str | None = None

    @property
    def shown(self) -> str:
        """The value on a screen."""
        return words(self.value) if self.covered is None else self.covered


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that is held: its name and its values."""

    title: str
    facts: Sequence[Fact]
    # What pages need to link to it; in no file.
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What is held of one kind, and why."""

    kind: Kind
    records: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody at work saw a covered value: when (aware), from which office, what, for what. Never who."""

    at: dt.datetime
    office: str
    what: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody did something for this person: when (aware), who by role or relation, what."""

    at: dt.datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """The whole, as it stood at `made_at` (aware)."""

    place: str
    made_at: dt.datetime
    sections: Sequence[Section]
    looks: Sequence[Look] = ()
    acts: Sequence[Act] = ()
    notices: Sequence[tuple[dt.datetime, str]] = field(default_factory=tuple)

    @property
    def empty(self) -> bool:
        """Whether nothing at all is held."""
        return not any(section.records for section in self.sections)


def words(value: Value) -> str:
    """Return a value as its owner reads it: times in the region's zone (WIB at the centre), nothing as a dash."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return _("ya") if value else _("tidak")
    if isinstance(value, dt.datetime):
        if region_or_none() is not None:
            return f"{short_date(value)}, {clock(value)}"
        local = value.astimezone(CENTRE_ZONE)
        return f"{short_date(local)}, {clock(local)} {ZONE_LABELS[CENTRE_ZONE.key]}"
    if isinstance(value, dt.date):
        return full_date(value)
    return str(value)


def as_json(dossier: Dossier) -> str:
    """Return the dossier as JSON, values uncovered, times in ISO 8601 with their offset."""
    whole = {
        "format": FORMAT,
        "version": VERSION,
        "place": dossier.place,
        "made_at": _plain(dossier.made_at),
        "kinds": [_section(section) for section in dossier.sections],
        "looked": [
            {"at": _plain(look.at), "office": look.office, "what": look.what, "purpose": look.purpose}
            for look in dossier.looks
        ],
        "acted_for_me": [{"at": _plain(act.at), "who": act.who, "what": act.what} for act in dossier.acts],
        "leak_notices": [{"at": _plain(at), "text": text} for at, text in dossier.notices],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _section(section: Section) -> dict[str, Any]:
    kind = section.kind
    return {
        "kind": kind.key,
        "name": kind.name,
        "purpose": kind.purpose,
        "legal_basis": kind.basis,
        "origin": kind.origin,
        "receivers": kind.receivers,
        "kept_until": kind.until,
        "why_so_long": kind.why,
        "source": kind.source,
        "at_erasure": kind.erasure.value,
        "records": [
            {"title": record.title, **{fact.key: _plain(fact.value) for fact in record.facts}}
            for record in section.records
        ],
    }


def _plain(value: Value) -> str | int | bool | None:
    return value.isoformat() if isinstance(value, dt.date) else value


def lines(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """Return the dossier for paper, one line at a time: (style, text); styles are title, head, note, item, fact."""
    yield "title", _("Data saya")
    yield "note", _("%(place)s · dibuat %(when)s", place=dossier.place, when=words(dossier.made_at))
    for section in dossier.sections:
        yield from _section_lines(section)
    yield from _people_lines(dossier)


def _section_lines(section: Section) -> Iterator[tuple[str, str]]:
    kind = section.kind
    yield "head", _(kind.name)
    yield "note", f"{_('Untuk')}: {_(kind.purpose)}. {_('Dasar')}: {_(kind.basis)}."
    yield "note", f"{_('Disimpan')}: {_(kind.until)}. {_(kind.why)} ({_(kind.source)})."
    yield "note", f"{_('Penerima')}: {_(kind.receivers)}. {_('Asal')}: {_(kind.origin)}."
    for record in section.records:
        yield "item", record.title
        for fact in record.facts:
            yield "fact", f"{fact.label}: {words(fact.value)}"
    if not section.records:
        yield "fact", _("Tidak ada yang disimpan.")


def _people_lines(dossier: Dossier) -> Iterator[tuple[str, str]]:
    yield "head", _("Siapa yang melihat")
    for look in dossier.looks:
        yield "fact", f"{words(look.at)} · {look.office} · {look.what} · {look.purpose}"
    if not dossier.looks:
        yield "fact", _("Belum ada petugas yang membuka data tertutup Anda.")
    yield "head", _("Siapa yang bertindak untuk saya")
    for act in dossier.acts:
        yield "fact", f"{words(act.at)} · {act.who} · {act.what}"
    if not dossier.acts:
        yield "fact", _("Belum ada.")
    if dossier.notices:
        yield "head", _("Pemberitahuan kebocoran data")
        for at, text in dossier.notices:
            yield "fact", f"{words(at)} · {text}"
