"""What is kept long enough ends by itself: a batch at a time, by the region's own days, counted in the log."""

from __future__ import annotations

import datetime as dt

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from mpp.audit import AuditEntry
from mpp.database.session import read, write
from mpp.jobs import run
from mpp.outbox import CentralOutboxEntry, OutboxEntry, post
from mpp.privacy.commands import privacy
from mpp.privacy.kinds import REMOVED
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.privacy.erasure import erase
from tenants.privacy.models import Leak, LeakNotice
from tenants.privacy.owner import Owner
from tenants.queueing.models import BY_HOLDER, Ticket, TicketEvent, TicketState
from tenants.queueing.policies import new_key
from tenants.queueing.service import take_ticket
from tenants.waiting.models import TicketMessage
from tests.support.hall import at, open_always

SERVICE = "ktp-el-baru"


def aged(days: int, number: int = 0, state: str = TicketState.COMPLETED) -> int:
    """A ticket of so many local days ago, ended long since."""
    ticket = take_ticket(SERVICE, f"Uji Lama {number}", f"0812-9999-{number:04d}", new_key(), "web")
    with write() as session:
        day = Ticket.local_day - dt.timedelta(days=days)
        session.execute(update(Ticket).where(Ticket.id == ticket.id).values(local_day=day, state=state))
    return ticket.id


def night(app: Platform, region: Region) -> None:
    """Post the job and do it, and what it posts, until nothing is left."""
    with at(app, region), write() as session:
        post(session, "privacy.retain")
    run.configure(lambda: app)
    while True:
        with at(app, region), read() as session:
            query = select(OutboxEntry.id).where(
                OutboxEntry.done_at.is_(None), OutboxEntry.kind.like("privacy.%")
            )
            due = session.scalars(query).all()
        if not due:
            return
        for outbox_id in due:
            assert run.run_outbox(region.id, outbox_id) == run.Fate.DONE


def test_a_tickets_person_ends_after_ninety_days_and_its_times_stay(
    app: Platform, bukittinggi: Region, banyuwangi: Region
) -> None:
    for region in (bukittinggi, banyuwangi):
        with at(app, region):
            open_always()
            old, young, open_ = aged(91, 1), aged(89, 2), aged(91, 3, TicketState.WAITING)
    night(app, bukittinggi)
    with at(app, bukittinggi), read() as session:
        gone, kept, waiting = (session.get_one(Ticket, key) for key in (old, young, open_))
        assert (gone.holder, gone.phone, gone.phone_index, gone.code) == (REMOVED, None, None, f"-{old}")
        assert gone.issued_at and gone.state == TicketState.COMPLETED
        assert kept.holder == "Uji Lama 2" and kept.phone and len(kept.code) == 12
        assert waiting.holder == "Uji Lama 3"
        assert session.scalar(select(func.count()).where(TicketEvent.ticket_id == old)) == 1
        told = session.scalars(select(AuditEntry).where(AuditEntry.action == "privacy.retain")).all()
        assert [entry.data for entry in told] == [{"rows": {"ticket": 1}}]
    with at(app, banyuwangi), read() as session:
        assert session.get_one(Ticket, old).holder == "Uji Lama 1"


