"""What a display must know to sound, and the recordings it plays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tenants.devices.models import Device, DeviceKind, DeviceState
from tenants.devices.queries import online
from tenants.hall.models import Hall
from tenants.sound.models import HallSound, VoiceUnit

SPOKEN: dict[str, tuple[str, ...]] = {"none": (), "id": ("id",), "en": ("en",), "both": ("id", "en")}


@dataclass(frozen=True, slots=True)
class Sound:
    """A hall's sound as its displays get it: volume 0-100, local times "21:00", languages in order.

    `voice` changes with every change of the region's own recordings; `test` rises with each test asked for.
    """

    volume: int
    quiet_from: str | None
    quiet_to: str | None
    languages: tuple[str, ...]
    names: bool
    voice: str
    test: int


def settings_of(session: Session, hall_id: int) -> HallSound:
    """Return how a hall sounds; the defaults, not in the database, when nobody has said anything."""
    found = session.get(HallSound, hall_id, populate_existing=True)
    return found or HallSound(hall_id=hall_id, volume=80, speak="id", names_spoken=False, tests=0)


def sound_of(session: Session, hall_id: int) -> Sound:
    """Return the sound of a hall."""
    row = settings_of(session, hall_id)
    count, newest = session.execute(select(func.count(), func.max(VoiceUnit.created_at))).one()
    return Sound(
        volume=row.volume,
        quiet_from=_clock(row.quiet_from),
        quiet_to=_clock(row.quiet_to),
        languages=SPOKEN[row.speak],
        names=row.names_spoken,
        voice=f"{count}-{int(newest.timestamp() * 1000)}" if newest else "0",
        test=row.tests,
    )


def halls(session: Session) -> Sequence[Hall]:
    """Return the halls in use, by name."""
    return session.scalars(select(Hall).where(Hall.active).order_by(Hall.name, Hall.id)).all()


def displays(session: Session, hall_id: int) -> list[tuple[Device, bool]]:
    """Return the enrolled displays of a hall, each with whether it has been heard of lately."""
    found = session.scalars(
        select(Device)
        .where(
            Device.hall_id == hall_id, Device.kind == DeviceKind.DISPLAY, Device.state == DeviceState.ACTIVE
        )
        .order_by(Device.name, Device.id)
    )
    return [(device, online(device)) for device in found]


def own_unit(session: Session, language: str, unit: str) -> VoiceUnit | None:
    """Return the region's own recording of a unit, if there is one."""
    return session.get(VoiceUnit, (language, unit))


def own_units(session: Session) -> dict[tuple[str, str], tuple[int, dt.datetime]]:
    """Return which units the region has recorded itself: milliseconds and when, by language and unit."""
    rows = session.execute(
        select(VoiceUnit.language, VoiceUnit.unit, VoiceUnit.milliseconds, VoiceUnit.created_at)
    )
    return {(language, unit): (length, when) for language, unit, length, when in rows}


def _clock(moment: dt.time | None) -> str | None:
    return f"{moment:%H:%M}" if moment else None
