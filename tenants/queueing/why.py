"""Why somebody was called before me: the reason that the call itself has stored, in plain words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from mpp.i18n import clock
from mpp.i18n import gettext as _
from mpp.tenancy.region import current_region
from tenants.hall.models import Counter
from tenants.queueing import line
from tenants.queueing.calling import BUSY
from tenants.queueing.exceptions import category_words
from tenants.queueing.models import ACTIVE_STATES, Entry, Ticket, TicketEvent, TicketState
from tenants.queueing.rule import Why, begins, decided, order
from tenants.queueing.rules import current_rule

# Called, and not gone again: whoever is called now comes after.
SERVED_STATES = (*ACTIVE_STATES, TicketState.COMPLETED)


@dataclass(frozen=True, slots=True)
class Answer:
    """`short` is the reason in one sentence; `more` says what it rests on. `code` is the reason's name.

    `note` are the officer's own words about a call out of order: they may name a person or an illness, so staff only.
    """

    code: str
    short: str
    more: tuple[str, ...] = ()
    note: str | None = None


def find_number(session: Session, ticket: Ticket, text: str) -> Ticket | None:
    """Return the ticket of the same hall and day with the number as typed ("A-12", "a012"), None when there is none."""
    return _find(session, ticket.hall_id, ticket.local_day, text)


def find_in_hall(session: Session, hall_id: int, text: str) -> Ticket | None:
    """Return today's ticket of a hall with the number as typed, None when there is none."""
    return _find(session, hall_id, current_region().today(), text)


def _find(session: Session, hall_id: int, day: dt.date, text: str) -> Ticket | None:
    letters = "".join(sign for sign in text.upper() if sign.isalpha())
    digits = "".join(sign for sign in text if sign in "0123456789")
    if not letters or not digits or len(digits) > 9:
        return None
    return session.scalar(
        select(Ticket)
        .where(Ticket.hall_id == hall_id, Ticket.local_day == day)
        .where(Ticket.prefix == letters, Ticket.number == int(digits))
        .options(joinedload(Ticket.counter))
    )


def why_before_me(session: Session, ticket: Ticket, other: Ticket) -> Answer:
    """Return why `other` was, or would now be, called before `ticket`; the citizen's words, "Anda" is `ticket`."""
    if other.id == ticket.id:
        return Answer("same", _("Itu nomor Anda sendiri."))
    if other.hall_id != ticket.hall_id or other.local_day != ticket.local_day:
        return Answer("elsewhere", _("Nomor itu dari gedung atau hari lain."))
    call = _last_call(session, other)
    if call is None:
        return _not_yet(session, ticket, other)
    mine = _last_call(session, ticket)
    if mine is not None and mine.id < call.id and ticket.state in SERVED_STATES:
        return Answer("after", _("%(other)s dipanggil setelah Anda.", other=other.label))
    return _of_call(session, ticket, other, call)


def out_of_order_today(session: Session, hall_id: int) -> int:
    """Return how many calls out of order a hall has had on its local day: public."""
    region = current_region()
    midnight = dt.datetime.combine(region.today(), dt.time.min, tzinfo=region.zone)
    return (
        session.scalar(
            select(func.count())
            .select_from(TicketEvent)
            .where(TicketEvent.hall_id == hall_id, TicketEvent.at >= midnight)
            .where(TicketEvent.data["out_of_order"].astext == "true")
        )
        or 0
    )


def _last_call(session: Session, ticket: Ticket) -> TicketEvent | None:
    return session.scalar(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "call")
        .order_by(TicketEvent.id.desc())
        .limit(1)
    )


def _of_call(session: Session, ticket: Ticket, other: Ticket, call: TicketEvent) -> Answer:
    if "paper" in call.data:
        short = _("%(other)s dilayani dari lembar kertas saat sistem tidak bisa dipakai.", other=other.label)
        return Answer("paper", short)
    rule = call.data.get("rule", {})
    told = [_called_at(session, call)]
    entry = next((row for row in rule.get("skipped", []) if row["label"] == ticket.label), None)
    if call.data.get("out_of_order") and (ticket.label in rule.get("ahead", []) or entry is not None):
        short = _(
            "Petugas memanggil %(other)s di luar urutan: %(reason)s.",
            other=other.label, reason=category_words(call.data.get("category")),
        )  # fmt: skip
        counted = (*told, _("Panggilan di luar urutan dihitung dan diumumkan."))
        return Answer("out_of_order", short, counted, note=call.reason)
    if entry is not None:
        return _passed_over(other, rule, entry, told)
    away = _not_in_line(session, ticket, call)
    if away is not None:
        return away
    if not _could_call(session, ticket, call):
        short = _("%(other)s dipanggil loket yang tidak melayani urusan Anda.", other=other.label)
        return Answer("other_line", short, tuple(told))
    began, own = begins(other), begins(ticket)
    if (began, other.number) <= (own, ticket.number):
        more = _(
            "%(other)s mulai menunggu %(first)s, Anda %(second)s.",
            other=other.label, first=_clock(began), second=_clock(own),
        )  # fmt: skip
        return Answer("arrival", _("%(other)s datang lebih dulu.", other=other.label), (*told, more))
    return Answer(
        "rule", _("%(other)s dipanggil menurut aturan antrean gedung.", other=other.label), tuple(told)
    )


