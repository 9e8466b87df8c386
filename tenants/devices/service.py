"""Letting devices in, naming them, shutting them out. Each act of staff is in the audit log."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from mpp import audit
from mpp.database.optimistic import check_unchanged, fingerprint
from mpp.database.session import write
from tenants.devices.errors import BadCodeError, DeviceError, RevokedError, UnknownDeviceError
from tenants.devices.models import Device, DeviceKind, DeviceState
from tenants.devices.settings import KioskSettings, checked, settings_of
from tenants.devices.tokens import CODE_LIFE, code_hash, new_code, new_token, token_hash
from tenants.hall.errors import UnknownHallError
from tenants.hall.models import Hall

LONGEST_NAME = 60
# Signs of life are written down no more often than this.
SEEN_EVERY = dt.timedelta(seconds=20)


def add_device(kind: DeviceKind, hall_id: int, name: str, zone: str | None = None) -> tuple[Device, str]:
    """Add a device; return it with the code that lets it in. Raises DeviceError, UnknownHallError.

    A display speaks when no other one does at its place.
    """
    with write() as session:
        hall = session.get(Hall, hall_id)
        if hall is None:
            raise UnknownHallError
        device = Device(kind=kind.value, hall=hall, name=_free(session, hall.id, name), zone=_zone(zone))
        device.speaks = kind is DeviceKind.DISPLAY and not _spoken_for(session, hall.id, device.zone)
        session.add(device)
        code = _give_code(device)
        session.flush()
        _record(session, device, "device.add")
        return device, code


def give_code(device_id: int) -> tuple[Device, str]:
    """Give a new code, which ends the older one; a working device works on until the code is used.

    Raises UnknownDeviceError, RevokedError.
    """
    with write() as session:
        device = _usable(session, device_id)
        code = _give_code(device)
        _record(session, device, "device.code")
        return device, code


def enrol(code: str) -> tuple[Device, str]:
    """Let in the machine on which `code` was typed; return its device and token. Raises BadCodeError."""
    with write() as session:
        # The row lock makes the second of two machines with one code find it used.
        device = session.scalar(
            select(Device).where(Device.code_hash == code_hash(code)).with_for_update(of=Device),
            execution_options={"populate_existing": True},
        )
        now = dt.datetime.now(tz=dt.UTC)
        if device is None or device.state == DeviceState.REVOKED:
            raise BadCodeError
        if device.code_expires_at is None or device.code_expires_at <= now:
            raise BadCodeError
        device.epoch += 1
        token = new_token(device.id, device.epoch)
        device.token_hash, device.state = token_hash(token), DeviceState.ACTIVE
        device.code_hash = device.code_expires_at = None
        device.enrolled_at = device.last_seen_at = now
        # The machine itself acts, no person who is signed in on it.
        acting = audit.actor.set(audit.Actor("device", device.id, device.name, audit.actor.get().request_id))
        try:
            _record(session, device, "device.enrol")
        finally:
            audit.actor.reset(acting)
        return device, token


def rename(device_id: int, name: str, zone: str | None) -> Device:
    """Change name and zone. Raises DeviceError, UnknownDeviceError, RevokedError."""
    with write() as session:
        device = _usable(session, device_id)
        before = {"name": device.name, "zone": device.zone}
        device.name, device.zone = _free(session, device.hall_id, name, device.id), _zone(zone)
        after = {"name": device.name, "zone": device.zone}
        if before != after:
            _record(session, device, "device.rename", before=before, after=after)
        return device


def let_speak(device_id: int, speaks: bool) -> Device:
    """Let a display say the calls, or be silent; it hears of it with its next sign of life.

    Raises DeviceError for a kiosk, UnknownDeviceError, RevokedError.
    """
    with write() as session:
        device = _usable(session, device_id)
        if device.kind != DeviceKind.DISPLAY:
            raise DeviceError("Hanya layar yang bisa bersuara.")
        if device.speaks != speaks:
            device.speaks = speaks
            _record(session, device, "device.speak" if speaks else "device.hush")
        return device


def seen_settings(device: Device) -> str:
    """Return the mark of a kiosk's settings: given back to `configure`, nobody else's change is overwritten."""
    return fingerprint(settings_of(device.settings))


def configure(device_id: int, settings: KioskSettings, seen: str | None = None) -> Device:
    """Set how a kiosk behaves, from its next page on.

    Raises BadSettingError, UnknownDeviceError, RevokedError, and ChangedMeanwhileError for a `seen` that is past.
    """
    with write() as session:
        device = _usable(session, device_id)
        if seen is not None:
            check_unchanged(seen, settings_of(device.settings))
        before, after = settings_of(device.settings).as_json(), checked(settings).as_json()
        if before != after:
            device.settings = after
            _record(session, device, "device.settings", before=before, after=after)
        return device


def revoke(device_id: int) -> Device:
    """Shut a device out at once and for good; its open code ends too. Raises UnknownDeviceError."""
    with write() as session:
        device = _locked(session, device_id)
        if device.state != DeviceState.REVOKED:
            device.state, device.revoked_at = DeviceState.REVOKED, func.now()
            device.epoch += 1
            device.token_hash = device.code_hash = device.code_expires_at = None
            _record(session, device, "device.revoke")
        return device


def seen(device: Device) -> None:
    """Note that a device lives, at most every 20 seconds."""
    now = dt.datetime.now(tz=dt.UTC)
    if device.last_seen_at is not None and now - device.last_seen_at < SEEN_EVERY:
        return
    with write() as session:
        stale = or_(Device.last_seen_at.is_(None), Device.last_seen_at < now - SEEN_EVERY)
        session.execute(update(Device).where(Device.id == device.id, stale).values(last_seen_at=now))


def _give_code(device: Device) -> str:
    code = new_code()
    device.code_hash = code_hash(code)
    device.code_expires_at = dt.datetime.now(tz=dt.UTC) + CODE_LIFE
    return code


def _locked(session: Session, device_id: int) -> Device:
    device = session.scalar(
        select(Device).where(Device.id == device_id).with_for_update(of=Device),
        execution_options={"populate_existing": True},
    )
    if device is None:
        raise UnknownDeviceError
    return device


def _usable(session: Session, device_id: int) -> Device:
    device = _locked(session, device_id)
    if device.state == DeviceState.REVOKED:
        raise RevokedError
    return device


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME:
        raise DeviceError(f"Isi nama perangkat, paling panjang {LONGEST_NAME} huruf.", "name")
    return name


def _free(session: Session, hall_id: int, text: str, own: int | None = None) -> str:
    """A name that no other device of the hall has: two of one name can't be told apart, or one was added twice."""
    name = _name(text)
    same = select(Device.id).where(Device.hall_id == hall_id, func.lower(Device.name) == name.lower())
    if session.scalar(same.where(Device.state != DeviceState.REVOKED, Device.id != (own or 0)).limit(1)):
        raise DeviceError("Sudah ada perangkat dengan nama ini di gedung itu.", "name")
    return name


def _spoken_for(session: Session, hall_id: int, zone: str | None) -> bool:
    """Whether a display speaks already at this place."""
    there = (Device.hall_id == hall_id, Device.zone.is_not_distinct_from(zone), Device.speaks)
    found = select(Device.id).where(*there, Device.state != DeviceState.REVOKED).limit(1)
    return session.scalar(found) is not None


def _zone(text: str | None) -> str | None:
    return " ".join((text or "").split())[:LONGEST_NAME] or None


def _record(session: Session, device: Device, action: str, **data: object) -> None:
    told = {"name": device.name, "kind": device.kind, **data}
    audit.record(session, action=action, subject=f"device:{device.id}", data=told)
