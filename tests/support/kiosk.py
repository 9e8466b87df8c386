"""A machine of the hall, let in as an administrator would: for tests of kiosk, enrolment and devices."""

from __future__ import annotations

from sqlalchemy import select

from mpp.database.session import read
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.devices import service
from tenants.devices.models import Device, DeviceKind
from tenants.devices.settings import KioskSettings
from tenants.hall.models import Hall
from tests.support.client import Browser
from tests.support.hall import at


def add(
    app: Platform,
    region: Region,
    kind: DeviceKind = DeviceKind.KIOSK,
    *,
    zone: str | None = None,
    name: str = "Kios pintu depan",
) -> tuple[Device, str]:
    """A device that waits for its code, and the code."""
    with at(app, region):
        with read() as session:
            hall = session.scalars(select(Hall).order_by(Hall.id)).first()
        assert hall
        return service.add_device(kind, hall.id, name, zone)


def let_in(app: Platform, region: Region, browser: Browser, settings: KioskSettings | None = None) -> Device:
    """Let the machine of `browser` in as a kiosk, through the page."""
    device, code = add(app, region)
    if settings:
        with at(app, region):
            service.configure(device.id, settings)
    page = browser.submit("/perangkat", code=code)
    assert page.status == 303, page.text[:400]
    return device
