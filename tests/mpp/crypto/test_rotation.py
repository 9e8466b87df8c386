"""New keys while people go on taking numbers: nothing is lost, nothing lies under an old key afterwards."""

from __future__ import annotations

import dataclasses
import itertools
import random
import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from mpp.crypto import keyring as keyrings
from mpp.crypto import rotation, sweep
from mpp.crypto.errors import MasterKeyError
from mpp.crypto.keyring import EXTENSION, keyring_of, using
from mpp.crypto.master import new_key
from mpp.crypto.models import Purpose
from mpp.crypto.rotation import backfill, rewrap, rotate
from mpp.crypto.types import same
from mpp.database.session import read, write
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing.models import Ticket
from tenants.queueing.service import take_ticket
from tests.support.fresh import rows, sql
from tests.support.hall import at, open_always


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes become tenths of seconds."""
    monkeypatch.setattr(keyrings, "SECONDS_KEPT", 0.4)
    monkeypatch.setattr(keyrings, "SECONDS_ANNOUNCED", 0.8)
    monkeypatch.setattr(keyrings, "SECONDS_BETWEEN_LOOKS", 0.0)
    monkeypatch.setattr(rotation, "SECONDS_BETWEEN_LOOKS", 0.1)
    monkeypatch.setattr(rotation, "SECONDS_SKEW", 0.1)
    monkeypatch.setattr(sweep, "ROWS_AT_ONCE", 7)
    monkeypatch.setattr(sweep, "SECONDS_BETWEEN_PASSES", 0.02)


@pytest.fixture
def here(app: Platform, bukittinggi: Region) -> Iterator[Region]:
    with at(app, bukittinggi):
        open_always()
        yield bukittinggi


def number(n: int) -> str:
    return f"+628129999{n:04d}"


def take(n: int) -> Ticket:
    return take_ticket("ktp-el-baru", f"S{n}", number(n), f"key-{n:016d}", "web")


def versions(settings: Settings, region: Region) -> set[tuple[int, int]]:
    query = (
        f"SELECT DISTINCT get_byte(phone_sealed, 2), get_byte(phone_index, 2) FROM {region.schema}.ticket"
        " WHERE phone_sealed IS NOT NULL"
    )
    return {(row[0], row[1]) for row in rows(settings, query)}


def numbers() -> dict[str, str | None]:
    with read() as session:
        found = session.execute(select(Ticket.idempotency_key, Ticket.phone)).all()
        return {row.idempotency_key: row.phone for row in found}


def live(settings: Settings, region: Region) -> set[int]:
    query = "SELECT version FROM platform.region_key WHERE region_id = %s AND retired_at IS NULL"
    return {row[0] for row in rows(settings, query, region.id)}


def test_rotation_under_writers_loses_nothing(app: Platform, here: Region, settings: Settings) -> None:
    for n in range(60):
        take(n)
    fresh, stop = itertools.count(100), threading.Event()
    written: dict[str, str] = {f"key-{n:016d}": number(n) for n in range(60)}
    wrong: list[str] = []
    lock = threading.Lock()

    def writer() -> None:
        with at(app, here):
            while not stop.is_set():
                n = next(fresh)
                try:
                    ticket = take(n)
                    with lock:
                        written[f"key-{n:016d}"] = number(n)
                    if n % 3 == 0:
                        changed = number(5000 + n)
                        with write() as session:
                            session.get_one(Ticket, ticket.id).phone = changed
                        with lock:
                            written[f"key-{n:016d}"] = changed
                except Exception as error:  # every failure of a writer is a finding
                    wrong.append(f"write {n}: {error!r}")

    def reader() -> None:
        with at(app, here):
            while not stop.is_set():
                n = random.randrange(60)
                with read() as session:
                    found = session.execute(
                        select(Ticket.idempotency_key, Ticket.phone).where(
                            same(Ticket.phone_index, number(n))
                        )
                    ).all()
                    session.rollback()
                if [tuple(row) for row in found] != [(f"key-{n:016d}", number(n))]:
                    wrong.append(f"look up {n}: {found}")

    threads = [threading.Thread(target=job) for job in (writer, writer, reader, reader)]
    for thread in threads:
        thread.start()
    try:
        for turn in (2, 3):
            assert rotate(settings, here, lambda _line: None).left == 0
            assert live(settings, here) == {turn}
    finally:
        time.sleep(0.6)
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert len(written) > 80
    assert numbers() == written
    assert versions(settings, here) == {(3, 3)}
    assert numbers() == written


def test_a_stopped_rotation_goes_on_where_it_was(
    here: Region, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(30):
        take(n)
    begun: list[int] = []
    real = sweep._batch

    def dies(*args: object) -> object:
        # The secrets of authenticator apps come first.
        begun.extend([1] * (args[1].name == "ticket"))  # type: ignore[attr-defined]  # a Table
        if len(begun) == 3:
            raise KeyboardInterrupt
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(sweep, "_batch", dies)
    with pytest.raises(KeyboardInterrupt):
        rotate(settings, here, lambda _line: None)
    assert live(settings, here) == {1, 2}
    assert versions(settings, here) == {(1, 1), (2, 2)}
    monkeypatch.setattr(sweep, "_batch", real)
    done = rotate(settings, here, lambda _line: None)
    assert 0 < done.rows < 30 and done.left == 0
    assert live(settings, here) == {2}
    assert numbers() == {f"key-{n:016d}": number(n) for n in range(30)}


def test_what_was_sealed_before_the_switch_and_comes_late_is_found(
    app: Platform, here: Region, settings: Settings
) -> None:
    """A number taken under the old key stays unseen until its transaction ends: the old key waits for it."""
    sealed, go_on = threading.Event(), threading.Event()

    def holds(_session: object, _ticket: Ticket) -> None:
        sealed.set()
        assert go_on.wait(20)

    def straggler() -> None:
        with at(app, here):
            take_ticket("ktp-el-baru", "S7", number(7), "key-straggler-000007", "web", then=holds)

    def turn() -> None:
        done.append(rotate(settings, here, lambda _line: None).done)

    done: list[bool] = []
    threads = [threading.Thread(target=job) for job in (straggler, turn)]
    threads[0].start()
    assert sealed.wait(20)
    threads[1].start()
    time.sleep(2)
    assert live(settings, here) == {1, 2}, "the old key is retired while somebody may still write with it"
    go_on.set()
    for thread in threads:
        thread.join()
    assert done == [True] and live(settings, here) == {2}
    app.extensions[EXTENSION].forget()
    with read() as session:
        query = select(Ticket.idempotency_key).where(same(Ticket.phone_index, number(7)))
        assert session.scalars(query).all() == ["key-straggler-000007"]


def test_a_row_that_somebody_holds_is_left_and_the_old_key_stays(
    here: Region, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "MOST_PASSES", 3)
    monkeypatch.setattr(rotation, "SECONDS_PATIENT", 0.3)
    held, other = take(1), take(2)
    with sql(settings) as connection, connection.transaction():
        connection.execute(f"SELECT 1 FROM {here.schema}.ticket WHERE id = %s FOR UPDATE", (held.id,))
        done = rotate(settings, here, lambda _line: None)
        # The other ticket, and the app of the region's admin.
        assert (done.rows, done.left, done.earlier) == (2, 1, 1)
    assert live(settings, here) == {1, 2}
    assert rotate(settings, here, lambda _line: None).left == 0
    assert live(settings, here) == {2}
    assert other.id != held.id


def test_one_value_that_does_not_open_stops_no_other_and_keeps_the_old_key(
    here: Region, settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sweep, "MOST_IDLE_PASSES", 2)
    for n in range(10):
        take(n)
    broken = take(50)
    rows(
        settings,
        f"UPDATE {here.schema}.ticket SET phone_sealed = phone_sealed || '\\x00' WHERE id = %s RETURNING 1",
        broken.id,
    )
    done = rotate(settings, here, lambda _line: None)
    # With the app of the region's admin.
    assert (done.rows, done.left) == (11, 1)
    assert live(settings, here) == {1, 2}
    said = capfd.readouterr()
    assert "does not open" in said.err + said.out and str(broken.id) in said.err + said.out
    assert number(50)[3:] not in said.err + said.out


def test_what_an_old_backup_holds_still_opens(here: Region, settings: Settings, app: Platform) -> None:
    ticket = take(1)
    query = f"SELECT phone_sealed FROM {here.schema}.ticket"
    old = rows(settings, query)[0][0]
    rotate(settings, here, lambda _line: None)
    assert rows(settings, query)[0][0] != old
    rows(settings, f"UPDATE {here.schema}.ticket SET phone_sealed = %s RETURNING 1", old)
    with read() as session:
        assert session.scalar(select(Ticket.phone).where(Ticket.id == ticket.id)) == number(1)


def test_numbers_from_before_are_sealed_by_backfill_and_again_changes_nothing(
    here: Region, banyuwangi: Region, settings: Settings
) -> None:
    for n in range(20):
        take(n)
    rows(
        settings,
        f"UPDATE {here.schema}.ticket SET phone = '+6281299990' || lpad(id::text, 3, '0'),"
        " phone_sealed = NULL, phone_index = NULL RETURNING 1",
    )
    before = {
        row[0]: row[1] for row in rows(settings, f"SELECT idempotency_key, phone FROM {here.schema}.ticket")
    }
    with using(keyring_of(settings)):
        assert backfill(settings, here).rows == 20
        assert backfill(settings, here).rows == 0
        assert backfill(settings, banyuwangi).rows == 0
        assert backfill(settings, None).rows == 0
    assert numbers() == before
    assert (
        rows(settings, f"SELECT 1 FROM {here.schema}.ticket WHERE phone IS NOT NULL OR phone_index IS NULL")
        == []
    )


def test_a_new_master_key_wraps_anew_and_the_old_one_may_go(
    app: Platform, here: Region, settings: Settings
) -> None:
    take(1)
    old = (settings.data_dir / "master-key").read_text().strip()
    sealed = rows(settings, f"SELECT phone_sealed FROM {here.schema}.ticket")
    new = new_key()
    both = dataclasses.replace(settings, master_key=f"{new} {old}")
    count = len(rows(settings, "SELECT 1 FROM platform.region_key"))
    assert rewrap(both) == count
    assert rewrap(both) == 0
    alone = keyring_of(dataclasses.replace(settings, master_key=new))
    assert (
        alone.writing(here.id, Purpose.DATA).secret == keyring_of(both).writing(here.id, Purpose.DATA).secret
    )
    with pytest.raises(MasterKeyError):
        keyring_of(settings).writing(here.id, Purpose.DATA)
    assert rows(settings, f"SELECT phone_sealed FROM {here.schema}.ticket") == sealed
    with using(alone):
        assert numbers() == {"key-0000000000000001": number(1)}
    assert app.extensions[EXTENSION] is not None


def test_rotation_is_told_in_the_centres_log(here: Region, settings: Settings) -> None:
    rotate(settings, here, lambda _line: None)
    acts = rows(
        settings,
        "SELECT action, subject, data FROM platform.audit_log WHERE action LIKE 'secrets.%' ORDER BY id",
    )
    assert acts == [
        ("secrets.rotate", f"region:{here.id}", {"version": 2}),
        ("secrets.retire", f"region:{here.id}", {"version": 2}),
    ]
