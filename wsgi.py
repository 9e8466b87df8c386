"""The composition root: create_app() puts the house together; `mpp` is its command line."""

from __future__ import annotations

import importlib
import sys

import click
from flask import current_app, g
from flask import session as browser
from flask_login import current_user

from mpp.accounts.models import Role
from mpp.accounts.permissions import Action, may
from mpp.audit.commands import audit
from mpp.citizens import waits
from mpp.citizens.realm import KIND as CITIZEN
from mpp.crypto.commands import secrets
from mpp.database.session import read
from mpp.jobs import run as jobs
from mpp.jobs.commands import ticker, worker
from mpp.observability import configure_logs
from mpp.privacy.commands import privacy
from mpp.settings import Settings, SettingsError, load_settings
from mpp.supervisor.command import up
from mpp.support.telling import KIND as SUPPORT
from mpp.tenancy.region import region_or_none
from mpp.web.access import access_of, init_places, read_only
from mpp.web.device import init_devices
from mpp.web.flask import Platform
from mpp.web.kernel import create_platform
from mpp.web.permission_table import permissions
from tenants.devices.queries import device_of
from tenants.hall.limits import limits_of
from tenants.hall.queries import place_of_counter, place_of_hall
from tenants.paper.queries import place_of_lease
from tenants.people import helping
from tenants.people.acting_models import Helping
from tenants.portal.site import site_view
from tenants.privacy.commands import breach
from tenants.queueing.alerts import place_of_alert
from tenants.queueing.models import HallAlert
from tenants.queueing.queries import place_of_ticket
from tenants.reception.queries import alerts
from tenants.registry import commands
from tenants.registry.demo import demo_exists

# Each package exports `blueprint`, which names its scope and who may enter.
PAGES = (
    "health", "security", "directory", "central_auth", "central", "oidc", "portal", "people", "tickets", "auth",
    "my_account", "account", "admin", "branding", "counter", "contact", "display", "reception", "enrolment", "kiosk",
    "support", "family", "helping", "privacy_rights", "privacy_account",
)  # fmt: skip
STREAMS = ("health", "events")

HELP = ("helping.mode", "Bantu warga", "hand-heart")
OWN_ACCOUNT = ("my_account.password", "Akun saya", "lock")
# The administrator's side bar, by the day's work: endpoint, label, icon.
ADMIN_NAV = (
    ("admin.today", "Hari ini", "home"),
    ("reception.desk", "Meja resepsionis", "ticket"),
    HELP,
    ("admin.services", "Layanan", "list"),
    ("admin.halls", "Gedung dan loket", "building"),
    ("admin.sound", "Suara", "volume"),
    ("admin.staff", "Petugas", "users"),
    ("admin.devices", "Perangkat", "monitor"),
    ("branding.edit", "Tampilan portal", "palette"),
    ("branding.announcements", "Pengumuman", "bell"),
    ("privacy_rights.desk", "Hak data warga", "scale"),
    ("admin.audit", "Catatan", "history"),
    ("admin.support", "Akses dukungan", "shield"),
    OWN_ACCOUNT,
)
NAV: dict[object, tuple[tuple[str, str, str], ...]] = {
    Role.ADMIN: ADMIN_NAV,
    Role.OFFICER: (("counter.console", "Loket saya", "monitor"), HELP, OWN_ACCOUNT),
    Role.RECEPTIONIST: (
        ("reception.desk", "Meja resepsionis", "ticket"),
        ("reception.paper", "Lembar darurat", "print"),
        HELP,
        OWN_ACCOUNT,
    ),
    Role.AGENCY_OFFICER: (("counter.console", "Loket saya", "monitor"), HELP, OWN_ACCOUNT),
    Role.READER: ADMIN_NAV,
    SUPPORT: ADMIN_NAV,
}
# A citizen's places at the centre.
CITIZEN_NAV = (
    ("account.home", "Akun saya", "user"),
    ("family.home", "Keluarga", "users"),
    ("family.given", "Kuasa", "file"),
    ("account.security", "Keamanan", "shield"),
    ("account.devices", "Perangkat", "monitor"),
    ("privacy_account.show", "Data saya", "file"),
)
# Where things lie that addresses name, for staff limited to one hall or agency.
PLACES = {
    "hall_id": place_of_hall,
    "counter_id": place_of_counter,
    "alert_id": place_of_alert,
    "ticket_id": place_of_ticket,
    "lease_id": place_of_lease,
}


def create_app(settings: Settings | None = None, *, streams: bool = False) -> Platform:
    """Return the app: pages, or with `streams` the event streams that live in processes of their own.

    Raises SettingsError when demo accounts exist in production.
    """
    settings = settings or load_settings()
    app = create_platform(settings)
    for name in STREAMS if streams else PAGES:
        app.register_blueprint(importlib.import_module(f"blueprints.{name}").blueprint)
    app.context_processor(_page_context)
    init_devices(app, device_of)
    init_places(app, PLACES)
    if settings.production and demo_exists(settings):
        raise SettingsError(
            "akun contoh masih ada: hapus dengan `mpp demo remove` sebelum menjalankan MPP_ENV=production"
        )
    return app


def _page_context() -> dict[str, object]:
    region = region_or_none()
    if region is None:
        if not current_user.is_authenticated or current_user.kind != CITIZEN:
            return {}
        return {"nav": CITIZEN_NAV, "own_wait": waits.of(current_user.id)}
    entries = tuple(
        entry
        for entry in NAV.get(getattr(current_user, "role", None) or getattr(current_user, "kind", None), ())
        if access_of(current_app, entry[0]).admits(current_user)
    )
    version = g.gate.version if "gate" in g else None
    return {
        "site": site_view(region, version), "nav": entries, "read_only": read_only(), "helping": _helping(),
        "own_wait": waits.at(current_user.session_id) if getattr(current_user, "kind", None) == CITIZEN else None,
        "calls_for_help": _calls_for_help,
    }  # fmt: skip


def _helping() -> Helping | None:
    """The help that the member of staff at hand is giving: told on each of their pages while it lasts."""
    if getattr(current_user, "role", None) is None or helping.KEY not in browser:
        return None
    with read() as session:
        return helping.current(session, browser[helping.KEY], current_user.id)


def _calls_for_help() -> list[HallAlert] | None:
    """The calls for help that the person at hand should answer, on each of their pages; None when they should not."""
    if not may(current_user, Action.RECEIVE):
        return None
    with read() as session:
        return alerts(session, limits_of(current_user), current_user.id)


def app() -> Platform:
    """Entry of the page servers: gunicorn "wsgi:app()"."""
    return _serving(streams=False)


def events_app() -> Platform:
    """Entry of the event stream servers: gunicorn -k gevent "wsgi:events_app()"."""
    return _serving(streams=True)


def _serving(*, streams: bool) -> Platform:
    try:
        settings = load_settings()
        configure_logs(json=settings.production)
        return create_app(settings, streams=streams)
    except SettingsError as error:
        sys.exit(f"mpp: {error}")


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """MPP Digital: menjalankan dan merawat platform."""
    context.obj = _described


def _described() -> tuple[Platform, Platform]:
    """Pages and streams as they stand in code, for commands that tell of them: no server is asked anything."""
    settings = load_settings({"MPP_ENV": "test", "DATABASE_URL": "postgresql://-@localhost/-"})
    return create_app(settings), create_app(settings, streams=True)


main.add_command(up)
for command in (*commands.groups, secrets, audit, permissions, privacy, breach, worker, ticker):
    main.add_command(command)
# Worker and ticker make their app themselves, when they start.
jobs.configure(create_app)


if __name__ == "__main__":
    main()
