"""A leak: the right people, drafts that go out only when let go, the clock, and a drill that leaves nothing."""

from __future__ import annotations

import datetime as dt
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mpp.audit import AuditEntry
from mpp.database.session import read, write
from mpp.jobs import run
from mpp.outbox import OutboxEntry
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.people.models import Profile
from tenants.privacy.models import Leak, LeakNotice
from tenants.privacy.own import mine
from tenants.privacy.owner import Owner
from tenants.privacy.requests import ask
from tenants.queueing.models import Ticket
from tenants.queueing.policies import new_key
from tenants.queueing.service import take_ticket
from tests.support.client import Browser
from tests.support.files import pdf
from tests.support.hall import at, open_always
from tests.support.leaks import WORDS, call, window

SERVICE = "ktp-el-baru"


@pytest.fixture
def taken(app: Platform, bukittinggi: Region, banyuwangi: Region) -> list[Ticket]:
    """Two numbers of one telephone, one of another, one without; and somebody at the neighbour's."""
    with at(app, banyuwangi):
        open_always()
        take_ticket(SERVICE, "Uji Tetangga", "0812-9999-0001", new_key(), "web")
    with at(app, bukittinggi):
        open_always()
        people = (
            ("Uji Satu", "0812-9999-0001"),
            ("Uji Satu", "0812-9999-0001"),
            ("Uji Dua", "0812-9999-0002"),
        )
        return [
            take_ticket(SERVICE, name, phone, new_key(), "web")
            for name, phone in (*people, ("Uji Tiga", None))
        ]


