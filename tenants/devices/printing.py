"""Slips of paper over the network: promised with the tap, sent by the worker, never twice.

A slip is sent at most once. Before the first byte its job is marked in a transaction of its own; whoever finds
that mark later (after a crash, or run twice by the worker) leaves it for a person to decide: `close_stale` says
that nobody knows whether paper came out, and staff prints it again by hand, once.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from mpp import audit, i18n, outbox
from mpp.database.session import apart, read, write
from mpp.i18n import gettext as _
from mpp.tenancy.region import current_region
from tenants.devices.errors import (
    BadSettingError,
    NothingToPrintError,
    PrinterError,
    UnknownDeviceError,
)
from tenants.devices.escpos import Align, Line, Slip
from tenants.devices.models import DOUBTFUL, Device, DeviceState, PrintJob, PrintState
from tenants.devices.settings import Printing, settings_of
from tenants.queueing.models import OPEN_STATES, Ticket
from tenants.queueing.queries import service_names

# Nobody waits longer at a kiosk for paper; a slip that comes later would be taken by the next person.
PATIENCE = dt.timedelta(minutes=2)
# Longer than any sending takes; begun at the end of somebody's patience, it is over by then.
LONGEST_SENDING = dt.timedelta(seconds=30)
JOB = "device.print"


def print_ticket(device: Device, ticket: Ticket, key: str, address: str) -> bool:
    """Promise a slip for a ticket and return whether this is the tap that made it; the same `key` makes no second."""
    return _promise(device, key, ticket, address)


def print_test(device: Device, key: str) -> bool:
    """Promise a test page at the printer of a device, by staff; whether this is the press that made it."""
    return _promise(device, key, None, None, audited="device.test_print")


def print_from_desk(device_id: int, ticket: Ticket, key: str, address: str, language: str) -> Device:
    """Promise a slip at a printer of the ticket's hall, by staff, and return the device; one `key`, one slip.

    Raises UnknownDeviceError when no such printer works in that hall, NothingToPrintError when the number is over.
    """
    with read() as session:
        device = next((one for one in printers(session, ticket.hall_id) if one.id == device_id), None)
    if device is None:
        raise UnknownDeviceError
    if ticket.state not in OPEN_STATES or ticket.local_day < current_region().today():
        raise NothingToPrintError("Nomor itu sudah selesai atau tidak berlaku lagi.")
    with i18n.spoken(language):
        _promise(device, f"meja-{key}", ticket, address, audited="device.print_desk")
    return device


def printers(session: Session, hall_id: int) -> list[Device]:
    """Return the devices of a hall that print over the network now, by name."""
    working = select(Device).where(Device.hall_id == hall_id, Device.state == DeviceState.ACTIVE)
    found = session.scalars(working.order_by(Device.name, Device.id))
    return [device for device in found if settings_of(device.settings).printing is Printing.NETWORK]


def _promise(
    device: Device, key: str, ticket: Ticket | None, address: str | None, audited: str | None = None
) -> bool:
    if settings_of(device.settings).printing is not Printing.NETWORK:
        return False
    with write() as session:
        made = _add(session, device, key, ticket.id if ticket else None, address, i18n.language.get())
        if made is not None and audited:
            _record(session, device, audited, **({"number": ticket.label} if ticket else {}))
        return made is not None


def print_again(device_id: int, job_id: int) -> PrintJob:
    """Print a doubtful slip once more, by staff, and return the new job; pressed twice, it is one.

    Raises UnknownDeviceError, NothingToPrintError when the slip came out, was printed again, or its number is over.
    """
    with write() as session:
        # The row lock makes the second of two presses find the first one's slip.
        job = session.scalar(
            select(PrintJob)
            .where(PrintJob.id == job_id, PrintJob.device_id == device_id)
            .options(joinedload(PrintJob.ticket))
            .with_for_update(of=PrintJob),
            execution_options={"populate_existing": True},
        )
        if job is None:
            raise UnknownDeviceError
        if settings_of(job.device.settings).printing is not Printing.NETWORK or not _usable(job.device):
            raise NothingToPrintError("Perangkat ini sedang tidak memakai printer jaringan.")
        if job.reprint_id is not None or job.state not in DOUBTFUL:
            raise NothingToPrintError("Kertas itu sudah dicetak, atau sedang dicetak.")
        ticket = job.ticket
        if ticket is None or ticket.state not in OPEN_STATES or ticket.local_day < current_region().today():
            raise NothingToPrintError("Nomor itu sudah selesai atau tidak berlaku lagi.")
        made = _add(session, job.device, f"ulang-{job.id}", ticket.id, job.address, job.language)
        if made is None:
            raise NothingToPrintError("Kertas itu sudah dicetak, atau sedang dicetak.")
        job.reprint_id = made
        _record(session, job.device, "device.print_again", number=ticket.label)
        return session.get_one(PrintJob, made)


def _add(
    session: Session, device: Device, key: str, ticket_id: int | None, address: str | None, language: str
) -> int | None:
    made = session.scalar(
        insert(PrintJob)
        .values(key=key, device_id=device.id, ticket_id=ticket_id, address=address, language=language)
        .on_conflict_do_nothing(index_elements=[PrintJob.key])
        .returning(PrintJob.id)
    )
    if made is not None:
        outbox.post(session, JOB, job=made, ticket=ticket_id)
    return made


def _record(session: Session, device: Device, action: str, **data: object) -> None:
    told = {"name": device.name, **data}
    audit.record(session, action=action, subject=f"device:{device.id}", data=told)


def close_stale(session: Session) -> int:
    """Close slips that nobody works on any more, and return how many: interrupted ones, and promises grown too old."""
    now = dt.datetime.now(tz=dt.UTC)
    count = 0
    for source, target, age in (
        (PrintState.SENDING, PrintState.UNKNOWN, PATIENCE + LONGEST_SENDING),
        (PrintState.WAITING, PrintState.EXPIRED, PATIENCE + LONGEST_SENDING),
    ):
        old = update(PrintJob).where(PrintJob.state == source, PrintJob.created_at < now - age)
        values = {"state": target, "ended_at": func.clock_timestamp()}
        count += len(session.scalars(old.values(**values).returning(PrintJob.id)).all())
    return count


def send(job_id: int) -> PrintState | None:
    """Print a slip now and return what became of it, None when there is none. Raises PrinterError when unreachable.

    Needs no transaction at hand: each step has its own, so that a failure after it can't undo what paper shows.
    """
    with apart() as session:
        job = _job(session, job_id)
        if job is None or job.state != PrintState.WAITING:
            return PrintState(job.state) if job else None
        settings = settings_of(job.device.settings)
        usable = _usable(job.device) and settings.printing is Printing.NETWORK
        if not usable or dt.datetime.now(tz=dt.UTC) - job.created_at > PATIENCE:
            return _end(session, job_id, PrintState.WAITING, PrintState.EXPIRED)
        slip = _slip(session, job)
    try:
        with Line(settings.printer_host, settings.printer_port) as line:
            with apart() as session:
                if _end(session, job_id, PrintState.WAITING, PrintState.SENDING) is None:
                    return None
            line.send(slip)
    except (PrinterError, BadSettingError) as error:
        sent = isinstance(error, PrinterError) and error.sent
        with apart() as session:
            session.execute(update(PrintJob).where(PrintJob.id == job_id).values(problem=str(error)))
            if sent:
                return _end(session, job_id, PrintState.SENDING, PrintState.UNKNOWN)
        if isinstance(error, PrinterError):
            raise
        return PrintState.WAITING
    with apart() as session:
        return _end(session, job_id, PrintState.SENDING, PrintState.DONE)


def _usable(device: Device) -> bool:
    return device.state == DeviceState.ACTIVE


def _job(session: Session, job_id: int) -> PrintJob | None:
    query = select(PrintJob).where(PrintJob.id == job_id)
    whole = joinedload(PrintJob.ticket).options(joinedload(Ticket.hall), joinedload(Ticket.service))
    return session.scalar(query.options(whole))


def _end(session: Session, job_id: int, source: PrintState, target: PrintState) -> PrintState | None:
    """Move a slip on, and return where it is now; None when another was faster."""
    move = update(PrintJob).where(PrintJob.id == job_id, PrintJob.state == source)
    values: dict[str, object] = {"state": target}
    if target is not PrintState.SENDING:
        values["ended_at"] = func.clock_timestamp()
    if target is PrintState.DONE:
        values["problem"] = None
    moved = session.scalar(move.values(**values).returning(PrintJob.id))
    return target if moved is not None else None


def _slip(session: Session, job: PrintJob) -> Slip:
    with i18n.spoken(job.language):
        return _ticket_slip(session, job, job.ticket) if job.ticket else _test_slip(job)


def _ticket_slip(session: Session, job: PrintJob, ticket: Ticket) -> Slip:
    service = service_names(session, [ticket.service_id]).get(ticket.service_id, "")
    slip = Slip().align(Align.CENTRE).text(ticket.hall.name, bold=True).rule()
    slip.text(_("Nomor antrean Anda")).text(ticket.label, size=6, bold=True).feed()
    slip.text(service, bold=True).text(
        f"{i18n.full_date(ticket.issued_at)}, {i18n.clock(ticket.issued_at)}"
    ).feed()
    if job.address:
        slip.qr(job.address).text(_("Pindai untuk melihat giliran Anda dari HP."))
    slip.rule().text(_("Semua biaya resmi tertulis di portal. Jangan lewat calo."))
    return slip.feed(2).cut()


def _test_slip(job: PrintJob) -> Slip:
    slip = Slip().align(Align.CENTRE).text("Uji printer", size=2, bold=True)
    slip.text(f"{job.device.name}, {job.device.hall.name}")
    slip.text(f"{i18n.full_date(job.created_at)}, {i18n.clock(job.created_at)}")
    slip.text("Bila tulisan ini terbaca dan kertas terpotong, printer siap dipakai.")
    slip.qr(f"uji-{current_region().id}-{job.id}").rule()
    return slip.feed(2).cut()
