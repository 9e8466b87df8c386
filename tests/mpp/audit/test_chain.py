"""The chain of the audit log: one order, no gap, and whoever changes it afterwards is found out."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mpp.audit import AuditEntry, AuditHead, record
from mpp.audit.anchors import anchor, seal_old
from mpp.audit.commands import audit
from mpp.audit.log import ChainBrokenError
from mpp.audit.verify import verify
from mpp.database.session import central_write, read, write
from mpp.jobs.handlers import Job
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.fresh import rows, sql
from tests.support.hall import at

Run = Callable[..., Result]


@pytest.fixture
def here(app: Platform, bukittinggi: Region) -> Iterator[Region]:
    with at(app, bukittinggi):
        yield bukittinggi


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    values = {
        "DATABASE_URL": settings.database_url, "MPP_ROLE_PREFIX": settings.role_prefix,
        "MPP_SECRET_KEY": settings.secret_key, "MPP_DATA_DIR": str(settings.data_dir),
    }  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return lambda *words: CliRunner().invoke(audit, list(words))


def act(count: int = 1, **data: Any) -> None:
    for n in range(count):
        with write() as session:
            record(session, action="test.act", subject=f"test:{n}", data={"n": n, **data})


def tamper(settings: Settings, statement: str) -> None:
    with sql(settings) as connection:
        connection.execute(statement)


def places(settings: Settings, region: Region) -> list[int]:
    query = f"SELECT seq FROM {region.schema}.audit_log WHERE seq IS NOT NULL ORDER BY id"
    return [row[0] for row in rows(settings, query)]


def test_entries_follow_each_other_without_a_gap(here: Region, settings: Settings) -> None:
    before = places(settings, here)
    act(5)
    assert places(settings, here) == [*before, *range(len(before) + 1, len(before) + 6)]
    with read() as session:
        found = verify(session)
        assert (found.fault, found.entries) == (None, len(before) + 5)


def test_several_acts_of_one_transaction_stand_in_their_order(here: Region) -> None:
    with write() as session:
        for n in range(4):
            record(session, action="test.many", subject=f"test:{n}")
    with read() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "test.many").order_by(AuditEntry.seq)
        ).all()
        assert [entry.subject for entry in entries] == [f"test:{n}" for n in range(4)]
        assert all(b.prev_hash == a.hash for a, b in itertools.pairwise(entries))
        assert verify(session).fault is None


def fail_after(session: Session, subject: str) -> None:
    record(session, action="test.undone", subject=subject)
    raise ZeroDivisionError


def test_what_is_undone_was_never_recorded(here: Region, settings: Settings) -> None:
    before = places(settings, here)
    with pytest.raises(ZeroDivisionError), write() as session:
        fail_after(session, "test:1")
    with write() as session:
        record(session, action="test.kept", subject="test:1")
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            fail_after(session, "test:2")
        with session.begin_nested():
            record(session, action="test.kept", subject="test:3")
    with read() as session:
        kept = session.scalars(
            select(AuditEntry.subject).where(AuditEntry.action.in_(["test.kept", "test.undone"]))
        )
        assert kept.all() == ["test:1", "test:3"]
        assert verify(session).fault is None
    assert len(places(settings, here)) == len(before) + 2


def test_many_writers_at_once_make_one_chain(app: Platform, here: Region, settings: Settings) -> None:
    before, failed = len(places(settings, here)), []

    def work(who: int) -> None:
        with at(app, here):
            for n in range(15):
                try:
                    with write() as session:
                        record(session, action="test.race", subject=f"test:{who}", data={"n": n})
                except Exception as error:  # any failure is a finding
                    failed.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(places(settings, here)) == list(range(1, before + 91))
    with read() as session:
        assert verify(session).fault is None


@pytest.mark.parametrize(
    "data",
    [
        {"a": 1.0, "b": 2.5, "c": 1e16, "d": 1e-7, "e": -3, "f": 10**20},
        {"ä": "→ “teks” \u2028", "A": [1, {"z": None, "a": True}], "": {}},
        {"nested": {"b": [0.1, 0.30000000000000004], "a": ["x", 2.0]}},
    ],
)
def test_content_comes_back_from_the_database_with_the_same_hash(here: Region, data: dict[str, Any]) -> None:
    act(1, **data)
    with read() as session:
        assert verify(session).fault is None


TAMPERINGS: dict[str, tuple[str, str]] = {
    "edited content": ("UPDATE {s}.audit_log SET actor_name = 'x' WHERE id = {third}", "berubah"),
    "edited data": ("UPDATE {s}.audit_log SET data = '{{\"n\": 7}}' WHERE id = {third}", "berubah"),
    "edited time": ("UPDATE {s}.audit_log SET at = at - interval '1 microsecond' WHERE id = {third}", "berubah"),
    "deleted from the middle": ("DELETE FROM {s}.audit_log WHERE id = {third}", "hilang"),
    "two changed places": (
        "UPDATE {s}.audit_log SET subject = CASE id WHEN {third} THEN 'a' ELSE 'b' END WHERE id >= {third}",
        "berubah",
    ),
    "cut off at the end": ("DELETE FROM {s}.audit_log WHERE id >= {third}", "ujung rantai terpotong"),
    "written beside the chain": (
        ("INSERT INTO {s}.audit_log (actor_kind, actor_name, action, subject, data)"
         " VALUES ('staff', 'x', 'x.y', 'z', '{{}}')"), "ditulis di luar rantai",
    ),
    "added behind the end": (
        ("INSERT INTO {s}.audit_log (actor_kind, actor_name, action, subject, data, seq, prev_hash, hash)"
         " VALUES ('staff', 'x', 'x.y', 'z', '{{}}', 999, 'a', 'b')"), "ditulis di luar rantai",
    ),
    "a head without its row": ("DELETE FROM {s}.audit_head", "kepala rantai hilang"),
    "everything gone": ("DELETE FROM {s}.audit_log", "ujung rantai terpotong"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERINGS)
def test_a_superusers_hand_is_seen_and_the_first_broken_row_named(
    here: Region, settings: Settings, run: Run, what: str
) -> None:
    with write() as session:
        seal_old(session)
    act(5)
    with read() as session:
        ids = session.scalars(
            select(AuditEntry.id).where(AuditEntry.action == "test.act").order_by(AuditEntry.seq)
        ).all()
        session.rollback()
    statement, words = TAMPERINGS[what]
    tamper(settings, statement.format(s=here.schema, third=ids[2]))
    with read() as session:
        found = verify(session)
    assert found.fault is not None and words in found.fault
    if what in {"edited content", "edited data", "edited time", "two changed places"}:
        assert found.row == ids[2]
    if what == "deleted from the middle":
        assert found.row == ids[3]
    told = run("verify", "--region", here.slug)
    assert told.exit_code == 1
    assert "TIDAK UTUH" in told.output and found.fault in told.output


def test_a_chain_reckoned_anew_from_end_to_end_is_caught_by_its_anchors(
    here: Region, settings: Settings, run: Run, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    act(5)
    with write() as session:
        anchor(Job(session, {}, settings, here))
        head = session.scalars(select(AuditHead)).one()
        lines = {
            "event": "audit anchor",
            "region": here.slug,
            "seq": head.seq,
            "hash": bytes(head.hash).hex(),
        }
    file = tmp_path / "log.json"
    file.write_text("mpp: a line of another kind\n" + json.dumps(lines) + "\n")
    assert run("verify", "--region", here.slug, "--anchors", str(file)).exit_code == 0
    cut = (
        f"DELETE FROM {here.schema}.audit_log WHERE seq > 2; UPDATE {here.schema}.audit_head SET"
        f" (seq, prev_hash, hash) = (SELECT seq, prev_hash, hash FROM {here.schema}.audit_log WHERE seq = 2)"
    )
    tamper(settings, cut)
    by_platform = run("verify", "--region", here.slug)
    assert by_platform.exit_code == 1 and "pusat mencatat" in by_platform.output
    tamper(settings, "DELETE FROM platform.audit_anchor")
    assert run("verify", "--region", here.slug).exit_code == 0
    by_file = run("verify", "--region", here.slug, "--anchors", str(file))
    assert by_file.exit_code == 1 and "ujung rantai terpotong" in by_file.output


def test_entries_from_before_the_chain_are_sealed_once_and_guarded(
    here: Region, settings: Settings, run: Run
) -> None:
    tamper(
        settings,
        f"INSERT INTO {here.schema}.audit_log (actor_kind, actor_name, action, subject, data)"
        " SELECT 'staff', 'lama', 'old.act', 'test:' || n, '{\"n\": 1.50}' FROM generate_series(1, 9) n;"
        f" UPDATE {here.schema}.audit_head SET old_last = (SELECT max(id) FROM {here.schema}.audit_log)",
    )
    with read() as session:
        assert verify(session).unsealed == 9
        session.rollback()
    with write() as session:
        assert seal_old(session) == 9
    with write() as session:
        assert seal_old(session) == 0
    with read() as session:
        found = verify(session)
        assert (found.fault, found.old, found.unsealed) == (None, 9, 0)
        session.rollback()
    told = run("verify", "--region", here.slug)
    assert told.exit_code == 0 and "9 entri lama tersegel" in told.output
    tamper(
        settings,
        f"UPDATE {here.schema}.audit_log SET actor_name = 'lain' WHERE subject = 'test:4' AND seq IS NULL",
    )
    assert "sebelum rantai" in run("verify", "--region", here.slug).output
    tamper(
        settings,
        f"UPDATE {here.schema}.audit_log SET actor_name = 'lama' WHERE subject = 'test:4' AND seq IS NULL",
    )
    tamper(
        settings,
        f"INSERT INTO {here.schema}.audit_log (actor_kind, actor_name, action, subject, data)"
        " VALUES ('staff', 'x', 'x.y', 'z', '{}')",
    )
    stray = run("verify", "--region", here.slug)
    assert stray.exit_code == 1 and "ditulis di luar rantai" in stray.output


def test_the_centre_has_a_chain_of_its_own(app: Platform, settings: Settings, run: Run) -> None:
    with app.app_context(), central_write() as session:
        record(session, action="test.centre", subject="test:1")
    assert run("verify", "--region", "pusat").exit_code == 0
    whole = run("verify")
    assert whole.exit_code == 0
    assert [line.partition(":")[0] for line in whole.output.splitlines()] == [
        "bukittinggi",
        "banyuwangi",
        "pusat",
    ]
    tamper(settings, "UPDATE platform.audit_log SET subject = 'test:2' WHERE action = 'test.centre'")
    broken = run("verify")
    assert broken.exit_code == 1 and "pusat: TIDAK UTUH" in broken.output
    assert run("verify", "--region", "tidak-ada").exit_code == 1


def test_without_an_end_of_the_chain_nothing_is_recorded_and_nothing_happens(
    here: Region, settings: Settings
) -> None:
    tamper(settings, f"DELETE FROM {here.schema}.audit_head")
    with pytest.raises(ChainBrokenError):
        act()
    found = rows(settings, f"SELECT 1 FROM {here.schema}.audit_log WHERE action = 'test.act'")
    assert found == []


def test_a_region_can_only_add_and_reaches_no_anchor(here: Region) -> None:
    for statement in (
        "UPDATE audit_head SET old_last = 9",
        "UPDATE audit_log SET hash = 'x'", "DELETE FROM audit_log", "DELETE FROM audit_head",
        "INSERT INTO audit_head (id, seq, prev_hash, hash) VALUES (2, 0, 'a', 'b')",
        "SELECT * FROM platform.audit_anchor",
        "SELECT * FROM platform.region_key",
    ):  # fmt: skip
        with pytest.raises(DBAPIError), write() as session:
            session.connection().exec_driver_sql(statement)
