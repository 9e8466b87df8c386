"""A citizen with an account: what a region and the centre hold, leaving one region, erasing it all, or not."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from mpp.audit import AuditEntry
from mpp.citizens.family_models import FamilyMember
from mpp.citizens.models import Citizen, CitizenWait
from mpp.citizens.realm import nation
from mpp.database.session import central_read, central_write, read, write
from mpp.identity.models import CitizenSubject, ForeignIdentity
from mpp.jobs import run
from mpp.outbox import CentralOutboxEntry, OutboxEntry, post
from mpp.privacy import places
from mpp.privacy.closing import OTHERS, OWN, columns
from mpp.privacy.kinds import REMOVED
from mpp.privacy.models import CitizenErasure
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.people.models import Profile
from tenants.privacy.erasure import LEFT, erase
from tenants.privacy.owner import Owner
from tenants.queueing.models import Ticket
from tenants.queueing.policies import new_key
from tenants.queueing.service import take_ticket
from tests.support.citizens import NAME, NIK, PHONE, Walker, make_citizen, sessions_of
from tests.support.client import Browser
from tests.support.hall import at, open_always

HOST = "bukittinggi.localhost"


@pytest.fixture
def siti(app: Platform, bukittinggi: Region, banyuwangi: Region) -> Walker:
    walker = Walker(app, make_citizen(app, nik=NIK))
    walker.sign_in()
    return walker


def ticket_of(app: Platform, region: Region) -> int:
    """A ticket of whoever has the only profile of a region."""
    with at(app, region):
        open_always()

        def own(session, ticket) -> None:  # type: ignore[no-untyped-def]
            ticket.profile_id = session.scalars(select(Profile.id)).one()

        return take_ticket("ktp-el-baru", NAME, None, new_key(), "web", then=own).id


def work(app: Platform, region: Region | None) -> None:
    """Do every open privacy job of a place."""
    run.configure(lambda: app)
    kind = OutboxEntry if region else CentralOutboxEntry
    query = select(kind.id).where(kind.done_at.is_(None), kind.kind.like("privacy.%"))
    if region:
        with at(app, region), read() as session:
            due = session.scalars(query).all()
    else:
        with app.app_context(), central_read() as session:
            due = session.scalars(query).all()
    for outbox_id in due:
        assert run.run_outbox(region.id if region else None, outbox_id) == run.Fate.DONE


def test_a_region_shows_its_own_and_withdrawing_ends_it_at_once(
    app: Platform, bukittinggi: Region, banyuwangi: Region, siti: Walker
) -> None:
    siti.enter("bukittinggi")
    siti.enter("banyuwangi")
    ticket_of(app, bukittinggi)
    here = siti.at(HOST)
    words = here.get("/warga/data").words()
    assert NAME in words and "A-001" in words and "0812-••••-••01" in words and PHONE not in words
    told = json.loads(here.post("/warga/data/unduh/json").text)
    profile = next(kind for kind in told["kinds"] if kind["kind"] == "profile")["records"][0]
    assert profile["phone"] == "0812-9999-0101" and "Banyuwangi" not in json.dumps(told)
    assert here.post("/warga/data/unduh/pdf").response.get_data().startswith(b"%PDF-")
    assert here.submit("/warga/data/perbaikan", hal="other", menjadi="Gelar saya salah ditulis").status == 303
    assert "Gelar saya salah" in here.get("/warga/data").words()

    assert here.post("/warga/data/tarik").location == "/privasi"
    assert here.get("/warga/data").status == 302
    with at(app, bukittinggi), read() as session:
        profile_ = session.scalars(select(Profile)).one()
        assert profile_.withdrawn_at is not None and profile_.name == NAME
    assert sessions_of(app, siti.citizen_id) == [None, banyuwangi.id]
    assert siti.at("banyuwangi.localhost").get("/warga/data").status == 200


def test_erasing_one_region_leaves_the_others(
    app: Platform, bukittinggi: Region, banyuwangi: Region, siti: Walker
) -> None:
    for slug in ("bukittinggi", "banyuwangi"):
        siti.enter(slug)
    number = ticket_of(app, bukittinggi)
    assert siti.at(HOST).post("/warga/data/hapus", {"paham": "ya"}).location == "/privasi"
    with at(app, bukittinggi), read() as session:
        gone = session.scalars(select(Profile)).one()
        assert (gone.subject, gone.name, gone.phone, gone.nik) == (None,) * 4 and gone.erased_at
        ticket = session.get_one(Ticket, number)
        assert (ticket.holder, ticket.profile_id) == (REMOVED, None)
    with at(app, banyuwangi), read() as session:
        assert session.scalars(select(Profile)).one().name == NAME
    # Who comes back is somebody new.
    siti.enter("bukittinggi")
    with at(app, bukittinggi), read() as session:
        assert [row.erased_at is None for row in session.scalars(select(Profile).order_by(Profile.id))] == [
            False, True,
        ]  # fmt: skip


def test_an_erasure_that_died_after_its_commit_is_finished_by_its_job(
    app: Platform, bukittinggi: Region, siti: Walker, monkeypatch: pytest.MonkeyPatch
) -> None:
    siti.enter("bukittinggi")

    def dies(*_where: object) -> None:
        raise KeyboardInterrupt

    with at(app, bukittinggi), read() as session:
        profile_id = session.scalars(select(Profile.id)).one()
    with monkeypatch.context() as killed, at(app, bukittinggi):
        killed.setattr(places, "sign_out", dies)
        with pytest.raises(KeyboardInterrupt):
            erase(Owner(profile_id=profile_id))
    assert bukittinggi.id in sessions_of(app, siti.citizen_id)
    work(app, bukittinggi)
    assert sessions_of(app, siti.citizen_id) == [None]
    with app.app_context(), central_read() as session:
        assert session.scalars(select(CitizenSubject)).all() == []
    # Who comes back meanwhile is somebody new, whom the job leaves alone.
    siti.enter("bukittinggi")
    with at(app, bukittinggi), write() as session:
        post(session, LEFT, profile=profile_id, subject="lama")
    work(app, bukittinggi)
    assert siti.at(HOST).get("/warga/data").status == 200


def test_the_whole_account_goes_after_seven_days_unless_called_off(
    app: Platform, bukittinggi: Region, siti: Walker
) -> None:
    siti.enter("bukittinggi")
    number = ticket_of(app, bukittinggi)
    centre = siti.at("localhost")
    words = centre.get("/akun/data").words()
    assert NAME in words and "MPP Kota Bukittinggi" in words and NIK not in words
    assert json.loads(centre.post("/akun/data/unduh/json").text)["kinds"][0]["records"][0]["nik"] == NIK
    assert centre.post("/akun/data/hapus").location == "/akun/data/hapus"
    page = centre.post("/akun/data/hapus", {"paham": "ya"})
    assert page.location == "/akun/data", page.location
    assert "Batalkan penghapusan" in centre.get("/akun/data").words()
    assert centre.post("/akun/data/hapus/batal").status == 303
    assert "Batalkan penghapusan" not in centre.get("/akun/data").words()

    centre.post("/akun/data/hapus", {"paham": "ya"})
    due(app, dt.timedelta(minutes=5))
    with app.app_context(), central_read() as session:
        assert session.get_one(Citizen, siti.citizen_id).name == NAME
    due(app, dt.timedelta(minutes=-1))
    with app.app_context(), central_read() as session:
        citizen = session.get_one(Citizen, siti.citizen_id)
        assert (citizen.active, citizen.name, citizen.phone, citizen.nik) == (False, None, None, None)
        assert session.scalars(select(CitizenSubject)).all() == []
        assert [wish.done for wish in session.scalars(select(CitizenErasure).order_by(CitizenErasure.id))] == [
            False, True,
        ]  # fmt: skip
    assert sessions_of(app, siti.citizen_id) == []
    assert centre.get("/akun/data").status == 302
    with at(app, bukittinggi), read() as session:
        posted = session.scalars(select(OutboxEntry).where(OutboxEntry.kind == "privacy.erase_subject")).all()
        assert [set(row.payload) for row in posted] == [{"subject"}]
    work(app, bukittinggi)
    with at(app, bukittinggi), read() as session:
        assert session.scalars(select(Profile)).one().name is None
        assert session.get_one(Ticket, number).holder == REMOVED


def due(app: Platform, ahead: dt.timedelta) -> None:
    """Let the days of the open wish end so far ahead, and let the clock's job look."""
    with app.app_context(), central_write() as session:
        session.execute(
            update(CitizenErasure)
            .where(CitizenErasure.ended_at.is_(None))
            .values(due_at=dt.datetime.now(tz=dt.UTC) + ahead)
        )
        post(session, "privacy.close_accounts")
    work(app, None)