def test_the_words_of_a_history_end_with_the_person_and_its_acts_stay(
    app: Platform, bukittinggi: Region
) -> None:
    now = dt.datetime.now(tz=dt.UTC)
    with at(app, bukittinggi):
        open_always()
        tickets = [aged(91, 1), aged(91, 2, TicketState.WAITING), aged(89, 3)]
        with write() as session:
            hall = session.scalars(select(Ticket.hall_id).limit(1)).one()
            for ticket, days in zip(tickets, (91, 91, 89), strict=True):
                for reason in ("Ibu Uji sedang sakit", BY_HOLDER):
                    session.add(
                        TicketEvent(
                            ticket_id=ticket, hall_id=hall, kind="transfer", state="waiting", actor_kind="staff",
                            actor_id=3, reason=reason, at=now - dt.timedelta(days=days),
                        )
                    )  # fmt: skip
    night(app, bukittinggi)
    with at(app, bukittinggi), read() as session:
        query = select(TicketEvent.ticket_id, TicketEvent.reason, TicketEvent.actor_id)
        found = session.execute(query.where(TicketEvent.kind == "transfer").order_by(TicketEvent.id)).all()
        words = [None, BY_HOLDER, *["Ibu Uji sedang sakit", BY_HOLDER] * 2]
        assert [tuple(row) for row in found] == [
            (ticket, reason, 3)
            for ticket, reason in zip([t for t in tickets for _ in range(2)], words, strict=True)
        ]
        told = session.scalars(select(AuditEntry).where(AuditEntry.action == "privacy.retain")).all()
        assert [entry.data for entry in told] == [{"rows": {"ticket": 1, "ticket_event": 1}}]


def test_who_asks_to_be_forgotten_is_so_in_the_words_of_officers_too(
    app: Platform, bukittinggi: Region
) -> None:
    with at(app, bukittinggi):
        open_always()
        ticket, other = aged(1, 1), aged(1, 2)
        with write() as session:
            hall = session.scalars(select(Ticket.hall_id).limit(1)).one()
            for one in (ticket, other):
                session.add(
                    TicketEvent(
                        ticket_id=one,
                        hall_id=hall,
                        kind="hold",
                        state="on_hold",
                        actor_kind="staff",
                        reason="Uji sakit",
                    )
                )
        erase(Owner(ticket_id=ticket))
        with read() as session:
            query = select(TicketEvent.ticket_id, TicketEvent.reason).where(TicketEvent.kind == "hold")
            found = [tuple(row) for row in session.execute(query.order_by(TicketEvent.id))]
            assert found == [(ticket, None), (other, "Uji sakit")]


def test_many_rows_end_in_many_short_jobs_and_a_second_night_finds_nothing(
    app: Platform, bukittinggi: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mpp.privacy.retention.batch.__defaults__", (2,))
    with at(app, bukittinggi):
        open_always()
        ids = [aged(100, number) for number in range(5)]
        with write() as session:
            long_ago = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=31)
            session.add(
                TicketMessage(ticket_id=ids[0], kind="near", channel="console", body="x", posted_at=long_ago)
            )
            leak = Leak(
                since=long_ago,
                until=long_ago,
                known_at=long_ago,
                due_at=long_ago,
                what="x",
                how="x",
                handling="x",
            )
            session.add(LeakNotice(leak=leak, ticket_id=ids[1], told_at=long_ago))
    night(app, bukittinggi)
    night(app, bukittinggi)
    with at(app, bukittinggi), read() as session:
        assert set(session.scalars(select(Ticket.holder).where(Ticket.id.in_(ids)))) == {REMOVED}
        assert session.scalar(select(func.count()).select_from(TicketMessage)) == 0
        # A year, not a month.
        assert session.scalar(select(func.count()).select_from(LeakNotice)) == 1
        rows = [
            e.data["rows"]
            for e in session.scalars(select(AuditEntry).where(AuditEntry.action == "privacy.retain"))
        ]
        assert sum(row.get("ticket", 0) for row in rows) == 5 and max(row["ticket"] for row in rows) == 2


def test_a_row_somebody_holds_is_left_for_the_next_time(app: Platform, bukittinggi: Region) -> None:
    from mpp.database.session import apart
    from mpp.privacy.retention import batch

    now = dt.datetime.now(tz=dt.UTC)
    with at(app, bukittinggi):
        open_always()
        held, free = aged(100, 1), aged(100, 2)
        with apart() as other:
            other.scalar(select(Ticket.id).where(Ticket.id == held).with_for_update())
            with write() as session:
                assert batch(session, bukittinggi, now) == ({"ticket": 1}, False)
        with read() as session:
            assert session.get_one(Ticket, free, populate_existing=True).holder == REMOVED
            assert session.get_one(Ticket, held, populate_existing=True).holder == "Uji Lama 1"


