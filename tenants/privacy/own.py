"""All that this region holds about one person, why, until when, who looked, who acted (UU 27/2022)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, undefer

from mpp.accounts.models import Role, Staff
from mpp.accounts.staff import ROLE_WORDS
from mpp.audit import AuditEntry
from mpp.crypto.disclosure import ACTION, WHY_WORDS
from mpp.crypto.masks import mask_nik, mask_phone, whole_phone
from mpp.i18n import gettext as _
from mpp.i18n import short_date
from mpp.privacy.dossier import Dossier, Fact, Look, Record, Section
from mpp.privacy.kinds import kind
from mpp.privacy.leaks import to_person
from mpp.storage.kinds import Kind as FileKind
from mpp.storage.models import StoredFile
from mpp.tenancy.region import current_region
from tenants.catalogue.models import Agency
from tenants.privacy import files, own_acting
from tenants.privacy.leaks import REGION
from tenants.privacy.models import LeakNotice, RequestState, RightsRequest
from tenants.privacy.owner import Owner, living_profile, own_requests, own_tickets
from tenants.privacy.words import FIELD_WORDS, FILE_WORDS, STATE_WORDS
from tenants.queueing.models import Ticket, TicketEvent, TicketState
from tenants.queueing.queries import service_names
from tenants.queueing.words import class_words
from tenants.reception.story import CHANNELS, STATES, TITLES
from tenants.waiting.models import TicketMessage

# What the audit log calls a covered value, and what its owner reads.
FIELDS = {
    "phone": "Nomor HP",
    "nik": "NIK",
    "name": "Nama",
    "file": "Berkas",
    "record": "Profil, nomor tertutup",
    "kk": "Nomor KK",
}


@dataclass(frozen=True, slots=True)
class Mine:
    """The dossier, and the rows that its page acts on."""

    dossier: Dossier
    tickets: Sequence[Ticket]
    requests: Sequence[RightsRequest]
    files: Sequence[StoredFile]


def mine(session: Session, owner: Owner) -> Mine:
    """Return everything this region holds about the person."""
    ids = own_tickets(session, owner)
    tickets = session.scalars(
        select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id.desc())
        .options(joinedload(Ticket.hall), undefer(Ticket.phone))
    ).all()  # fmt: skip
    requests = session.scalars(
        select(RightsRequest).where(own_requests(owner, ids)).order_by(RightsRequest.id.desc())
        .options(undefer(RightsRequest.wanted), undefer(RightsRequest.answer), joinedload(RightsRequest.ticket))
    ).all()  # fmt: skip
    names = service_names(session, {ticket.service_id for ticket in tickets})
    sent = files.own(session, owner)
    sections = [
        Section(kind("profile"), _profile(session, owner)),
        Section(kind("ticket.person"), [_ticket(ticket, names, owner) for ticket in tickets]),
        Section(kind("ticket.class"), [_class(ticket) for ticket in tickets if ticket.priority_class]),
        Section(kind("ticket.history"), _history(session, tickets)),
        Section(kind("ticket.message"), _messages(session, tickets)),
        Section(kind("acting"), own_acting.helps(session, owner)),
        Section(kind("rights"), [_request(request) for request in requests]),
        Section(kind("files"), [_file(file) for file in sent]),
    ]
    titles = {ticket.id: ticket_title(ticket) for ticket in tickets}
    dossier = Dossier(
        place=f"MPP {current_region().name}", made_at=current_region().now(), sections=sections,
        looks=_looks(session, owner, tickets, requests), acts=own_acting.acts(session, owner, titles),
        notices=_notices(session, owner, ids),
    )  # fmt: skip
    return Mine(dossier, tickets, requests, sent)


def _phone(value: str | None) -> Fact:
    whole = whole_phone(value) if value else None
    return Fact("phone", _("Nomor HP"), whole, mask_phone(value) if value else None)


def _profile(session: Session, owner: Owner) -> list[Record]:
    profile = living_profile(session, owner)
    if profile is None:
        return []
    facts = [
        Fact("name", _("Nama"), profile.name),
        _phone(profile.phone),
        Fact("nik", "NIK", profile.nik, mask_nik(profile.nik) if profile.nik else None),
        Fact("agreed_at", _("Anda setuju pada"), profile.consented_at),
        Fact("withdrawn_at", _("Persetujuan ditarik pada"), profile.withdrawn_at),
    ]
    return [Record(_("Profil"), [fact for fact in facts if fact.value is not None])]


def ticket_title(ticket: Ticket) -> str:
    """Return what a page calls one of the person's numbers: the number and its day."""
    return _("Nomor %(number)s, %(day)s", number=ticket.label, day=short_date(ticket.local_day))


def _ticket(ticket: Ticket, names: Mapping[int, str], owner: Owner) -> Record:
    facts = [
        Fact("service", _("Layanan"), names.get(ticket.service_id, "")),
        Fact("hall", _("Gedung"), ticket.hall.name),
        Fact("day", _("Hari"), ticket.local_day),
        Fact("holder", _("Nama yang ditulis"), ticket.holder),
        _phone(ticket.phone),
        Fact("taken", _("Diambil"), ticket.issued_at),
        Fact("channel", _("Cara mengambil"), CHANNELS.get(ticket.channel, ticket.channel)),
        Fact("state", _("Keadaan"), STATES[TicketState(ticket.state)][1]),
    ]
    if owner.ticket_id is not None and ticket.phone:
        # A link may have been seen by others; the number goes only to whom it answers.
        facts[4] = Fact("phone", _("Nomor HP"), mask_phone(ticket.phone))
    return Record(ticket_title(ticket), facts, ref=str(ticket.id))


