"""One ticket with its story in words, and what the front desk may do with it now."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, undefer

from mpp.accounts.models import Staff
from mpp.crypto.masks import mask_phone
from mpp.i18n import clock
from mpp.tenancy.region import current_region
from tenants.devices.check_in import IN_HALL
from tenants.devices.check_in import KIND as CHECK_IN
from tenants.hall.models import Counter
from tenants.queueing.exceptions import category_words, raised_words
from tenants.queueing.models import BY_HOLDER, Ticket, TicketEvent, TicketState
from tenants.queueing.policies import CODE_LENGTH, CODE_SIGNS
from tenants.queueing.queries import people_ahead, service_names, serving_counters
from tenants.queueing.why import find_in_hall
from tenants.queueing.words import call_words, class_words

CODE = re.compile(f"[{CODE_SIGNS}]{{{CODE_LENGTH}}}")
CHANNELS = {
    "web": "dari HP",
    "kiosk": "di kios",
    "reception": "di meja resepsionis",
    "counter": "di loket",
    "paper": "dari lembar kertas",
}
STATES = {
    TicketState.WAITING: ("info", "Menunggu"),
    TicketState.CALLED: ("warning", "Dipanggil"),
    TicketState.SERVING: ("success", "Sedang dilayani"),
    TicketState.ON_HOLD: ("warning", "Ditunda"),
    TicketState.COMPLETED: ("success", "Selesai"),
    TicketState.NO_SHOW: ("warning", "Tidak hadir"),
    TicketState.CANCELLED: ("muted", "Dibatalkan"),
}
TITLES = {
    "call": "Dipanggil",
    "recall": "Dipanggil ulang",
    "start": "Mulai dilayani",
    "complete": "Selesai dilayani",
    "no_show": "Dicatat tidak hadir",
    "cancel": "Dibatalkan",
    "hold": "Ditunda",
    "resume": "Kembali ke antrean",
    "transfer": "Dialihkan",
    "reactivate": "Dipulihkan ke antrean",
    "reclassify": "Kelas prioritas diubah",
    "represent": "Diambil untuk orang lain",
    CHECK_IN: "Sudah datang",
    "close_day": "Ditutup karena hari layanan berakhir",
}
BASES = {"family": "Keluarga satu KK", "power": "Pemegang kuasa", "help": "Dibantu mengisi"}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One thing that happened: when (aware), what, by whom, why."""

    at: dt.datetime
    title: str
    body: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket as the front desk sees it. The `may_` say what can be done with it now."""

    ticket: Ticket
    service: str
    slug: str
    # The other services of the visit, in their order.
    visit: list[str]
    kind: str
    state: str
    priority: str | None
    ahead: int
    counters: list[Counter]
    why: str | None
    chapters: list[Chapter]
    past: bool
    # Covered; None when there is none.
    phone: str | None
    # When its holder said that they are in the hall; None: nobody has said so.
    came: dt.datetime | None

    @property
    def may_come(self) -> bool:
        """Whoever waits with a number from elsewhere may be noted as being here."""
        elsewhere = self.came is None and self.ticket.channel not in IN_HALL
        return elsewhere and self.ticket.state == TicketState.WAITING and not self.past

    @property
    def may_return(self) -> bool:
        """A missed call can be put back once, on its day."""
        return self.ticket.state == TicketState.NO_SHOW and not self.ticket.reactivated and not self.past

    @property
    def may_resume(self) -> bool:
        """A parked person can go back into the line."""
        return self.ticket.state == TicketState.ON_HOLD and not self.past

    @property
    def may_cancel(self) -> bool:
        """Whoever waits or is parked may leave."""
        return self.ticket.state in {TicketState.WAITING, TicketState.ON_HOLD} and not self.past

    @property
    def going(self) -> bool:
        """Whether the visit still goes on today."""
        ended = {TicketState.COMPLETED, TicketState.NO_SHOW, TicketState.CANCELLED}
        return self.ticket.state not in ended and not self.past


def find(session: Session, hall_id: int, text: str) -> int | None:
    """Return the id of the ticket that was typed or scanned: number of today, code, or the address in a QR code."""
    plain = re.sub(r"[\s-]", "", text.rstrip("/").rpartition("/")[2]).upper()
    if CODE.fullmatch(plain):
        found = session.scalar(select(Ticket.id).where(Ticket.code == plain))
        if found is not None:
            return found
    ticket = find_in_hall(session, hall_id, text) if "/" not in text else None
    return ticket.id if ticket else None


def story(session: Session, ticket_id: int) -> Story | None:
    """Return a ticket of this region with all that happened, None when there is none."""
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.id == ticket_id)
        .options(
            joinedload(Ticket.hall),
            joinedload(Ticket.counter),
            joinedload(Ticket.service),
            undefer(Ticket.phone),
        ),
        execution_options={"populate_existing": True},
    )
    if ticket is None:
        return None
    events = session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    ).all()
    sent = {event.data[key] for event in events for key in ("to_service",) if event.data.get(key)}
    names = service_names(session, {ticket.service_id, *ticket.visit_services, *sent})
    kind, state = STATES[TicketState(ticket.state)]
    return Story(
        ticket=ticket,
        service=names.get(ticket.service_id, ""),
        slug=ticket.service.slug,
        visit=[names.get(key, "") for key in ticket.visit_services if key != ticket.service_id],
        kind=kind,
        state=state,
        priority=class_words(ticket.priority_class),
        ahead=people_ahead(session, ticket),
        counters=serving_counters(session, ticket.hall_id, ticket.service_id),
        why=call_words(session, ticket),
        chapters=_chapters(session, list(events), names),
        past=ticket.local_day < current_region().today(),
        phone=mask_phone(ticket.phone) or None,
        came=next((event.at for event in events if event.kind == CHECK_IN), None),
    )


def _chapters(session: Session, events: list[TicketEvent], names: dict[int, str]) -> list[Chapter]:
    people = {event.actor_id for event in events if event.actor_kind == "staff"}
    staff = dict(session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(people))).all())
    desks = {event.counter_id for event in events if event.counter_id}
    numbers = dict(session.execute(select(Counter.id, Counter.number).where(Counter.id.in_(desks))).all())
    return [Chapter(event.at, _title(event, numbers), _body(event, staff, names) or None) for event in events]


def _title(event: TicketEvent, numbers: dict[int, int]) -> str:
    if event.kind == "issue":
        return f"Nomor diberikan {CHANNELS.get(event.data.get('channel', ''), '')}".strip()
    title = TITLES.get(event.kind, event.kind)
    if event.kind == "resume" and event.state == TicketState.SERVING:
        title = "Dilanjutkan"
    if event.data.get("finished"):
        title = "Selesai, lanjut ke layanan berikutnya"
    if event.data.get("waived"):
        title = "Selesai tanpa layanan berikutnya"
    place = numbers.get(event.counter_id or 0)
    return f"{title} di loket {place}" if place and event.kind in {"call", "recall", "resume"} else title


def _body(event: TicketEvent, staff: dict[int, str], names: dict[int, str]) -> str:
    parts = []
    if "paper" in event.data:
        at = event.data.get("at")
        parts.append(f"Menurut lembar kertas, pukul {_hour(at)}" if at else "Menurut lembar kertas")
    if event.data.get("out_of_order"):
        parts.append(f"Di luar urutan: {category_words(event.data.get('category'))}")
    if event.kind == "reclassify":
        to = class_words(event.data.get("to")) or "Bukan prioritas"
        parts.append(f"Menjadi {to.lower()}")
        if event.data.get("raised"):
            parts.append(raised_words(event.data.get("category")))
    if event.kind == "represent":
        parts.append(BASES.get(event.data.get("basis", ""), ""))
    target = event.data.get("to_service")
    if target and target != event.data.get("from_service", target):
        parts.append(f"Ke {names.get(target, 'layanan lain')}")
    if event.reason == BY_HOLDER:
        parts.append("Atas permintaan pemegang nomor")
    elif event.reason:
        parts.append(event.reason)
    who = staff.get(event.actor_id or 0) if event.actor_kind == "staff" else None
    if who:
        parts.append(f"oleh {who}")
    return ", ".join(parts)


def _hour(text: str) -> str:
    return clock(dt.datetime.fromisoformat(text))