def test_the_day_is_the_regions_own(app: Platform, bukittinggi: Region) -> None:
    from mpp.privacy.retention import preview

    with at(app, bukittinggi):
        open_always()
        ticket_id = aged(0)
        with write() as session:
            day = dt.date(2026, 1, 1)
            session.execute(update(Ticket).where(Ticket.id == ticket_id).values(local_day=day))
        with read() as session:
            for utc, rows in (
                (dt.datetime(2026, 4, 1, 16, 59, tzinfo=dt.UTC), 0),
                (dt.datetime(2026, 4, 1, 17, 0, tzinfo=dt.UTC), 1),
            ):
                found = {due.table: due.rows for due in preview(session, bukittinggi, utc)}
                assert found["ticket"] == rows, utc


def test_the_command_counts_without_changing_and_then_does_it(
    app: Platform, bukittinggi: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support.live import environment

    for name, value in environment(app.settings, 1, 2).items():
        monkeypatch.setenv(name, value)
    with at(app, bukittinggi):
        open_always()
        ticket_id = aged(100, 7)
    runner = CliRunner()
    looked = runner.invoke(privacy, ["retention", "--region", "bukittinggi", "--dry-run"])
    assert looked.exit_code == 0, looked.output
    assert "1 baris akan berakhir; tidak ada yang diubah" in looked.output and "Uji Lama" not in looked.output
    with at(app, bukittinggi), read() as session:
        assert session.get_one(Ticket, ticket_id).holder == "Uji Lama 7"
    done = runner.invoke(privacy, ["retention", "--region", "bukittinggi"])
    assert done.exit_code == 0 and "1 baris diakhiri" in done.output, done.output
    with at(app, bukittinggi), read() as session:
        assert session.get_one(Ticket, ticket_id).holder == REMOVED
    assert runner.invoke(privacy, ["retention", "--region", "tidak-ada", "--dry-run"]).exit_code == 1


def test_the_centre_ends_its_own(app: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    from mpp.database.session import central_read, central_write
    from mpp.privacy.models import CitizenErasure
    from tests.support.citizens import make_citizen
    from tests.support.live import environment

    for name, value in environment(app.settings, 1, 2).items():
        monkeypatch.setenv(name, value)
    citizen, now = make_citizen(app, phone="0812-9999-0099"), dt.datetime.now(tz=dt.UTC)
    with app.app_context(), central_write() as session:
        for days in (366, 364):
            ended = now - dt.timedelta(days=days)
            session.add(CitizenErasure(account_id=citizen, due_at=ended, ended_at=ended))
        post(session, "privacy.retain")
    run.configure(lambda: app)
    with app.app_context(), central_read() as session:
        query = select(CentralOutboxEntry.id).where(CentralOutboxEntry.kind == "privacy.retain")
        outbox_id = session.scalars(query).one()
    looked = CliRunner().invoke(privacy, ["retention", "--region", "pusat", "--dry-run"])
    assert looked.exit_code == 0 and "1 baris akan berakhir" in looked.output, looked.output
    assert run.run_outbox(None, outbox_id) == run.Fate.DONE
    with app.app_context(), central_read() as session:
        assert session.scalar(select(func.count()).select_from(CitizenErasure)) == 1


def test_a_withdrawn_profile_ends_after_three_days(app: Platform, bukittinggi: Region) -> None:
    from tenants.people.models import Profile
    from tenants.people.service import agree

    with at(app, bukittinggi):
        late, young, kept = (agree(f"nama-{n}", f"Uji {n}", None, None) for n in range(3))
        with write() as session:
            for profile, days in ((late, 4), (young, 2)):
                moment = dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=days)
                session.execute(update(Profile).where(Profile.id == profile).values(withdrawn_at=moment))
    night(app, bukittinggi)
    with at(app, bukittinggi), read() as session:
        names = [session.get_one(Profile, profile).name for profile in (late, young, kept)]
        assert names == [None, "Uji 1", "Uji 2"]
        assert session.get_one(Profile, late).erased_at is not None