def _class(ticket: Ticket) -> Record:
    return Record(
        ticket_title(ticket), [Fact("class", _("Kelas prioritas"), class_words(ticket.priority_class) or "")]
    )


def _history(session: Session, tickets: Sequence[Ticket]) -> list[Record]:
    events: dict[int, list[Fact]] = {}
    query = select(TicketEvent).where(TicketEvent.ticket_id.in_([t.id for t in tickets]))
    for event in session.scalars(query.order_by(TicketEvent.id)):
        facts = events.setdefault(event.ticket_id, [])
        facts.append(
            Fact(f"{len(facts) + 1:02d} {event.kind}", TITLES.get(event.kind, _("Diambil")), event.at)
        )
    return [Record(ticket_title(ticket), events[ticket.id]) for ticket in tickets if ticket.id in events]


def _messages(session: Session, tickets: Sequence[Ticket]) -> list[Record]:
    query = select(TicketMessage).where(TicketMessage.ticket_id.in_([t.id for t in tickets]))
    return [
        Record(
            _("Pesan"), [Fact("sent", _("Dikirim"), row.posted_at), Fact("text", _("Isi"), row.body)]
        )
        for row in session.scalars(query.order_by(TicketMessage.id.desc()))
    ]  # fmt: skip


def covered(request: RightsRequest) -> str:
    """Return what was asked for as a screen shows it: a number covered."""
    wanted = request.wanted or ""
    return mask_phone(wanted) if request.field == "phone" else wanted


def _request(request: RightsRequest) -> Record:
    facts = [
        Fact("field", _("Yang diminta"), _(FIELD_WORDS[request.field])),
        Fact("wanted", _("Menjadi"), request.wanted, covered(request)),
        Fact("asked", _("Diminta"), request.created_at),
        Fact("due", _("Paling lambat dijawab"), request.due_at),
        Fact("state", _("Keadaan"), _(STATE_WORDS[RequestState(request.state)])),
        Fact("answer", _("Jawaban"), request.answer),
    ]
    return Record(_("Permintaan perbaikan"), [fact for fact in facts if fact.value is not None])


def _file(file: StoredFile) -> Record:
    facts = [
        Fact("type", _("Jenis"), _(FILE_WORDS[FileKind(file.content_type)])),
        Fact("kilobytes", _("Besar (kB)"), -(-file.size // 1000)),
        Fact("sent", _("Dikirim"), file.created_at),
    ]
    return Record(_("Berkas %(number)s", number=file.id), facts, ref=str(file.id))


def _looks(
    session: Session, owner: Owner, tickets: Sequence[Ticket], requests: Sequence[RightsRequest]
) -> list[Look]:
    subjects = [f"ticket:{ticket.id}" for ticket in tickets]
    subjects += [files.subject(request.id) for request in requests]
    if owner.profile_id is not None:
        subjects.append(f"profile:{owner.profile_id}")
    rows = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.action == ACTION, AuditEntry.subject.in_(subjects))
        .order_by(AuditEntry.id.desc())
    ).all()
    offices = _offices(session, {row.actor_id for row in rows if row.actor_kind == "staff" and row.actor_id})
    return [
        Look(
            row.at,
            offices.get(row.actor_id or 0, _("Petugas MPP"))
            if row.actor_kind == "staff"
            else _("Petugas pusat"),
            _(FIELDS.get(row.data.get("field", "").partition(":")[0], "Data tertutup")),
            _(WHY_WORDS.get(row.data.get("purpose", ""), "Keperluan tidak tercatat")),
        )
        for row in rows
    ]


def _offices(session: Session, ids: set[int]) -> dict[int, str]:
    """From a member of staff to the name of the office: the role and whose people they are, never the person's name."""
    query = (
        select(Staff.id, Staff.role, Agency.short_name)
        .outerjoin(Agency, Agency.id == Staff.agency_id)
        .where(Staff.id.in_(ids))
    )
    hall = f"MPP {current_region().name}"
    return {
        key: f"{_(ROLE_WORDS[Role(role)]).capitalize()}, {agency or hall}"
        for key, role, agency in session.execute(query)
    }


def _notices(session: Session, owner: Owner, tickets: list[int]) -> Sequence[tuple[dt.datetime, str]]:
    mine_too: ColumnElement[bool] = LeakNotice.ticket_id.in_(tickets)
    if owner.profile_id is not None:
        mine_too = mine_too | (LeakNotice.profile_id == owner.profile_id)
    query = (
        select(LeakNotice)
        .where(mine_too, LeakNotice.told_at.is_not(None))
        .options(joinedload(LeakNotice.leak))
    )
    found = session.scalars(query.order_by(LeakNotice.id))
    # A person with several tickets may have been told once for each; the words are the same.
    return tuple({n.leak_id: (n.told_at, to_person(REGION, n.leak)) for n in found if n.told_at}.values())
