"""Ids that are real at the neighbour's, and nobody's here: every address with one answers as if it were made up.

A region's tables count from one, so a made-up number proves little, and the neighbour's own are mostly one's own too.
Here the neighbour's tables count on from five million, and all that an address can name is made there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import func, select
from werkzeug.routing import Rule

from mpp.accounts.links import Post, invite
from mpp.accounts.models import Role, Staff
from mpp.accounts.permissions import GRANTS
from mpp.accounts.proof_models import StaffLink, StaffPasskey, StaffSession
from mpp.database.session import read, write
from mpp.settings import Settings
from mpp.storage.models import StoredFile
from mpp.tenancy.region import Region
from mpp.tenancy.resolver import Scope
from mpp.web.access import AudienceBlueprint, access_of
from mpp.web.flask import Platform
from tenants.devices.models import Device, PrintJob
from tenants.hall.models import Closure, Counter, Hall
from tenants.portal.models import Announcement, PortalVersion
from tenants.privacy.models import RightsRequest
from tenants.queueing.alerts import raise_alert
from tenants.queueing.models import HallAlert, NumberLease, Ticket, TicketEvent
from tenants.queueing.service import call_next
from tests.attack import seeds
from tests.support.client import Browser
from tests.support.hall import at, counters_of, open_always, seat
from tests.support.oracle import Somebody, stated
from tests.support.routes import address
from tests.support.staff import add_staff

Browse = Callable[..., Browser]
FIRST = 5_000_000
NOBODY = "987654321"
CAST = {
    "admin": Somebody(Role.ADMIN), "resepsionis": Somebody(Role.RECEPTIONIST), "petugas": Somebody(Role.OFFICER),
    "warga": Somebody(citizen=True),
}  # fmt: skip
# What an argument of an address names.
NAMES = {
    "hall_id": Hall.id, "counter_id": Counter.id, "closure_id": Closure.id, "device_id": Device.id,
    "job_id": PrintJob.id, "staff_id": Staff.id, "session_id": StaffSession.id, "link_id": StaffLink.id,
    "passkey_id": StaffPasskey.id, "ticket_id": Ticket.id, "alert_id": HallAlert.id, "lease_id": NumberLease.id,
    "call_id": TicketEvent.id, "request_id": RightsRequest.id, "number": Announcement.id,
    "file_id": StoredFile.id,
}  # fmt: skip
# A published look is named by its own number.
OTHERWISE = {"branding.restore": {"number": PortalVersion.number}}
# Rows of the nation, which is nobody's neighbour: tests of support access hold them to their region.
NATIONAL = {"access_id"}
NUMBER = re.compile(r"<int(?:\([^)]*\))?:(\w+)>")


def _owner(settings: Settings) -> psycopg.Connection[tuple[str, ...]]:
    """A line of the database's owner, who may count anew and read every table."""
    return psycopg.connect(settings.database_url.replace("+psycopg", "", 1))


@pytest.fixture
def neighbour(app: Platform, settings: Settings, banyuwangi: Region, browse: Browse) -> Region:
    """Region B with one of everything, numbered from five million on."""
    with _owner(settings) as line:
        counted = (
            "SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid WHERE attname = 'id' "
        )
        counted += "AND attidentity <> '' AND relnamespace = %s::regnamespace"
        for (table,) in line.execute(counted, [banyuwangi.schema]).fetchall():
            further = sql.SQL("ALTER TABLE {}.{} ALTER COLUMN id RESTART WITH {}")
            line.execute(further.format(sql.Identifier(banyuwangi.schema), sql.Identifier(table), FIRST))
    with at(app, banyuwangi):
        open_always()
    seeds.of_region(app, banyuwangi)
    person = add_staff(app, banyuwangi, "baru@banyuwangi.contoh", "officer")
    browse("banyuwangi", as_="baru")
    with at(app, banyuwangi):
        model = counters_of(seeds.SERVICE)[0]
        officer = seat(model.id)
        assert call_next(model.id, officer)
        raise_alert(model.id, officer)
        invite("undangan@banyuwangi.contoh", Post(Role.OFFICER))
        with write() as session:
            hall = Hall(slug="kedua", name="Gedung kedua", address="Jalan Uji 2")
            session.add(hall)
            session.flush()
            look = session.scalars(select(PortalVersion).where(PortalVersion.state == "published")).one()
            session.add_all([
                Counter(hall_id=hall.id, number=1, name="Uji", prefix="Z", agency_id=model.agency_id),
                Announcement(
                    title="Pengumuman tetangga", body="Isi", starts_on=dt.date(2026, 1, 1), created_by="uji"
                ),
                StaffPasskey(
                    account_id=person, credential_id=b"-", public_key=b"-", sign_count=0, rp_id="localhost",
                    name="HP",
                ),
                StoredFile(
                    name="uji", subject="request:1", purpose="correction", content_type="image/jpeg", size=1,
                    key=b"-" * 32, actor_kind="staff", actor_id=person,
                ),
                PortalVersion(number=FIRST, state="archived", content=look.content, created_by="uji"),
            ])  # fmt: skip
    return banyuwangi