def test_the_centre_shows_what_others_typed_of_me_what_waits_and_who_vouches(
    app: Platform, bukittinggi: Region, siti: Walker
) -> None:
    budi = make_citizen(app, "Budi Contoh", "081299990102")
    now = dt.datetime.now(tz=dt.UTC)
    other = "9900015507900002"
    listed = {"account_id": budi, "relation": "famili", "stated_at": now}
    with app.app_context(), nation(), central_write() as session:
        agreed = {"invited_until": now, "agreed_at": now, "member_id": siti.citizen_id}
        session.add_all([
            FamilyMember(**listed, name="Kakak", nik=other, birth_year=1990, **agreed),
            FamilyMember(**listed, name="Kak Siti", phone=PHONE, invited_until=now),
            ForeignIdentity(citizen_id=siti.citizen_id, issuer="https://inapas.contoh", subject="rahasia-7"),
            CitizenWait(
                account_id=siti.citizen_id, kind="phone", phone="081299990109", cancel_hash=b"x", due_at=now
            ),
        ])  # fmt: skip
    centre = siti.at("localhost")
    words = centre.get("/akun/data").words()
    assert (
        "Ditulis keluarga tentang Anda" in words and "Kak Siti" in words and "https://inapas.contoh" in words
    )
    assert "Ganti nomor HP" in words and other not in words and "rahasia-7" not in words
    told = {
        kind["kind"]: kind["records"]
        for kind in json.loads(centre.post("/akun/data/unduh/json").text)["kinds"]
    }
    assert [row["nik"] for row in told["citizen.family"] if "nik" in row] == [other]
    assert [row["new_phone"] for row in told["citizen.code"]] == ["0812-9999-0109"]
    assert [row["subject"] for row in told["citizen.region"]] == ["rahasia-7"]

    # Closing ends the row of the relative as taking oneself out does: only the name is left for its year.
    centre.post("/akun/data/hapus", {"paham": "ya"})
    due(app, dt.timedelta(minutes=-1))
    with app.app_context(), central_read() as session:
        row = session.scalars(
            select(FamilyMember).where(FamilyMember.name.is_not(None), FamilyMember.member_id.is_not(None))
        ).one()
        assert (row.nik, row.nik_index, row.birth_year) == (None, None, None) and row.ended_at is not None