def _passed_over(other: Ticket, rule: dict[str, Any], mine: dict[str, Any], told: list[str]) -> Answer:
    """The reason that this very call stored about the asking ticket."""
    code = mine["why"]
    theirs = _("%(other)s: %(share)s", other=other.label, share=_share(rule))
    yours = _("Anda: %(share)s", share=_share(mine))
    if code == BUSY:
        short = _("Saat itu nomor Anda sedang diubah, jadi loket ini memanggil nomor berikutnya.")
        return Answer(code, short, tuple(told))
    if code == Why.STREAK:
        short = _(
            "%(count)s nomor prioritas baru saja dipanggil berturut-turut, jadi giliran satu nomor lain.",
            count=rule["streak"],
        )
        return Answer(code, short, (*told, _("Begitu aturannya supaya semua kebagian giliran.")))
    if code == Why.OVERTAKEN:
        short = _(
            "%(other)s sudah didahului orang lain selama %(minutes)s menit, batas terlama di gedung ini.",
            other=other.label, minutes=rule["max_overtake"],
        )  # fmt: skip
        return Answer(code, short, tuple(told))
    if code == Why.RANK:
        short = _(
            "%(other)s %(kind)s, jadi target waktunya lain, dan bagian target yang sudah lewat lebih besar.",
            other=other.label, kind=_kind_words(rule["kind"]),
        )  # fmt: skip
        return Answer(code, short, (*told, theirs, yours))
    return Answer(code, _("%(other)s datang lebih dulu.", other=other.label), (*told, theirs, yours))


def _not_in_line(session: Session, ticket: Ticket, call: TicketEvent) -> Answer | None:
    """Where the asking ticket was at that call, if it did not wait."""
    last = session.scalar(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.id < call.id)
        .order_by(TicketEvent.id.desc())
        .limit(1)
    )
    if last is None:
        return Answer(
            "before", _("Nomor itu dipanggil sebelum Anda mengambil nomor."), (_called_at(session, call),)
        )
    if last.state == TicketState.WAITING:
        return None
    words = {
        TicketState.ON_HOLD: _("Saat itu nomor Anda sedang ditunda."),
        TicketState.NO_SHOW: _("Saat itu nomor Anda tercatat tidak hadir."),
        TicketState.CALLED: _("Saat itu Anda sudah dipanggil."),
        TicketState.SERVING: _("Saat itu Anda sudah dilayani."),
    }
    state = TicketState(last.state)
    return Answer(
        state.value, words.get(state, _("Saat itu nomor Anda sudah selesai.")), (_called_at(session, call),)
    )


def _not_yet(session: Session, ticket: Ticket, other: Ticket) -> Answer:
    """Neither was called by a counter that both wait for: who would be called first now, and why."""
    if other.state != TicketState.WAITING:
        return Answer("not_called", _("%(other)s belum dipanggil.", other=other.label))
    if ticket.state != TicketState.WAITING:
        return Answer("not_called", _("%(other)s belum dipanggil, Anda sudah.", other=other.label))
    rule, now, day = current_rule(session, ticket.hall_id), current_region().now(), ticket.local_day
    pairs = line.served_pairs(rule).where(Counter.hall_id == ticket.hall_id).subquery()
    rows = session.execute(select(pairs.c.counter_id, pairs.c.service_id)).all()
    mine = {counter for counter, service in rows if service == ticket.service_id}
    theirs = {counter for counter, service in rows if service == other.service_id}
    shared = sorted(mine & theirs)
    if not shared:
        short = _("%(other)s menunggu loket lain, jadi tidak mendahului Anda.", other=other.label)
        return Answer("other_line", short)
    streak = line.streak(session, shared[0], rule, day)
    horizons = line.horizons_now(session, ticket.hall_id, rule, day, now)
    if order([ticket, other], rule, now, streak, horizons)[0] is ticket:
        return Answer(
            "behind", _("%(other)s belum dipanggil dan sekarang di belakang Anda.", other=other.label)
        )
    reason = {
        Why.STREAK: _("giliran satu nomor bukan prioritas"),
        Why.OVERTAKEN: _("ia sudah terlalu lama didahului orang lain"),
        Why.RANK: _("bagian waktu tunggunya yang sudah lewat lebih besar"),
        Why.ARRIVAL: _("ia mulai menunggu lebih dulu"),
    }[decided(other, ticket, rule, now, streak, horizons)]
    short = _(
        "%(other)s belum dipanggil, tetapi sekarang di depan Anda: %(reason)s.",
        other=other.label,
        reason=reason,
    )
    return Answer("ahead", short)


def _could_call(session: Session, ticket: Ticket, call: TicketEvent) -> bool:
    if call.counter_id is None:
        return False
    rule = current_rule(session, ticket.hall_id)
    served = set(session.scalars(line.served_by(call.counter_id, rule)))
    return ticket.service_id in served and ticket.for_counter_id in {None, call.counter_id}


def _called_at(session: Session, call: TicketEvent) -> str:
    counter = session.get(Counter, call.counter_id) if call.counter_id else None
    place = _("loket %(number)s", number=counter.number) if counter else _("loket")
    return _("Dipanggil %(place)s pukul %(time)s.", place=place, time=_clock(call.at))


def _share(row: dict[str, Any]) -> str:
    """How much of the target is over: "sudah menunggu 12 dari 15 menit (80%)"."""
    waited, target = row["waited_seconds"], row["target_seconds"]
    return _(
        "sudah menunggu %(waited)s dari target %(target)s menit (%(share)s%%)",
        waited=waited // 60, target=target // 60, share=round(100 * waited / target),
    )  # fmt: skip


def _kind_words(kind: str) -> str:
    return {
        Entry.PRIORITY: _("nomor prioritas (lansia, disabilitas, ibu hamil/menyusui, atau pembawa balita)"),
        Entry.BOOKED: _("sudah memesan waktu"),
    }.get(Entry(kind), _("datang langsung"))


def _clock(moment: dt.datetime) -> str:
    return clock(moment.astimezone(current_region().zone))
