"""Devices are let in once, belong to one region, end at once, and print a slip at most once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, update

from mpp.database.session import read, write
from mpp.jobs.handlers import clocked
from mpp.outbox import OutboxEntry
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.devices import printing, service
from tenants.devices.errors import (
    BadCodeError,
    BadSettingError,
    NothingToPrintError,
    PrinterError,
    UnknownDeviceError,
)
from tenants.devices.escpos import Line, Slip, plain
from tenants.devices.models import Device, DeviceKind, PrintJob, PrintState
from tenants.devices.queries import device_of, device_rows
from tenants.devices.settings import KioskSettings, Printing, check_printer
from tenants.hall.models import Hall
from tenants.queueing.policies import new_key
from tenants.queueing.service import leave, take_ticket
from tests.support.hall import at, open_always, together
from tests.support.printer import FakePrinter


@pytest.fixture
def printer() -> Iterator[FakePrinter]:
    fake = FakePrinter()
    yield fake
    fake.off()


def enrolled(printing_: KioskSettings | None = None) -> tuple[Device, str, str]:
    with read() as session:
        hall = session.scalars(select(Hall)).one()
    made, code = service.add_device(DeviceKind.KIOSK, hall.id, "Kios pintu depan")
    if printing_:
        service.configure(made.id, printing_)
    device, token = service.enrol(code.lower())
    return device, token, code


def test_a_code_lets_one_machine_in(app: Platform, bukittinggi: Region) -> None:
    with at(app, bukittinggi):
        device, token, code = enrolled()
        assert device_of(token) is not None and device_of(token + "x") is None and device_of(None) is None
        with pytest.raises(BadCodeError):
            service.enrol(code)
        _again, second = service.give_code(device.id)
        with write() as session:
            session.execute(update(Device).values(code_expires_at=dt.datetime.now(tz=dt.UTC)))
        with pytest.raises(BadCodeError):
            service.enrol(second)
        assert device_of(token) is not None


def test_of_two_machines_with_one_code_one_comes_in(app: Platform, bukittinggi: Region) -> None:
    with at(app, bukittinggi):
        hall = _hall()
        _device, code = service.add_device(DeviceKind.DISPLAY, hall, "Layar")

    def try_it() -> bool:
        try:
            service.enrol(code)
        except BadCodeError:
            return False
        return True

    assert sorted(together(app, bukittinggi, [try_it] * 6)) == [False] * 5 + [True]


def test_revoking_ends_the_token_at_once(app: Platform, bukittinggi: Region) -> None:
    with at(app, bukittinggi):
        device, token, _code = enrolled()
        service.revoke(device.id)
        assert device_of(token) is None


def test_a_neighbours_token_and_code_are_noise(
    app: Platform, bukittinggi: Region, banyuwangi: Region
) -> None:
    with at(app, bukittinggi):
        _device, token, _code = enrolled()
        _other, code = service.add_device(DeviceKind.KIOSK, _hall(), "Kios dua")
    with at(app, banyuwangi):
        enrolled()
        assert device_of(token) is None
        with pytest.raises(BadCodeError):
            service.enrol(code)


def test_a_double_tap_prints_once(app: Platform, bukittinggi: Region, printer: FakePrinter) -> None:
    with at(app, bukittinggi):
        device, ticket, key = _tap(printer.port)

    def press() -> bool:
        return printing.print_ticket(device, ticket, key, "http://x/antrean/" + ticket.code)

    assert sum(together(app, bukittinggi, [press] * 6)) == 1
    with at(app, bukittinggi), read() as session:
        (job,) = session.scalars(select(PrintJob.id)).all()
        assert session.scalar(select(func.count()).where(OutboxEntry.kind == printing.JOB)) == 1
    together(app, bukittinggi, [lambda: printing.send(job)] * 4)
    with at(app, bukittinggi):
        assert printing.send(job) is PrintState.DONE
    (slip,) = [s for s in printer.wait(1) if s]
    assert slip.startswith(b"\x1b@") and slip.endswith(b"\x1dVB\x00")
    assert (
        ticket.label.encode() in slip and ticket.code.encode() in slip and ticket.holder.encode() not in slip
    )


def test_a_slip_found_on_its_way_is_never_sent_again(
    app: Platform, bukittinggi: Region, printer: FakePrinter
) -> None:
    with at(app, bukittinggi):
        device, ticket, key = _tap(printer.port)
        printing.print_ticket(device, ticket, key, "http://x/")
        with write() as session:
            session.execute(update(PrintJob).values(state=PrintState.SENDING))
            job = session.scalar(select(PrintJob.id))
        assert job and printing.send(job) is PrintState.SENDING
        assert printer.slips == []


def test_a_printer_that_is_off_keeps_no_ticket_back(
    app: Platform, bukittinggi: Region, printer: FakePrinter
) -> None:
    printer.off()
    with at(app, bukittinggi):
        device, ticket, key = _tap(printer.port)
        assert ticket.number == 1 and printing.print_ticket(device, ticket, key, "http://x/")
        with read() as session:
            job = session.scalar(select(PrintJob.id))
        assert job
        with pytest.raises(PrinterError):
            printing.send(job)
        with write() as session:
            old = dt.datetime.now(tz=dt.UTC) - dt.timedelta(minutes=3)
            session.execute(update(PrintJob).values(created_at=old))
        assert printing.send(job) is PrintState.EXPIRED


def test_a_slip_cut_off_on_its_way_is_said_to_be_doubtful(
    app: Platform, bukittinggi: Region, printer: FakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(_line: Line, _slip: Slip) -> None:
        raise PrinterError("Sambungan ke printer terputus.", sent=True)

    monkeypatch.setattr(Line, "send", cut)
    with at(app, bukittinggi):
        device, ticket, key = _tap(printer.port)
        label = ticket.label.encode()
        printing.print_ticket(device, ticket, key, "http://x/")
        job = _job()
        assert printing.send(job.id) is PrintState.UNKNOWN
        assert printing.send(job.id) is PrintState.UNKNOWN
        job = _job()
        assert job.doubtful and "terputus" in (job.problem or "")
        (row,) = device_rows()
        assert row.stuck == 1
        again = printing.print_again(device.id, job.id)
        with pytest.raises(NothingToPrintError):
            printing.print_again(device.id, job.id)
        monkeypatch.undo()
        assert printing.send(again.id) is PrintState.DONE
        (row,) = device_rows()
        assert row.stuck == 0
    assert label in printer.wait(1)[-1]


def test_a_slip_whose_worker_died_is_not_sent_for_ever(
    app: Platform, bukittinggi: Region, printer: FakePrinter
) -> None:
    with at(app, bukittinggi):
        device, ticket, key = _tap(printer.port)
        printing.print_ticket(device, ticket, key, "http://x/")
        with write() as session:
            session.execute(update(PrintJob).values(state=PrintState.SENDING))
        for minutes, state in ((2, PrintState.SENDING), (3, PrintState.UNKNOWN), (9, PrintState.UNKNOWN)):
            with write() as session:
                old = dt.datetime.now(tz=dt.UTC) - dt.timedelta(minutes=minutes)
                session.execute(update(PrintJob).values(created_at=old))
                printing.close_stale(session)
            assert _job().state == state
        with write() as session:
            session.execute(update(PrintJob).values(state=PrintState.WAITING, ended_at=None))
            assert printing.close_stale(session) == 1
        assert _job().state == PrintState.EXPIRED and printer.slips == []
        assert "device.print_close" in {entry.kind for entry in clocked(bukittinggi)}


def test_a_slip_of_a_changed_mind_is_not_printed_again(
    app: Platform, bukittinggi: Region, printer: FakePrinter
) -> None:
    with at(app, bukittinggi):
        device, ticket, key = _tap(printer.port)
        printing.print_ticket(device, ticket, key, "http://x/")
        with write() as session:
            session.execute(update(PrintJob).values(state=PrintState.EXPIRED))
        leave(ticket.code)
        with pytest.raises(NothingToPrintError):
            printing.print_again(device.id, _job().id)
        with pytest.raises(UnknownDeviceError):
            printing.print_again(device.id + 1, _job().id)


def test_bytes_of_a_slip() -> None:
    assert (
        bytes(Slip().text("Ab", size=2).cut()) == b"\x1b@\x1bE\x00\x1d!\x11Ab\n\x1d!\x00\x1bE\x00\x1dVB\x00"
    )
    assert b"\x1d(k\x05\x001P0hi\x1d(k\x03\x001Q0" in bytes(Slip().qr("hi"))
    assert plain("Café \u2013 \x1b@\x1dV") == "Cafe -  @ V"


@pytest.mark.parametrize(
    ("host", "port"),
    [("8.8.8.8", 9100), ("169.254.169.254", 9100), ("127.0.0.1", 6379), ("printer", 9100), ("0.0.0.0", 9100)],
)
def test_only_printers_of_the_building_are_reached(host: str, port: int) -> None:
    with pytest.raises(BadSettingError):
        check_printer(host, port)
    with pytest.raises(BadSettingError):
        Line(host, port)


def _job() -> PrintJob:
    with read() as session:
        return session.scalars(select(PrintJob), execution_options={"populate_existing": True}).one()


def _hall() -> int:
    with read() as session:
        return session.scalars(select(Hall.id)).one()


def _tap(port: int):  # type: ignore[no-untyped-def]  # three values for the scenes above
    open_always()
    wish = KioskSettings(printing=Printing.NETWORK, printer_host="127.0.0.1", printer_port=port)
    device, _token, _code = enrolled(wish)
    key = new_key()
    return device, take_ticket("ktp-el-baru", "Pengunjung", None, key, "kiosk"), key
