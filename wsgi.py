"""The composition root: create_app() puts the house together; `mpp` is its command line."""

from __future__ import annotations

import importlib
import sys

import click
from flask import current_app, g
from flask_login import current_user

from mpp.accounts.models import Role
from mpp.audit.commands import audit
from mpp.crypto.commands import secrets
from mpp.jobs import run as jobs
from mpp.jobs.commands import ticker, worker
from mpp.observability import configure_logs
from mpp.settings import Settings, SettingsError, load_settings
from mpp.supervisor.command import up
from mpp.tenancy.region import region_or_none
from mpp.web.access import access_of, init_places, read_only
from mpp.web.device import init_devices
from mpp.web.flask import Platform
from mpp.web.kernel import create_platform
from mpp.web.permission_table import permissions
from tenants.devices.queries import device_of
from tenants.hall.queries import place_of_counter, place_of_hall
from tenants.paper.queries import place_of_lease
from tenants.portal.site import site_view
from tenants.queueing.alerts import place_of_alert
from tenants.queueing.queries import place_of_ticket
from tenants.registry import commands
from tenants.registry.demo import demo_exists

# Each package exports `blueprint`, which names its scope and who may enter.
PAGES = (
    "health", "directory", "central_auth", "central", "portal", "tickets", "auth", "my_account", "admin", "branding",
    "counter", "contact", "display", "reception", "enrolment", "kiosk",
)  # fmt: skip
STREAMS = ("health", "events")

OWN_ACCOUNT = ("my_account.password", "Akun saya", "lock")
# The administrator's side bar, by the day's work: endpoint, label, icon.
ADMIN_NAV = (
    ("admin.today", "Hari ini", "home"),
    ("reception.desk", "Meja resepsionis", "ticket"),
    ("admin.services", "Layanan", "list"),
    ("admin.halls", "Gedung dan loket", "building"),
    ("admin.sound", "Suara", "volume"),
    ("admin.staff", "Petugas", "users"),
    ("admin.devices", "Perangkat", "monitor"),
    ("branding.edit", "Tampilan portal", "palette"),
    ("branding.announcements", "Pengumuman", "bell"),
    ("admin.audit", "Catatan", "history"),
    OWN_ACCOUNT,
)
NAV: dict[object, tuple[tuple[str, str, str], ...]] = {
    Role.ADMIN: ADMIN_NAV,
    Role.OFFICER: (("counter.console", "Loket saya", "monitor"), OWN_ACCOUNT),
    Role.RECEPTIONIST: (
        ("reception.desk", "Meja resepsionis", "ticket"),
        ("reception.paper", "Lembar darurat", "print"),
        OWN_ACCOUNT,
    ),
    Role.AGENCY_OFFICER: (("counter.console", "Loket saya", "monitor"), OWN_ACCOUNT),
    Role.READER: ADMIN_NAV,
}
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
        return {}
    entries = tuple(
        entry
        for entry in NAV.get(getattr(current_user, "role", None), ())
        if access_of(current_app, entry[0]).admits(current_user)
    )
    version = g.gate.version if "gate" in g else None
    return {"site": site_view(region, version), "nav": entries, "read_only": read_only()}


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
for command in (*commands.groups, secrets, audit, permissions, worker, ticker):
    main.add_command(command)
# Worker and ticker make their app themselves, when they start.
jobs.configure(create_app)


if __name__ == "__main__":
    main()
