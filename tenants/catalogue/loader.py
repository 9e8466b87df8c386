"""The one loader of the national catalogue's data files; loading twice writes nothing.

Agencies, life events and holidays follow the files. A service is versioned: its file is compared with the last
version that came from a file, and only a difference makes a new version. So a text that the centre edited on
screen stays until somebody changes the file itself.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp.database.models import Base
from tenants.catalogue.models import Agency, Holiday, LifeEvent, LifeEventService, Service, ServiceStandard
from tenants.catalogue.queries import newest_standards
from tenants.catalogue.standard import DERIVED, completeness_of, components_of, search_text_of

DATA = Path(__file__).parent / "data"
# Who a version came from when nobody edited it on screen.
FROM_FILES = "berkas"
AS_WRITTEN = (
    "name", "name_en", "official_name", "summary", "summary_en", "product", "valid_for", "note", "checked_on",
    "online_url", "online_name",
)  # fmt: skip  # two lines of keys read best
LOCK = "catalogue"

Table = dict[str, Any]


class CatalogueError(Exception):
    """A data file contradicts itself or another one; the text names the file's item."""


@dataclass(slots=True)
class Loaded:
    """What a load wrote: rows made or changed by kind, and new versions of standards."""

    agencies: int = 0
    services: int = 0
    versions: int = 0
    life_events: int = 0
    holidays: int = 0

    @property
    def nothing(self) -> bool:
        """Whether the database already said what the files say."""
        return not (self.agencies or self.services or self.versions or self.life_events or self.holidays)


def load_catalogue(session: Session, data: Path = DATA) -> Loaded:
    """Bring schema `platform` to what the files under `data` say, in the caller's transaction.

    Raises CatalogueError when a file names an agency or service that no file holds.
    """
    # Two loaders at once would both see an old version and both write the next.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(LOCK, 0))))
    loaded = Loaded()
    agencies = _load_agencies(session, _read(data / "agencies.toml"), loaded)
    services = _load_services(session, data, agencies, loaded)
    _load_life_events(session, _read(data / "life_events.toml"), services, loaded)
    _load_holidays(session, _read(data / "holidays.toml"), loaded)
    session.flush()
    return loaded


def _read(path: Path) -> Table:
    with path.open("rb") as file:
        return tomllib.load(file)


def _set(session: Session, row: Base, values: Mapping[str, Any]) -> bool:
    """Give `row` its values; return whether anything differed (an equal row is never written)."""
    changed = [key for key, value in values.items() if getattr(row, key) != value]
    for key in changed:
        setattr(row, key, values[key])
    if row not in session:
        session.add(row)
        return True
    return bool(changed)


def _load_agencies(session: Session, file: Table, loaded: Loaded) -> dict[str, Agency]:
    rows = {row.slug: row for row in session.scalars(select(Agency))}
    for position, entry in enumerate(file["agency"], start=1):
        row = rows.setdefault(entry["slug"], Agency(slug=entry["slug"]))
        loaded.agencies += _set(session, row, {**entry, "position": position})
    session.flush()
    return rows


def _load_services(
    session: Session, data: Path, agencies: Mapping[str, Agency], loaded: Loaded
) -> dict[str, Service]:
    defaults = {c["key"]: c["default"] for c in _read(data / "standard.toml")["component"] if "default" in c}
    rows = {row.slug: row for row in session.scalars(select(Service))}
    newest = _versions(session)
    from_files = _versions(session, ServiceStandard.created_by == FROM_FILES)
    for path in sorted((data / "services").glob("*.toml")):
        file = _read(path)
        for entry in file["service"]:
            slug = entry["slug"]
            row = rows.setdefault(slug, Service(slug=slug))
            names = [file["agency"], *entry.get("other_agencies", [])]
            if missing := [name for name in names if name not in agencies]:
                raise CatalogueError(f"{path.name}, {slug}: instansi tidak dikenal: {', '.join(missing)}")
            facts = {
                "number": entry["number"],
                "agency_id": agencies[file["agency"]].id,
                "confidence": entry["confidence"],
                "other_agencies": names[1:],
            }
            loaded.services += _set(session, row, facts)
            session.flush()
            loaded.versions += _load_standard(
                session,
                row,
                values=standard_values(entry, defaults),
                search_text=search_text_of(
                    entry | {"cases": entry["case"]},
                    [text for name in names for text in (agencies[name].name, agencies[name].short_name)],
                ),
                last=from_files.get(row.id),
                newest=newest.get(row.id),
            )
    return rows