def test_a_leaked_table_concerns_each_person_once_and_nothing_is_sent(
    app: Platform, bukittinggi: Region, taken: list[Ticket], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = tmp_path / "hasil"
    done = call(
        app, monkeypatch, "prepare", "--region", "bukittinggi", *window(bukittinggi.zone), *WORDS, "--table", "ticket",
        "--out", str(out),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "4 baris, 3 orang terkena" in done.output and "tanpa nomor HP 1" in done.output
    assert "sisa 72 jam" in done.output and "Uji" not in done.output and "9999" not in done.output
    addresses = [json.loads(line) for line in (out / "alamat.jsonl").read_text().splitlines()]
    assert sorted((a["name"], a["phone"]) for a in addresses) == [
        ("Uji Dua", "0812-9999-0002"), ("Uji Satu", "0812-9999-0001"), ("Uji Tiga", ""),
    ]  # fmt: skip
    assert [stat.S_IMODE(path.stat().st_mode) for path in sorted(out.iterdir())] == [0o600] * 3
    letter = (out / "surat-lembaga.txt").read_text()
    for part in (
        "a. Data pribadi yang terungkap",
        "b. Kapan dan bagaimana",
        "c. Upaya penanganan",
        "3 orang",
    ):
        assert part in letter
    assert "WIB" in letter and "Uji" not in letter
    with at(app, bukittinggi), read() as session:
        draft = session.scalars(select(OutboxEntry).where(OutboxEntry.kind == "leak.tell")).one()
        assert draft.not_before.year == 9999 and draft.payload == {"leak": 1}
        assert session.scalar(select(func.count()).where(LeakNotice.told_at.is_(None))) == 3
        assert mine(session, Owner(ticket_id=taken[3].id)).dossier.notices == ()


def test_drafts_go_out_when_let_go_and_are_read_by_their_owners(
    app: Platform, bukittinggi: Region, taken: list[Ticket], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("mpp.privacy.leaks.AT_ONCE", 2)
    common = ("--region", "bukittinggi")
    call(app, monkeypatch, "prepare", *common, *window(bukittinggi.zone), *WORDS, "--out", str(tmp_path))
    assert "draf" in call(app, monkeypatch, "status", *common).output
    assert call(app, monkeypatch, "release", *common, "--leak", "1").exit_code == 1
    assert (
        "3 pemberitahuan dilepas" in call(app, monkeypatch, "release", *common, "--leak", "1", "--yes").output
    )
    assert call(app, monkeypatch, "release", *common, "--leak", "1", "--yes").exit_code == 1
    run.configure(lambda: app)
    for _batch in range(2):
        with at(app, bukittinggi), read() as session:
            query = select(OutboxEntry.id).where(
                OutboxEntry.kind == "leak.tell", OutboxEntry.done_at.is_(None)
            )
            due = session.scalars(query).one()
        assert run.run_outbox(bukittinggi.id, due) == run.Fate.DONE
    assert "3/3 diberi tahu" in call(app, monkeypatch, "status", *common).output
    with at(app, bukittinggi), read() as session:
        (notice,) = mine(session, Owner(ticket_id=taken[3].id)).dossier.notices
        assert "Salinan cadangan terbaca dari luar." in notice[1] and "Uji" not in notice[1]
        told = session.scalars(select(AuditEntry).where(AuditEntry.action.like("leak.%"))).all()
        assert [entry.action for entry in told] == ["leak.prepare", "leak.release"]
        assert "Uji" not in str([entry.data for entry in told])


def test_named_telephones_and_tickets_concern_just_those(
    app: Platform, bukittinggi: Region, taken: list[Ticket], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    common = ("prepare", "--region", "bukittinggi", *window(bukittinggi.zone), *WORDS)
    phones, codes = tmp_path / "hp", tmp_path / "kode"
    phones.write_text("+62 812 9999 0001\n\n0812-9999-7777\n")
    codes.write_text(f"{taken[2].code.lower()}\nTIDAKADASAMA\n")
    by_phone = call(app, monkeypatch, *common, "--phones", str(phones), "--out", str(tmp_path / "1"))
    assert "2 baris, 1 orang terkena" in by_phone.output, by_phone.output
    by_code = call(app, monkeypatch, *common, "--tickets", str(codes), "--out", str(tmp_path / "2"))
    assert "1 baris, 1 orang terkena" in by_code.output, by_code.output
    wrong = call(app, monkeypatch, *common, "--table", "service")
    assert wrong.exit_code == 1 and "bukan tabel tentang orang" in wrong.output
    early = call(
        app, monkeypatch, "prepare", "--region", "bukittinggi", *WORDS, "--out", str(tmp_path / "3"),
        "--from", "2020-01-01T08:00", "--until", "2020-01-01T10:00", "--known-at", "2020-01-02T10:00",
    )  # fmt: skip
    assert "0 orang terkena" in early.output and "LEWAT" in early.output


@pytest.fixture
def helped(app: Platform, bukittinggi: Region, taken: list[Ticket], browse: Callable[..., Browser]) -> Ticket:
    """Somebody helped to a number without a telephone of its own, one known by a number, one who took none."""
    officer = browse("bukittinggi", as_="petugas")
    for name, phone, takes in (
        ("Uji Dibantu", "0812-9999-0007", True), ("Uji Dua", "0812-9999-0002", True),
        ("Uji Pergi", "0812-9999-0008", False),
    ):  # fmt: skip
        officer.submit("/bantu", "/bantu", nama=name, hp=phone, alasan="elderly", setuju="y")
        if takes:
            officer.submit(f"/antrean/ambil?layanan={SERVICE}", "/antrean/ambil")
        else:
            officer.post("/bantu/selesai")
    with at(app, bukittinggi), read() as session:
        return session.scalars(select(Ticket).where(Ticket.holder == "Uji Dibantu")).one()


def test_who_was_helped_is_concerned_by_the_table_and_by_telephone(
    app: Platform, bukittinggi: Region, helped: Ticket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    common = ("prepare", "--region", "bukittinggi", *window(bukittinggi.zone), *WORDS)
    done = call(app, monkeypatch, *common, "--table", "helping", "--out", str(tmp_path / "1"))
    assert "3 orang terkena" in done.output and "hanya nomor HP 1" in done.output, done.output
    lines = (tmp_path / "1" / "alamat.jsonl").read_text().splitlines()
    assert sorted((a["name"], a["phone"]) for a in map(json.loads, lines)) == [
        ("", "0812-9999-0008"), ("Uji Dibantu", "0812-9999-0007"), ("Uji Dua", "0812-9999-0002"),
    ]  # fmt: skip
    phones = tmp_path / "hp"
    phones.write_text("0812-9999-0007\n0812-9999-0008\n0812-9999-7777\n")
    named = call(app, monkeypatch, *common, "--phones", str(phones), "--out", str(tmp_path / "2"))
    assert "2 orang terkena" in named.output, named.output


def test_leaked_nik_concern_the_profiles_that_bear_them(
    app: Platform, bukittinggi: Region, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    person = {"consent_version": "1", "consented_at": dt.datetime.now(tz=dt.UTC), "subject": "uji"}
    with at(app, bukittinggi), write() as session:
        session.add(Profile(name="Uji Profil", nik="9900015507900001", **person))
    numbers = tmp_path / "nik"
    numbers.write_text("9900 0155 0790 0001\n9900015507900002\n")
    done = call(
        app, monkeypatch, "prepare", "--region", "bukittinggi", *window(bukittinggi.zone), *WORDS,
        "--numbers", str(numbers), "--out", str(tmp_path / "1"),
    )  # fmt: skip
    assert "1 orang terkena" in done.output and "dengan akun 1" in done.output, done.output


def test_a_leaked_file_concerns_who_sent_it(
    app: Platform, bukittinggi: Region, taken: list[Ticket], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with at(app, bukittinggi):
        ask(Owner(ticket_id=taken[2].id), "holder", "Uji Betul", taken[2].id, pdf())
    done = call(
        app, monkeypatch, "prepare", "--region", "bukittinggi", *window(bukittinggi.zone), *WORDS,
        "--table", "stored_file", "--out", str(tmp_path / "1"),
    )  # fmt: skip
    assert "1 baris, 1 orang terkena" in done.output, done.output
    assert "Uji Dua" in (tmp_path / "1" / "alamat.jsonl").read_text()


def test_the_drill_does_it_all_and_leaves_nothing(
    app: Platform, bukittinggi: Region, taken: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = call(app, monkeypatch, "drill", "--region", "bukittinggi", "--people", "25")
    assert done.exit_code == 0, done.output
    assert "25 orang terkena ditemukan" in done.output and "surat-lembaga.txt" in done.output
    with at(app, bukittinggi), read() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == len(taken)
        assert session.scalar(select(func.count()).select_from(Leak)) == 0
        assert session.scalar(select(func.count()).where(AuditEntry.action == "leak.prepare")) == 0
