"""What people are told, what is logged of it, and what is sent."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select, update

from mpp.database.session import apart, read, write
from mpp.jobs.handlers import Job
from mpp.outbox import OutboxEntry
from mpp.settings import Settings
from mpp.tenancy.region import Region, current_region
from tenants.hall.hours import load_calendar
from tenants.hall.models import Hall, OpeningHours
from tenants.queueing import desk as desks
from tenants.queueing import jobs as queue_jobs
from tenants.queueing import nudge, service
from tenants.queueing.errors import NotOfferedError
from tenants.queueing.history import note
from tenants.queueing.models import Ticket
from tenants.queueing.policies import Officer, new_key
from tenants.queueing.rule import Rule
from tenants.queueing.rules import save_rule
from tenants.waiting import jobs, queries
from tenants.waiting import service as waiting
from tenants.waiting.durations import Samples
from tenants.waiting.engine import Outlook, Wait
from tenants.waiting.loading import Known, load, serves_of
from tenants.waiting.models import TicketMessage, WaitAnnouncement
from tenants.waiting.ranges import Range
from tenants.waiting.state import State
from tests.support.hall import more_counters, seat
from tests.waiting.conftest import SERVICE

Desk = tuple[int, Officer]


def take(phone: str | None = None) -> Ticket:
    return service.take_ticket(SERVICE, "S.A.", phone, new_key(), "web")


def tell(ticket: Ticket) -> waiting.Told | None:
    waiting.forget_moment()
    with read() as session:
        what = waiting.told(session, session.get_one(Ticket, ticket.id, populate_existing=True))
    if what is not None:
        waiting.show(ticket, what)
    return what


def rows() -> list[WaitAnnouncement]:
    with read() as session:
        query = select(WaitAnnouncement).order_by(WaitAnnouncement.id)
        return list(session.scalars(query, execution_options={"populate_existing": True}))


def test_each_in_line_is_told_a_later_range(desk: Desk) -> None:
    told = [tell(ticket) for ticket in [take() for _one in range(6)]]
    ranges = [what.range for what in told if what and what.range]
    assert len(ranges) == 6 and all(r.low <= r.high for r in ranges)
    assert [r.high for r in ranges] == sorted(r.high for r in ranges) and ranges[-1].high > ranges[
        0
    ].high + 20
    assert [what.place for what in told if what] == [1, 2, 3, 4, 5, 6]
    assert told[-1] and told[-1].come_at and told[0] and told[0].come_at is None


def test_what_is_shown_is_logged_once_for_each_change(desk: Desk) -> None:
    first, second = take(), take()
    tell(second), tell(second), tell(second)
    assert [r.turn for r in rows()] == [1]
    waiting.forget()
    tell(second)
    assert [r.turn for r in rows()] == [1], "another process logs nothing twice"
    service.call_next(*desk)
    service.start(first.id, desk[1]), service.complete(first.id, desk[1])
    tell(second)
    changed = rows()
    assert [r.turn for r in changed] == [1, 2] and changed[1].high < changed[0].high


def test_a_call_scores_what_was_announced_and_a_cancelled_ticket_has_no_real_wait(desk: Desk) -> None:
    called, gone = take(), take()
    tell(called), tell(gone)
    with write() as session:
        assert waiting.score(session) == 0, "nobody's wait is over yet"
    service.call_next(*desk)
    service.leave(gone.code)
    with write() as session:
        assert waiting.score(session) == 2
        assert waiting.score(session) == 0, "scored once"
    by_ticket = {r.ticket_id: r for r in rows()}
    assert by_ticket[called.id].real is not None and 0 <= (by_ticket[called.id].real or 0) < 30
    assert by_ticket[gone.id].real is None and by_ticket[gone.id].scored_at is not None


def test_with_no_counter_open_the_last_entrants_wait_is_told_then_nothing(desk: Desk) -> None:
    done = take()
    service.call_next(*desk)
    service.start(done.id, desk[1]), service.complete(done.id, desk[1])
    ticket = take()
    desks.close(*desk)
    told = tell(ticket)
    assert told and told.range is None and told.method == "nothing", (
        "the last one waited no longer than this one has"
    )
    with write() as session:
        long_ago = func.clock_timestamp() - dt.timedelta(minutes=40)
        session.execute(update(Ticket).where(Ticket.id == done.id).values(queued_at=long_ago))
    told = tell(ticket)
    assert told and told.method == "last_entrant" and told.range and 35 <= told.range.low <= 40


def test_who_is_near_gets_one_message_and_the_log_holds_no_person(
    desk: Desk, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    near, no_phone = take("0812 3456 7890"), take()
    far = [take("0813 3456 7890") for _one in range(3)]
    waiting.forget_moment()
    for _twice in range(2):
        with write() as session:
            jobs.tend(Job(session, {}, settings, current_region()))
    with read() as session:
        messages = session.scalars(select(TicketMessage)).all()
        posted = session.scalars(select(OutboxEntry).where(OutboxEntry.kind == "message.send")).all()
    assert {m.ticket_id for m in messages} == {near.id, far[0].id} and no_phone.id not in {
        m.ticket_id for m in messages
    }
    assert [entry.payload["message"] for entry in posted] == [m.id for m in messages]
    for entry in posted:
        for _twice in range(2):
            with write() as session:
                jobs.send(Job(session, entry.payload, settings, current_region()))
    with read() as session:
        shown = waiting.messages(session, near.id)
    assert len(shown) == 1 and near.label in shown[0].body
    said = "".join(capsys.readouterr())
    assert "812" not in said and "S.A." not in said


def test_after_a_call_the_near_are_told_without_the_minutes_job(desk: Desk, settings: Settings) -> None:
    tickets = [take("0812 3456 7890") for _one in range(5)]
    nudge._promised.clear()
    service.call_next(*desk)
    service.start(tickets[0].id, desk[1]), service.complete(tickets[0].id, desk[1])
    service.call_next(*desk)
    with read() as session:
        posted = session.scalars(select(OutboxEntry).where(OutboxEntry.kind == "waiting.near")).all()
        assert len(posted) == 1, "two calls at once are one look"
        assert posted[0].not_before > posted[0].created_at + dt.timedelta(seconds=4)

    def told() -> set[int]:
        waiting.forget_moment()
        with write() as session:
            jobs.near(Job(session, posted[0].payload, settings, current_region()))
        with read() as session:
            return set(session.scalars(select(TicketMessage.ticket_id)))

    save_rule(tickets[0].hall_id, Rule(near_calls=1), "hanya yang berikutnya")
    assert told() == {tickets[2].id}
    save_rule(tickets[0].hall_id, Rule(), "kembali")
    assert told() == {ticket.id for ticket in tickets[2:]}


def test_two_processes_that_show_in_turn_log_each_flip(desk: Desk) -> None:
    ticket = take()
    one, other = (waiting.Told(Range(low, low + 5), "simulation", 1, None, late=False) for low in (10, 20))
    for what in (one, one, other, one):
        waiting.show(ticket, what)
    assert [(row.turn, row.low) for row in rows()] == [(1, 10), (2, 20), (3, 10)]


def test_that_it_is_too_late_is_an_announcement_and_scored_as_one(desk: Desk, settings: Settings) -> None:
    called, left = take(), take()
    late = waiting.Told(None, "simulation", 1, None, late=True, instead="")
    nothing = waiting.Told(None, "nothing", 1, None, late=False)
    for ticket in (called, left):
        waiting.show(ticket, nothing), waiting.show(ticket, late), waiting.show(ticket, late)
    assert [(row.ticket_id, row.method) for row in rows()] == [(called.id, "late"), (left.id, "late")]
    service.call_next(*desk)
    with write() as session:
        day = {"day": current_region().today().isoformat()}
        queue_jobs.close_day(Job(session, day, settings, current_region()))
    with write() as session:
        assert waiting.score(session) == 2
        kept = {"hall_id": called.hall_id, "service_id": called.service_id, "turn": 1}
        figures = {"p50": 600, "p80": 900, "low": 10, "high": 15, "method": "simulation", "real": 600}
        made = session.scalars(select(Ticket.id)).all()
        assert set(made) == {called.id, left.id}
    with write() as session:
        for _one in range(28):
            session.add(WaitAnnouncement(ticket_id=take().id, **kept, **figures))
    with read() as session:
        found = queries.accuracy(session, [called.hall_id])[called.hall_id]
    # One who was called although told too late is the only wrong one.
    assert (found.people, round(found.covered * 30)) == (30, 29) and found.bias == 0


def test_nothing_is_logged_once_somebody_is_called_and_a_call_on_its_way_counts(desk: Desk) -> None:
    told, called = take(), take()
    what = waiting.Told(Range(1, 2), "simulation", 1, None, late=False)
    with apart() as session:
        # A call that is being made: its event is written, but nobody sees it yet.
        row = session.get_one(Ticket, told.id)
        row.state, row.counter_id, row.called_at = "called", desk[0], func.clock_timestamp()
        note(session, row, "call")
        session.flush()
        waiting.show(told, what)
    assert [row.ticket_id for row in rows()] == [told.id]
    service.complete(service.start(told.id, desk[1]).id, desk[1])
    service.call_next(*desk)
    waiting.show(called, what)
    assert [row.ticket_id for row in rows()] == [told.id], "a page that was late shows nothing to be scored"
    with write() as session:
        assert waiting.score(session) == 1
    assert rows()[0].real == 0


def test_who_stays_in_line_when_their_counter_closes_is_scored_by_the_call(desk: Desk) -> None:
    first, second = more_counters(SERVICE, 2)
    colleague = seat(second)
    ticket = take()
    service.call_next(*desk)
    service.transfer(ticket.id, desk[1], counter_id=second, reason="berkas di sana")
    waiting.show(ticket, waiting.Told(Range(1, 2), "simulation", 1, None, late=False))
    desks.close(second, colleague)
    with write() as session:
        assert waiting.score(session) == 0, "they have not been called, and nobody has sent them on"
    called = service.call_next(first, desk[1])
    assert called is not None and called.id == ticket.id
    with write() as session:
        assert waiting.score(session) == 1
    assert rows()[0].real is not None


def test_when_the_rest_cannot_be_served_no_number_is_given(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = take()
    hopeless = Outlook(
        waits={ticket.id: Wait(9e3, 9e3, 9e3, 0.1)},
        newcomers={ticket.service_id: Wait(9e3, 9e3, 9e3, 0.2)},
    )

    def full(_state: State) -> Outlook:
        return hopeless

    monkeypatch.setattr(waiting, "simulate", full)
    waiting.forget_moment()
    with pytest.raises(NotOfferedError, match=r"penuh sampai tutup hari ini.*Nomor dibuka lagi"):
        take()
    with read() as session:
        numbers = session.scalar(select(func.count()).select_from(Ticket))
    assert numbers == 1
    told = tell(ticket)
    assert told and told.late and told.range is None


def test_when_nobody_can_be_reached_any_more_that_is_said_and_no_number_is_given(desk: Desk) -> None:
    tickets = [take() for _one in range(4)]
    service.call_next(*desk)
    service.start(tickets[0].id, desk[1])
    now = current_region().now()
    # So close to closing that no course of the hall reaches the last.
    closes = min(now + dt.timedelta(seconds=90), now.replace(hour=23, minute=59, second=59))
    with write() as session:
        session.execute(update(OpeningHours).values(opens=dt.time.min, closes=closes.time()))
    told = tell(tickets[3])
    assert told and told.late and told.range is None
    waiting.forget_moment()
    with pytest.raises(NotOfferedError, match="penuh sampai tutup"):
        take()


def closing_in(minutes: float) -> None:
    """Let the hall, open since midnight, close in so many minutes, today."""
    now = current_region().now()
    closes = min(now + dt.timedelta(minutes=minutes), now.replace(hour=23, minute=59, second=58))
    with write() as session:
        session.execute(update(OpeningHours).values(opens=dt.time.min, closes=closes.time()))
    waiting.forget()


def test_with_every_counter_shut_no_number_is_given_that_cannot_be_served(desk: Desk) -> None:
    desks.close(*desk)
    holder = take()
    told = tell(holder)
    assert told and not told.late and told.method == "nothing", (
        "the morning before counters open is no closing"
    )
    closing_in(4)
    told = tell(holder)
    assert told and told.late and told.range is None and "Nomor dibuka lagi" in told.instead
    with pytest.raises(NotOfferedError, match=r"penuh sampai tutup hari ini.*Nomor dibuka lagi"):
        take()
    # An officer sits down after all: the simulation of the hall decides again.
    desks.sit(*desk)
    assert tell(holder) != told


def test_accuracy_is_told_from_thirty_on_and_by_first_announcements(desk: Desk) -> None:
    ticket = take()
    with write() as session:
        hall = session.scalars(select(Hall)).first()
        assert hall is not None
        for turn in range(1, 62):
            session.add(
                WaitAnnouncement(
                    ticket_id=ticket.id if turn == 1 else take().id, hall_id=ticket.hall_id,
                    service_id=ticket.service_id, turn=1 if turn <= 40 else 2, method="simulation",
                    p50=600, p80=900, low=10, high=15, real=840 if turn % 4 else 1200,
                )
            )  # fmt: skip
    with read() as session:
        found = queries.accuracy(session, [ticket.hall_id])[ticket.hall_id]
    assert found.people == 40 and found.covered == pytest.approx(0.75) and found.bias == pytest.approx(-5.5)


def test_who_was_parked_and_came_back_to_the_counter_kept_it_only_from_then_on(desk: Desk) -> None:
    ticket = take()
    service.call_next(*desk)
    service.start(ticket.id, desk[1])
    service.hold(ticket.id, desk[1], "melengkapi berkas")
    with write() as session:
        an_hour_ago = func.clock_timestamp() - dt.timedelta(hours=1)
        session.execute(update(Ticket).where(Ticket.id == ticket.id).values(called_at=an_hour_ago))
    service.resume(ticket.id, desk[1], here=True)
    service.complete(ticket.id, desk[1])
    with read() as session:
        hall = session.get_one(Hall, ticket.hall_id)
        moment = current_region().now()
        layout = load_calendar(session, hall, moment.date(), 2), serves_of(session, hall)
        state = load(session, hall, Known(*layout, Samples()), moment)
    assert state is not None
    assert max(state.durations[ticket.service_id].visit) < 3600


def test_reading_a_hall_takes_few_statements(desk: Desk) -> None:
    from sqlalchemy import event

    from mpp.database.session import db

    ticket = take()
    seen: list[str] = []

    def record(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with read() as session:
        hall = session.get_one(Hall, ticket.hall_id)
        waiting.forget()
        waiting.outlook(session, hall)
        event.listen(db.engine, "before_cursor_execute", record)
        waiting.outlook(session, hall)
        assert seen == [], "within some seconds nothing is asked"
        waiting.forget_moment()
        waiting.outlook(session, hall)
        event.remove(db.engine, "before_cursor_execute", record)
    assert len(seen) <= 16, seen


def test_a_neighbours_hall_is_not_looked_at(desk: Desk, banyuwangi: Region) -> None:
    with read() as session:
        hall = session.scalars(select(Hall)).first()
        assert hall is not None
        waiting.outlook(session, hall)
    assert {region for region, _hall in waiting._kept} == {current_region().id}