def _versions(session: Session, *conditions: Any) -> dict[int, ServiceStandard]:
    """Return the newest version of each service that meets `conditions`, by the service's id."""
    return {row.service_id: row for row in session.scalars(newest_standards().where(*conditions))}


def standard_values(entry: Mapping[str, Any], defaults: Mapping[str, list[str]]) -> Table:
    """Return the columns of a ServiceStandard that a file's `[[service]]` decides."""
    values: Table = {key: entry.get(key) for key in AS_WRITTEN}
    values |= {
        "words": list(entry["words"]),
        "sources": list(entry["sources"]),
        "law": list(entry.get("law", [])),
        "cases": [_plain(case) for case in entry["case"]],
        "fees": [_plain(fee) for fee in entry.get("fee", [])],
        "time_limit": entry["time_limit"]["text"] if "time_limit" in entry else None,
        "service_minutes": entry.get("avg_minutes"),
    }
    own = {key: text for key, text in defaults.items() if key not in DERIVED} | entry.get("standard", {})
    values["components"] = components_of(values, own)
    values["completeness"] = completeness_of(values["components"])
    return values


def _plain(table: Mapping[str, Any]) -> Table:
    """Return a table as JSON keeps it: dates as "2026-01-31"."""
    return {key: value.isoformat() if isinstance(value, dt.date) else value for key, value in table.items()}


def _load_standard(
    session: Session, service: Service, *, values: Table, search_text: str,
    last: ServiceStandard | None, newest: ServiceStandard | None,
) -> bool:  # fmt: skip  # what is compared stands in one line
    """Add a version when the file says something else than when it was last loaded."""
    if last is not None and all(getattr(last, key) == value for key, value in values.items()):
        # An agency's new name is no new standard: only the search learns of it.
        if last is newest and last.search_text != search_text:
            last.search_text = search_text
        return False
    session.add(
        ServiceStandard(
            service_id=service.id,
            version=newest.version + 1 if newest else 1,
            search_text=search_text,
            created_by=FROM_FILES,
            change_note="Dimuat dari berkas katalog" if newest is None else "Berkas katalog berubah",
            **values,
        )
    )
    return True


def _load_life_events(session: Session, file: Table, services: Mapping[str, Service], loaded: Loaded) -> None:
    rows = {row.slug: row for row in session.scalars(select(LifeEvent))}
    keys = ("name", "name_en", "icon", "summary", "summary_en", "note")
    for position, entry in enumerate(file["life_event"], start=1):
        row = rows.get(entry["slug"]) or LifeEvent(slug=entry["slug"])
        changed = _set(session, row, {"position": position, **{key: entry.get(key) for key in keys}})
        session.flush()
        loaded.life_events += _load_steps(session, row, entry, services) or changed


def _load_steps(session: Session, event: LifeEvent, entry: Table, services: Mapping[str, Service]) -> bool:
    steps = {step.service_id: step for step in event.steps}
    changed = False
    for position, wanted in enumerate(entry["service"], start=1):
        if wanted["slug"] not in services:
            raise CatalogueError(f"life_events.toml, {event.slug}: layanan tidak dikenal: {wanted['slug']}")
        service_id = services[wanted["slug"]].id
        step = steps.pop(service_id, None) or LifeEventService(life_event_id=event.id, service_id=service_id)
        facts = {
            "position": position,
            "why": wanted["why"],
            "why_en": wanted.get("why_en"),
            "optional": wanted.get("optional", False),
        }
        changed = _set(session, step, facts) or changed
    for step in steps.values():
        session.delete(step)
    return changed or bool(steps)


def _load_holidays(session: Session, file: Table, loaded: Loaded) -> None:
    """A decree moves days: the year of the file is exactly what the file says."""
    year = file["year"]
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    rows = {row.day: row for row in session.scalars(select(Holiday).where(Holiday.day.between(first, last)))}
    for entry in file["holiday"]:
        row = rows.pop(entry["date"], None) or Holiday(day=entry["date"])
        facts = {key: entry.get(key) for key in ("name", "name_en", "kind")} | {"source": file["decree"]}
        loaded.holidays += _set(session, row, facts)
    loaded.holidays += _delete(session, rows.values())


def _delete(session: Session, rows: Iterable[Base]) -> int:
    gone = list(rows)
    for row in gone:
        session.delete(row)
    return len(gone)
