"""Why somebody was called before me: what decided at the call about the one who asks, in plain words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from mpp.i18n import clock
from mpp.i18n import gettext as _
from mpp.tenancy.region import current_region
from tenants.hall.models import Counter
from tenants.queueing import line
from tenants.queueing.decision import Decision, Stood, decision_of, stood
from tenants.queueing.exceptions import category_words, raised_words
from tenants.queueing.models import ACTIVE_STATES, Entry, Ticket, TicketEvent, TicketState
from tenants.queueing.rule import Why, begins, waited
from tenants.queueing.rules import current_rule

# Called, and not gone again: whoever is called now comes after.
SERVED_STATES = (*ACTIVE_STATES, TicketState.COMPLETED)
# Held by another act at the moment of the call.
BUSY = "busy"


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
    told = (_called_at(session, call),)
    mine, theirs = stood(session, ticket, call), stood(session, other, call)
    if mine is None or theirs is None:
        return Answer("before", _("Nomor itu dipanggil sebelum Anda mengambil nomor."), told)
    if mine.state != TicketState.WAITING:
        return _away(mine.state, told)
    decision = decision_of(call)
    if decision is not None and not decision.could_call(mine):
        short = _("%(other)s dipanggil loket yang tidak melayani urusan Anda.", other=other.label)
        return Answer("other_line", short, told)
    if decision is not None and decision.earlier(theirs, mine):
        return _by_rule(other, decision, mine, theirs, told)
    return _past_me(other, call, decision, told)


def _past_me(other: Ticket, call: TicketEvent, decision: Decision | None, told: tuple[str, ...]) -> Answer:
    """Why they were called although the rule had the asking ticket first."""
    if call.data.get("out_of_order"):
        short = _(
            "Petugas memanggil %(other)s di luar urutan: %(reason)s.",
            other=other.label, reason=category_words(call.data.get("category")),
        )  # fmt: skip
        counted = (*told, _("Panggilan di luar urutan dihitung dan diumumkan."))
        return Answer("out_of_order", short, counted, note=call.reason)
    if decision is None:
        # A call of an earlier version kept no inputs.
        short = _("%(other)s dipanggil menurut aturan antrean gedung.", other=other.label)
        return Answer("rule", short, told)
    short = _("Saat itu nomor Anda sedang diubah, jadi loket ini memanggil nomor berikutnya.")
    return Answer(BUSY, short, told)


def _by_rule(other: Ticket, decision: Decision, mine: Stood, theirs: Stood, told: tuple[str, ...]) -> Answer:
    """What put them first, in order."""
    if theirs.raised is not None and decision.earlier(mine, theirs.unraised()):
        return _by_class(other, theirs.raised, told)
    rule, code = decision.rule, decision.why(theirs, mine)
    if code is Why.STREAK:
        short = _(
            "%(count)s nomor prioritas baru saja dipanggil berturut-turut, jadi giliran satu nomor lain.",
            count=decision.streak,
        )
        return Answer(code, short, (*told, _("Begitu aturannya supaya semua kebagian giliran.")))
    if code is Why.OVERTAKEN:
        short = _(
            "%(other)s sudah didahului orang lain selama %(minutes)s menit, batas terlama di gedung ini.",
            other=other.label, minutes=rule.max_overtake,
        )  # fmt: skip
        return Answer(code, short, told)
    if code is Why.RANK:
        short = _(
            "%(other)s %(kind)s, jadi target waktunya lain, dan bagian target yang sudah lewat lebih besar.",
            other=other.label, kind=_kind_words(theirs.kind),
        )  # fmt: skip
        shares = (
            _("%(other)s: %(share)s", other=other.label, share=_share(theirs, decision)),
            _("Anda: %(share)s", share=_share(mine, decision)),
        )
        return Answer(code, short, (*told, *shares))
    more = _(
        "%(other)s mulai menunggu %(first)s, Anda %(second)s.",
        other=other.label, first=_clock(begins(theirs)), second=_clock(begins(mine)),
    )  # fmt: skip
    return Answer(code, _("%(other)s datang lebih dulu.", other=other.label), (*told, more))


def _by_class(other: Ticket, raised: TicketEvent, told: tuple[str, ...]) -> Answer:
    """Without the officer's correction the asking ticket would have gone first."""
    short = _(
        "Petugas menjadikan %(other)s nomor prioritas pukul %(time)s: %(reason)s.",
        other=other.label, time=_clock(raised.at), reason=raised_words(raised.data.get("category")),
    )  # fmt: skip
    counted = _("Nomor yang dijadikan prioritas oleh petugas dihitung dan diumumkan.")
    return Answer("raised", short, (*told, counted), note=raised.reason)


