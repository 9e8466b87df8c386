"""Which devices there are, and whose a token is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from mpp import i18n
from mpp.database.session import read
from tenants.devices.models import DOUBTFUL, Device, DeviceState, PrintJob
from tenants.devices.settings import settings_of
from tenants.devices.tokens import read_token, token_hash
from tenants.hall.zones import zone_by_slug, zone_slug

# A device says that it lives twice a minute; three silences and it counts as away.
ONLINE = dt.timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device in the administrator's list. `stuck` counts the slips of a day of which nobody knows they came out."""

    device: Device
    online: bool
    code_open: bool
    stuck: int


def device_of(token: str | None) -> Device | None:
    """Return the working device that holds `token`, None for a revoked, foreign or made-up one."""
    known = read_token(token) if token else None
    if token is None or known is None:
        return None
    device_id, epoch = known
    with read() as session:
        device = session.get(Device, device_id, populate_existing=True)
    if device is None or device.state != DeviceState.ACTIVE or device.epoch != epoch:
        return None
    return device if device.token_hash == token_hash(token) else None


def device_by_id(device_id: int) -> Device | None:
    """Return a device of this region, None when there is none."""
    with read() as session:
        return session.get(Device, device_id, populate_existing=True)


def zone_shown(session: Session, device: Device) -> str | None:
    """Return the slug of the zone whose board a display shows, None for the whole hall's.

    A zone without counters has no board of its own: the whole hall's says more than an error page.
    """
    slug = zone_slug(device.zone) if device.zone else None
    return slug if slug and zone_by_slug(session, device.hall_id, slug) else None


def device_rows() -> list[DeviceRow]:
    """Return all devices by hall and name, revoked ones last."""
    now = dt.datetime.now(tz=dt.UTC)
    with read() as session:
        devices = session.scalars(
            select(Device).order_by(
                Device.state == DeviceState.REVOKED, Device.hall_id, Device.name, Device.id
            )
        ).all()
        rows = session.execute(
            select(PrintJob.device_id, func.count())
            .where(
                PrintJob.state.in_(DOUBTFUL), PrintJob.reprint_id.is_(None), PrintJob.ticket_id.is_not(None)
            )
            .where(PrintJob.created_at > now - dt.timedelta(days=1))
            .group_by(PrintJob.device_id)
        )
        stuck = dict(rows.all())
    return [DeviceRow(d, online(d, now), code_open(d, now), stuck.get(d.id, 0)) for d in devices]


def online(device: Device, now: dt.datetime | None = None) -> bool:
    """Return whether a working device has been heard of lately."""
    now = now or dt.datetime.now(tz=dt.UTC)
    seen = device.last_seen_at
    return device.state == DeviceState.ACTIVE and seen is not None and now - seen < ONLINE


def code_open(device: Device, now: dt.datetime | None = None) -> bool:
    """Return whether a code for this device is out and not yet too old."""
    now = now or dt.datetime.now(tz=dt.UTC)
    return device.code_expires_at is not None and device.code_expires_at > now


def slip_languages(hall_id: int) -> list[tuple[str, str]]:
    """Return the languages of a slip in a hall, as (code, own name): the whole ones, and those its kiosks speak."""
    with read() as session:
        stored = session.scalars(
            select(Device.settings).where(Device.hall_id == hall_id, Device.state == DeviceState.ACTIVE)
        )
        here = {code for settings in stored for code in settings_of(settings).languages}
    return [(c.code, c.name) for c in i18n.catalogues().values() if c.covers is None or c.code in here]


def last_prints(device_id: int, most: int = 10) -> list[PrintJob]:
    """Return the last slips of a device, newest first."""
    with read() as session:
        query = select(PrintJob).where(PrintJob.device_id == device_id).options(joinedload(PrintJob.ticket))
        return list(session.scalars(query.order_by(PrintJob.id.desc()).limit(most)))
