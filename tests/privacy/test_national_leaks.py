"""A leak of the nation's own tables: accounts, the centre's people, telephones without an account; and nobody twice."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from mpp.accounts.models import CentralStaff
from mpp.audit import CentralAuditEntry
from mpp.citizens.family_models import FamilyMember, Household
from mpp.citizens.models import Citizen, CitizenMessage, CitizenSession
from mpp.citizens.powers_models import ActingUse, PowerOfAttorney
from mpp.database.registry import platform_tables
from mpp.database.session import central_read, central_write
from mpp.jobs import run
from mpp.outbox import CentralOutboxEntry
from mpp.privacy.dossier import CENTRE_ZONE
from mpp.privacy.kinds import all_kinds
from mpp.privacy.models import NationalLeak, NationalLeakNotice
from mpp.privacy.national_leaks import NATION
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.central import CENTRE
from tests.support.citizens import Walker, make_citizen
from tests.support.leaks import WORDS, call, window

SITI, BUDI, ASING = "0812-9999-0101", "0812-9999-0102", "0812-9999-0103"
LONG_AGO = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=9)
# They hold nothing by which anybody could be told: counters under a hash, and jobs that name rows of other tables.
TOLD_NOWHERE = {"platform.citizen_try", "platform.central_sign_in_try", "platform.outbox"}


@pytest.fixture
def people(app: Platform, bukittinggi: Region) -> dict[str, int]:
    """Siti gave Budi a power that he used, and wrote down a child and, unanswered, a telephone without an account."""
    siti, budi = make_citizen(app, "Uji Siti", SITI), make_citizen(app, "Uji Budi", BUDI)
    now = dt.datetime.now(tz=dt.UTC)
    with app.app_context(), central_write() as session:
        session.execute(delete(Citizen).where(Citizen.demo))
        power = PowerOfAttorney(
            giver_id=siti, holder_id=budi, holder_name="Budi", scope=[], starts_on=now.date(), ends_on=now.date(),
            reason="Sakit", offered_until=now, accepted_at=now,
        )  # fmt: skip
        session.add(power)
        session.flush()
        session.add_all(
            [
                ActingUse(
                    reference="uji", power_id=power.id, actor_id=budi, region_id=bukittinggi.id, act="ticket",
                    service="ktp-el-baru", label="A-001", at=LONG_AGO,
                ),
                FamilyMember(account_id=siti, name="Uji Anak", relation="anak", stated_at=now),
                FamilyMember(
                    account_id=siti, name="Uji Asing", relation="famili", stated_at=now, phone=ASING,
                    invited_until=now,
                ),
            ]
        )  # fmt: skip
        centre = session.scalars(select(CentralStaff.id)).one()
    return {"siti": siti, "budi": budi, "centre": centre}


def prepared(app: Platform, monkeypatch: pytest.MonkeyPatch, out: Path, *words: str) -> tuple[str, set[str]]:
    """What the screen says, and the names or telephones in the list of addresses."""
    common = ("prepare", "--region", "pusat", *window(CENTRE_ZONE), *WORDS, "--out", str(out))
    done = call(app, monkeypatch, *common, *words)
    assert done.exit_code == 0, done.output
    assert "Uji" not in done.output and "9999" not in done.output
    rows = [json.loads(line) for line in (out / "alamat.jsonl").read_text().splitlines()]
    return done.output, {row["name"] or row["phone"] for row in rows}


def test_leaked_nik_and_family_cards_concern_who_bears_or_wrote_them(
    app: Platform, people: dict[str, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own, child, card = "9900015507900001", "9900015507180002", "9900011234567890"
    with app.app_context(), central_write() as session:
        session.get_one(Citizen, people["budi"]).nik = own
        session.scalars(select(FamilyMember).where(FamilyMember.relation == "anak")).one().nik = child
        session.add(Household(account_id=people["budi"], card=card, stated_at=func.now()))
    numbers = tmp_path / "nik"
    spaced = f"{own[:6]} {own[6:]}"
    for typed, names in ((spaced, {"Uji Budi"}), (child, {"Uji Siti"}), (card, {"Uji Budi"}), ("99", set())):
        numbers.write_text(f"{typed}\n")
        said, found = prepared(app, monkeypatch, tmp_path / typed, "--numbers", str(numbers))
        assert found == names and f"{len(names)} orang terkena" in said


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("citizen", {"Uji Siti", "Uji Budi"}),
        # Who is represented is concerned as well as who acts.
        ("acting_use", {"Uji Siti", "Uji Budi"}),
        ("family_member", {"Uji Siti", ASING}),
        ("power_of_attorney", {"Uji Siti", "Uji Budi"}),
        ("citizen_session", {"Uji Siti"}),
        ("citizen_message", {"Uji Budi", ASING}),
        ("central_staff", {"Super Admin"}),
        ("audit_log", {"Uji Budi", "Super Admin"}),
    ],
)
def test_a_leaked_table_concerns_each_person_once(
    app: Platform, people: dict[str, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, table: str,
    names: set[str],
) -> None:  # fmt: skip
    Walker(app, people["siti"]).sign_in()
    with app.app_context(), central_write() as session:
        session.execute(update(CentralStaff).values(name="Super Admin"))
        session.add_all(CitizenMessage(phone=phone, kind="closed") for phone in (BUDI, ASING, ASING))
        session.add_all(
            CentralAuditEntry(
                at=func.now(),
                actor_kind=kind,
                actor_id=people[who],
                actor_name="",
                action="x.y",
                subject="-",
                data={},
            )
            for kind, who in (("central", "centre"), ("citizen", "budi"), ("citizen", "budi"))
        )
    said, told = prepared(app, monkeypatch, tmp_path, "--table", table)
    assert told == names, said
    assert f"{len(names)} orang terkena" in said and "sisa 72 jam" in said


def test_a_span_of_time_concerns_whom_something_was_written_of_or_who_used_it(
    app: Platform, people: dict[str, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Walker(app, people["siti"]).sign_in()
    with app.app_context(), central_write() as session:
        for kind, key in (
            (Citizen, "created_at"),
            (PowerOfAttorney, "created_at"),
            (FamilyMember, "created_at"),
        ):
            session.execute(update(kind).values({key: LONG_AGO}))
        for table in platform_tables():
            if table.name in {"central_session", "central_totp", "central_staff"}:
                session.execute(update(table).values(created_at=LONG_AGO))
            if "seen_at" in table.c and table.name != "citizen_session":
                session.execute(update(table).values(seen_at=LONG_AGO))
        # A browser of long ago that was used just now.
        session.execute(update(CitizenSession).values(created_at=LONG_AGO))
    _said, told = prepared(app, monkeypatch, tmp_path)
    assert told == {"Uji Siti"}


def test_named_telephones_concern_just_those(
    app: Platform, people: dict[str, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    phones = tmp_path / "hp"
    phones.write_text("+62 812 9999 0102\n0812 9999 0103\n0812-9999-7777\n")
    said, told = prepared(app, monkeypatch, tmp_path / "hasil", "--phones", str(phones))
    assert told == {"Uji Budi", ASING} and "nomor HP tanpa akun 1" in said
    wrong = call(
        app, monkeypatch, "prepare", "--region", "pusat", *window(CENTRE_ZONE), *WORDS, "--table", "service"
    )
    assert (
        wrong.exit_code == 1
        and "bukan tabel tentang orang" in wrong.output
        and "family_member" in wrong.output
    )
    codes = ("--tickets", str(phones))
    wrong = call(app, monkeypatch, "prepare", "--region", "pusat", *window(CENTRE_ZONE), *WORDS, *codes)
    assert wrong.exit_code == 1 and "ada di daerah" in wrong.output


def test_released_it_is_read_on_the_page_and_sent_to_every_telephone(
    app: Platform, people: dict[str, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, browse: object
) -> None:
    monkeypatch.setattr("mpp.privacy.leaks.AT_ONCE", 2)
    siti = Walker(app, people["siti"])
    siti.sign_in()
    centre = siti.at("localhost")
    common = ("--region", "pusat")
    prepared(app, monkeypatch, tmp_path)
    assert "WIB" in (tmp_path / "surat-lembaga.txt").read_text()
    assert "draf     0/4" in call(app, monkeypatch, "status", *common).output
    assert "Salinan cadangan" not in centre.get("/akun/data").words()
    assert call(app, monkeypatch, "release", *common, "--leak", "1").exit_code == 1
    assert "4 pemberitahuan" in call(app, monkeypatch, "release", *common, "--leak", "1", "--yes").output
    assert call(app, monkeypatch, "release", *common, "--leak", "1", "--yes").exit_code == 1
    work(app)
    assert "dilepas  4/4" in call(app, monkeypatch, "status", *common).output
    assert "Salinan cadangan terbaca dari luar." in centre.get("/akun/data").words()
    notices = json.loads(centre.post("/akun/data/unduh/json").text)["leak_notices"]
    assert len(notices) == 1 and "Uji" not in notices[0]["text"]
    console = browse(as_=CENTRE)  # type: ignore[operator]  # the fixture is a function
    assert "Salinan cadangan terbaca dari luar." in console.get("/pusat/akun").words()
    with app.app_context(), central_read() as session:
        sent = session.scalars(select(CitizenMessage).where(CitizenMessage.kind == "leak")).all()
        assert {message.phone for message in sent} == {
            f"+62{p[1:].replace('-', '')}" for p in (SITI, BUDI, ASING)
        }
        assert all(message.sent_at for message in sent)
        # The telephone without an account is forgotten once it has been told.
        assert session.scalar(select(func.count()).where(NationalLeakNotice.phone.is_not(None))) == 0
        told = session.scalars(select(CentralAuditEntry).where(CentralAuditEntry.action.like("leak.%"))).all()
        assert [entry.action for entry in told] == ["leak.prepare", "leak.release"]


def test_who_lost_the_number_is_told_on_the_page_and_not_at_somebody_elses_telephone(
    app: Platform, people: dict[str, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with app.app_context(), central_write() as session:
        siti = session.get_one(Citizen, people["siti"])
        siti.phone, siti.left_phone = None, siti.phone
    make_citizen(app, "Uji Pemegang Baru", SITI)
    _said, told = prepared(app, monkeypatch, tmp_path, "--table", "power_of_attorney")
    assert told == {"Uji Siti", "Uji Budi"}
    assert "0101" not in (tmp_path / "alamat.jsonl").read_text()
    assert "2 orang (1 tanpa nomor HP" in (tmp_path / "surat-lembaga.txt").read_text()
    assert call(app, monkeypatch, "release", "--region", "pusat", "--leak", "1", "--yes").exit_code == 0
    work(app)
    with app.app_context(), central_read() as session:
        sent = session.scalars(select(CitizenMessage.phone).where(CitizenMessage.kind == "leak")).all()
        assert sent == [f"+62{BUDI[1:].replace('-', '')}"]
        assert session.scalar(select(func.count()).where(NationalLeakNotice.told_at.is_not(None))) == 2


def work(app: Platform) -> None:
    """Do every open job about the leak and its messages."""
    run.configure(lambda: app)
    entry = CentralOutboxEntry
    query = select(entry.id).where(entry.done_at.is_(None), entry.kind.in_(["leak.tell", "citizens.message"]))
    while True:
        with app.app_context(), central_read() as session:
            due = session.scalars(query).all()
        if not due:
            return
        for outbox_id in due:
            assert run.run_outbox(None, outbox_id) == run.Fate.DONE


def test_the_drill_does_it_all_and_leaves_nothing(
    app: Platform, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = call(app, monkeypatch, "drill", "--region", "pusat", "--people", "250")
    assert done.exit_code == 0, done.output
    assert "250 orang terkena ditemukan" in done.output and "surat-lembaga.txt" in done.output
    with app.app_context(), central_read() as session:
        assert session.scalar(select(func.count()).select_from(Citizen)) == 2
        assert session.scalar(select(func.count()).select_from(NationalLeak)) == 0
        actions = select(func.count()).where(CentralAuditEntry.action == "leak.prepare")
        assert session.scalar(actions) == 0


def test_every_table_about_people_can_be_named() -> None:
    listed = {name for kind in all_kinds() for name in kind.columns if name.startswith("platform.")}
    there = {f"platform.{name}" for name in NATION.tables()}
    assert listed - there == TOLD_NOWHERE