def real(app: Platform, here: Region, there: Region) -> dict[object, str]:
    """For every column that an address can name: a value that is there, and not here."""
    columns = {*NAMES.values(), *(column for own in OTHERWISE.values() for column in own.values())}
    with at(app, there), read() as session:
        found = {column: session.scalar(select(func.max(column))) for column in columns}
    with at(app, here), read() as session:
        for column, value in found.items():
            assert value is not None, f"{column}: nothing of the kind is there"
            assert session.scalar(select(func.count()).where(column == value)) == 0, (
                f"{column}: it is here too"
            )
    return {column: str(value) for column, value in found.items()}


def numbered(app: Platform) -> Iterator[tuple[Rule, str]]:
    """The routes of a region whose address names a row of it, with each method."""
    for rule in app.url_map.iter_rules():
        blueprint = app.blueprints[rule.endpoint.partition(".")[0]]
        assert isinstance(blueprint, AudienceBlueprint)
        names = set(NUMBER.findall(rule.rule))
        if blueprint.scope is not Scope.REGION or not names or names & NATIONAL:
            continue
        assert names <= set(NAMES), f"{rule.rule}: say what it names, above"
        yield from ((rule, method) for method in sorted((rule.methods or set()) & {"GET", "POST"}))


def whole(settings: Settings, region: Region) -> dict[str, str]:
    """A fingerprint of every table of a region, so that nothing done to it goes unseen."""
    with _owner(settings) as line:
        tables = line.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s", [region.schema]
        ).fetchall()
        every = sql.SQL("SELECT t::text FROM {}.{} t ORDER BY 1")
        found = {}
        for (table,) in tables:
            rows = line.execute(every.format(sql.Identifier(region.schema), sql.Identifier(table))).fetchall()
            found[table] = hashlib.sha256("\n".join(row for (row,) in rows).encode()).hexdigest()
    return found


@pytest.mark.parametrize("who", CAST)
def test_what_is_real_next_door_is_nothing_here(
    app: Platform, settings: Settings, browse: Browse, bukittinggi: Region, neighbour: Region, who: str
) -> None:
    with at(app, bukittinggi):
        open_always()
    ids = real(app, bukittinggi, neighbour)
    browser = browse("bukittinggi", as_=who)
    if who == "petugas":
        sit(browser)
    before, wrong, tried = whole(settings, neighbour), [], 0
    for rule, method in numbered(app):
        if not stated(GRANTS[access_of(app, rule.endpoint).action(method)], CAST[who]):
            continue
        tried += 1
        columns = NAMES | OTHERWISE.get(rule.endpoint, {})
        theirs = address(rule, {name: ids[columns[name]] for name in NUMBER.findall(rule.rule)})
        nobodys = address(rule, dict.fromkeys(NUMBER.findall(rule.rule), NOBODY))
        found, absent = (
            (browser.get if method == "GET" else browser.post)(path) for path in (theirs, nobodys)
        )
        said = [re.sub(r"\d+", "", page.location or "") for page in (found, absent)]
        if (found.status, said[0]) != (absent.status, said[1]) or found.status in {200, 400}:
            wrong.append(f"{method} {theirs}: {found.status} {said[0]}, made up: {absent.status} {said[1]}")
        if "banyuwangi" in found.text.lower() or "tetangga" in found.text:
            wrong.append(f"{method} {theirs}: tells of the neighbour")
    assert wrong == []
    assert tried >= (1 if who == "warga" else 8)
    assert whole(settings, neighbour) == before


def sit(browser: Browser) -> None:
    """Sit down at the first counter on offer: most of an officer's acts begin there."""
    forms = [form.get("action") or "" for form in browser.get("/loket/pilih").all("form")]
    path = next(action for action in forms if action.endswith("/duduk"))
    assert browser.submit("/loket/pilih", path).location == "/loket"