def _away(state: str, told: tuple[str, ...]) -> Answer:
    """Where the asking ticket was at that call, as it did not wait."""
    words = {
        TicketState.ON_HOLD: _("Saat itu nomor Anda sedang ditunda."),
        TicketState.NO_SHOW: _("Saat itu nomor Anda tercatat tidak hadir."),
        TicketState.CALLED: _("Saat itu Anda sudah dipanggil."),
        TicketState.SERVING: _("Saat itu Anda sudah dilayani."),
    }
    at = TicketState(state)
    return Answer(at.value, words.get(at, _("Saat itu nomor Anda sudah selesai.")), told)


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
    decision = Decision(
        rule=rule,
        now=now,
        streak=line.streak(session, shared[0], rule, day),
        horizons=line.horizons_now(session, ticket.hall_id, rule, day, now),
        services=frozenset({ticket.service_id, other.service_id}),
        counter_id=shared[0],
    )
    first, second = stood(session, ticket), stood(session, other)
    assert first is not None
    assert second is not None
    if decision.earlier(first, second):
        return Answer(
            "behind", _("%(other)s belum dipanggil dan sekarang di belakang Anda.", other=other.label)
        )
    if second.raised is not None and decision.earlier(first, second.unraised()):
        words = raised_words(second.raised.data.get("category"))
        reason = _("petugas menjadikannya nomor prioritas (%(reason)s)", reason=words)
    else:
        reason = {
            Why.STREAK: _("giliran satu nomor bukan prioritas"),
            Why.OVERTAKEN: _("ia sudah terlalu lama didahului orang lain"),
            Why.RANK: _("bagian waktu tunggunya yang sudah lewat lebih besar"),
            Why.ARRIVAL: _("ia mulai menunggu lebih dulu"),
        }[decision.why(second, first)]
    short = _(
        "%(other)s belum dipanggil, tetapi sekarang di depan Anda: %(reason)s.",
        other=other.label,
        reason=reason,
    )
    return Answer("ahead", short)


def _called_at(session: Session, call: TicketEvent) -> str:
    counter = session.get(Counter, call.counter_id) if call.counter_id else None
    place = _("loket %(number)s", number=counter.number) if counter else _("loket")
    return _("Dipanggil %(place)s pukul %(time)s.", place=place, time=_clock(call.at))


def _share(person: Stood, decision: Decision) -> str:
    """How much of the target is over: "sudah menunggu 12 dari 15 menit (80%)"."""
    wait, target = waited(person, decision.now), dt.timedelta(minutes=decision.rule.target(person.kind))
    return _(
        "sudah menunggu %(waited)s dari target %(target)s menit (%(share)s%%)",
        waited=int(wait.total_seconds()) // 60, target=decision.rule.target(person.kind),
        share=round(100 * (wait / target)),
    )  # fmt: skip


def _kind_words(kind: str) -> str:
    return {
        Entry.PRIORITY: _("nomor prioritas (lansia, disabilitas, ibu hamil/menyusui, atau pembawa balita)"),
        Entry.BOOKED: _("sudah memesan waktu"),
    }.get(Entry(kind), _("datang langsung"))


def _clock(moment: dt.datetime) -> str:
    return clock(moment.astimezone(current_region().zone))