def test_the_desk_finds_a_person_by_nik_covered_and_the_person_reads_it(
    app: Platform, bukittinggi: Region, siti: Walker, browse: Callable[..., Browser]
) -> None:
    assert siti.enter("bukittinggi", nik=True).status == 200
    siti.at(HOST).submit("/warga/data/perbaikan", hal="other", menjadi="Gelar saya salah ditulis")
    desk, path = browse("bukittinggi", as_="admin"), "/admin/hak-data/cari"
    for wrong in ({"nik": "123", "untuk": "asked"}, {"nik": NIK, "untuk": ""}, {"nik": NIK, "untuk": "call"}):
        assert desk.post(path, wrong).status == 422
    page = desk.post(path, {"nik": f"{NIK[:6]} {NIK[6:]}", "untuk": "asked"})
    assert page.status == 200 and NAME in page.words() and "9900••••••••0001" in page.words()
    assert NIK not in page.text and PHONE[3:] not in page.text and "Permintaan 1" in page.words()
    words = siti.at(HOST).get("/warga/data").words()
    assert "Profil, nomor tertutup" in words and "Diminta warga yang bersangkutan" in words
    assert (
        "Tidak ada profil dengan NIK itu"
        in desk.post(path, {"nik": "9900015507900002", "untuk": "asked"}).words()
    )
    with at(app, bukittinggi), read() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action.in_(["rights.find", "person.show"]))
        ).all()
        assert [entry.subject for entry in entries] == ["profile:1", "profile"]
        assert "9900" not in str([entry.data for entry in entries])
    assert browse("bukittinggi", as_="resepsionis").post(path, {"nik": NIK, "untuk": "asked"}).status == 403
    assert NAME not in browse("banyuwangi", as_="admin").post(path, {"nik": NIK, "untuk": "asked"}).words()


def test_another_citizens_things_are_not_mine(app: Platform, bukittinggi: Region, siti: Walker) -> None:
    siti.enter("bukittinggi")
    ticket_of(app, bukittinggi)
    siti.at(HOST).submit("/warga/data/perbaikan", hal="other", menjadi="Rahasia saya sendiri")
    budi = Walker(app, make_citizen(app, "Budi Contoh", "081299990102"))
    budi.sign_in()
    budi.enter("bukittinggi")
    there = budi.at(HOST)
    words = there.get("/warga/data").words()
    assert NAME not in words and "Rahasia" not in words and "A-001" not in words
    assert there.post("/warga/data/perbaikan/1/batal").status == 404
    page = there.submit("/warga/data/perbaikan", hal="holder", nomor="1", menjadi="Budi")
    assert page.status == 422
    there.post("/warga/data/hapus", {"paham": "ya"})
    with at(app, bukittinggi), read() as session:
        assert session.get_one(Ticket, 1).holder == NAME


def test_every_column_about_a_citizen_is_the_owners_or_anothers(app: Platform) -> None:
    """Erasure walks the nation's tables: a new one is covered, or fails here until somebody has said whose it is."""
    unclear = [
        f"{column.table.name}.{column.name}"
        for column in columns()
        if column.name not in OWN and f"{column.table.name}.{column.name}" not in OTHERS
    ]
    assert unclear == []
