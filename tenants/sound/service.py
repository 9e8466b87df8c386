"""Changing how a hall sounds, and the region's own voice. Each act is in the audit log."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mpp import audit
from mpp.database.session import write
from tenants.hall.errors import UnknownHallError
from tenants.hall.models import Hall
from tenants.queueing.signal import announce
from tenants.sound.errors import SoundError
from tenants.sound.models import HallSound, VoiceUnit
from tenants.sound.queries import SPOKEN
from tenants.sound.upload import Unit

UNITS_TOLD = 20


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """What an administrator says about a hall's sound; times are local."""

    volume: int
    quiet_from: dt.time | None
    quiet_to: dt.time | None
    speak: str
    names_spoken: bool


def save_sound(hall_id: int, facts: SoundFacts) -> None:
    """Change how a hall sounds, at once on its displays. Raises SoundError, UnknownHallError."""
    _check(facts)
    with write() as session:
        row = _locked(session, hall_id)
        before = _told(row)
        for name, value in asdict(facts).items():
            setattr(row, name, value)
        after = _told(row)
        if after == before:
            return
        changed = [name for name in before if before[name] != after[name]]
        data = {"before": {n: before[n] for n in changed}, "after": {n: after[n] for n in changed}}
        audit.record(session, action="sound.edit", subject=f"hall:{hall_id}", data=data)
        announce(session, hall_id)


def ask_for_test(hall_id: int) -> None:
    """Let the enrolled displays of a hall sound once. Raises UnknownHallError."""
    with write() as session:
        _locked(session, hall_id).tests += 1
        audit.record(session, action="sound.test", subject=f"hall:{hall_id}")
        announce(session, hall_id)


def keep_units(units: Sequence[Unit]) -> None:
    """Keep recordings of the region's own voice in place of those it had."""
    with write() as session:
        for unit in units:
            values = {
                "content_type": unit.recording.content_type, "content": unit.recording.content,
                "sha256": hashlib.sha256(unit.recording.content).hexdigest(),
                "milliseconds": unit.recording.milliseconds, "created_at": func.clock_timestamp(),
            }  # fmt: skip
            session.execute(
                insert(VoiceUnit)
                .values(language=unit.language, unit=unit.name, **values)
                .on_conflict_do_update(index_elements=[VoiceUnit.language, VoiceUnit.unit], set_=values)
            )
        _voice_changed(session, "voice.upload", [f"{unit.language}/{unit.name}" for unit in units])


def remove_units(language: str, name: str | None = None) -> int:
    """Delete the region's own recording of a unit, or of a whole language; return how many there were."""
    with write() as session:
        gone = delete(VoiceUnit).where(VoiceUnit.language == language)
        if name is not None:
            gone = gone.where(VoiceUnit.unit == name)
        names = sorted(session.scalars(gone.returning(VoiceUnit.unit)))
        if names:
            _voice_changed(session, "voice.remove", [f"{language}/{unit}" for unit in names])
        return len(names)


def _voice_changed(session: Session, action: str, units: list[str]) -> None:
    told = ", ".join(units[:UNITS_TOLD]) + (
        f" dan {len(units) - UNITS_TOLD} lainnya" if units[UNITS_TOLD:] else ""
    )
    audit.record(session, action=action, subject="voice", data={"units": told, "count": len(units)})
    for hall_id in session.scalars(select(Hall.id).where(Hall.active)):
        announce(session, hall_id)


def _locked(session: Session, hall_id: int) -> HallSound:
    """The hall's row, made where there is none, held until the transaction ends."""
    if session.get(Hall, hall_id) is None:
        raise UnknownHallError
    session.execute(insert(HallSound).values(hall_id=hall_id).on_conflict_do_nothing())
    query = select(HallSound).where(HallSound.hall_id == hall_id).with_for_update()
    return session.scalars(query, execution_options={"populate_existing": True}).one()


def _told(row: HallSound) -> dict[str, Any]:
    return {
        "volume": row.volume, "quiet_from": _clock(row.quiet_from), "quiet_to": _clock(row.quiet_to),
        "speak": row.speak, "names_spoken": row.names_spoken,
    }  # fmt: skip


def _clock(moment: dt.time | None) -> str | None:
    return f"{moment:%H.%M}" if moment else None


def _check(facts: SoundFacts) -> None:
    if not 0 <= facts.volume <= 100:
        raise SoundError("Isi 0 sampai 100.", "volume")
    if facts.speak not in SPOKEN:
        raise SoundError("Pilih bahasa dari daftar.", "speak")
    if (facts.quiet_from is None) != (facts.quiet_to is None):
        missing = "quiet_from" if facts.quiet_from is None else "quiet_to"
        raise SoundError("Isi kedua jam, atau kosongkan keduanya.", missing)
    if facts.quiet_from is not None and facts.quiet_from == facts.quiet_to:
        raise SoundError("Jam mulai dan selesai harus berbeda.", "quiet_to")
