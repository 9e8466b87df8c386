"""Asking for a correction, and deciding it within 72 hours (Pasal 30 UU 27/2022)."""

from __future__ import annotations

import datetime as dt
import unicodedata

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, undefer

from mpp import audit
from mpp.database.session import read, write
from mpp.i18n import gettext as _
from mpp.storage.service import clean, keep
from tenants.privacy import files
from tenants.privacy.errors import AlreadyAskedError, BadWishError, DecidedError, NotYoursError
from tenants.privacy.models import RequestState, RightsRequest
from tenants.privacy.owner import Owner, living_profile, own_requests, own_tickets
from tenants.queueing.errors import BadHolderError, BadPhoneError
from tenants.queueing.models import Ticket
from tenants.queueing.policies import clean_holder, clean_phone

# Pasal 30 ayat (1) and 32: three times 24 hours from the request, at any day of the week.
TIME = dt.timedelta(hours=72)
SHORTEST, LONGEST = 5, 500
FIELDS = ("holder", "phone", "other")


def ask(
    owner: Owner, field: str, wanted: str, ticket_id: int | None = None, document: bytes | None = None
) -> RightsRequest:
    """Keep a person's wish, with a document that shows it, and start its clock.

    Raises BadWishError, NotYoursError, AlreadyAskedError; of the document FileRefusedError.
    """
    text = _clean(field, wanted)
    # Scanning and looking through may take seconds: not while rows are held.
    checked = clean(document) if document is not None else None
    try:
        with write() as session:
            request = RightsRequest(
                **_about(session, owner, field, ticket_id), field=field, wanted=text,
                due_at=dt.datetime.now(tz=dt.UTC) + TIME,
            )  # fmt: skip
            session.add(request)
            session.flush()
            if checked is not None:
                keep(session, checked, subject=files.subject(request.id), purpose=files.PURPOSE)
            _tell(session, "rights.ask", request)
            return request
    except IntegrityError as error:
        if "uq_rights_request_open" not in str(error.orig):
            raise
        raise AlreadyAskedError from None


def take_back(owner: Owner, request_id: int) -> None:
    """Let the person drop a wish that nobody has decided yet. Raises NotYoursError, DecidedError."""
    with write() as session:
        mine = own_requests(owner, own_tickets(session, owner))
        known = session.scalar(select(RightsRequest.id).where(RightsRequest.id == request_id, mine))
        if known is None:
            raise NotYoursError
        request = _open(session, request_id)
        request.state, request.decided_at = RequestState.WITHDRAWN.value, dt.datetime.now(tz=dt.UTC)
        files.forget(session, files.with_request(session, request.id))
        _tell(session, "rights.take_back", request)


def decide(request_id: int, *, grant: bool, answer: str, staff_id: int) -> None:
    """Carry the wish out, or refuse it with a reason; both are told to the person on their page.

    Raises DecidedError, and BadWishError when a refusal gives no reason.
    """
    words = " ".join(answer.split())[:LONGEST]
    if not grant and len(words) < SHORTEST:
        raise BadWishError("Tulis alasannya: warga berhak tahu mengapa permintaannya ditolak.")
    with write() as session:
        request = _open(session, request_id)
        request.state = (RequestState.GRANTED if grant else RequestState.REFUSED).value
        request.answer, request.decided_by = words or None, staff_id
        request.decided_at = dt.datetime.now(tz=dt.UTC)
        if grant and request.field != "other":
            _carry_out(session, request)
        _tell(session, "rights.grant" if grant else "rights.refuse", request)


def waiting(session: Session) -> list[RightsRequest]:
    """Return what waits for a decision, the most urgent first."""
    return list(
        session.scalars(
            select(RightsRequest).where(RightsRequest.state == RequestState.OPEN)
            .options(joinedload(RightsRequest.ticket)).order_by(RightsRequest.due_at)
        )
    )  # fmt: skip


def decided(session: Session, most: int = 50) -> list[RightsRequest]:
    """Return what was decided lately, newest first."""
    return list(
        session.scalars(
            select(RightsRequest).where(RightsRequest.decided_at.is_not(None))
            .options(joinedload(RightsRequest.ticket)).order_by(RightsRequest.decided_at.desc()).limit(most)
        )
    )  # fmt: skip


def waiting_count() -> int:
    """Return how many wishes wait for a decision."""
    with read() as session:
        query = select(func.count()).where(RightsRequest.state == RequestState.OPEN)
        return session.scalar(query) or 0


def opened(session: Session, request_id: int) -> RightsRequest | None:
    """Return one wish with its words, None when there is none."""
    return session.scalar(
        select(RightsRequest).where(RightsRequest.id == request_id)
        .options(
            undefer(RightsRequest.wanted), undefer(RightsRequest.answer),
            joinedload(RightsRequest.ticket).joinedload(Ticket.hall), joinedload(RightsRequest.profile),
        ),
        execution_options={"populate_existing": True},
    )  # fmt: skip


def _clean(field: str, wanted: str) -> str:
    """Return what is wanted as it would be stored."""
    try:
        if field == "holder":
            return clean_holder(wanted)
        if field == "phone":
            number = clean_phone(wanted)
            return number.e164 if number else ""
    except (BadHolderError, BadPhoneError) as error:
        raise BadWishError(str(error)) from None
    text = "\n".join(" ".join(line.split()) for line in wanted.strip().splitlines())
    if field not in FIELDS or len(text) < SHORTEST:
        raise BadWishError(_("Tulis apa yang perlu dibetulkan, dan menjadi apa."))
    if len(text) > LONGEST:
        raise BadWishError(_("Paling panjang %(most)s huruf.", most=LONGEST))
    if any(unicodedata.category(c).startswith("C") and c != "\n" for c in text):
        raise BadWishError(_("Tulisan berisi tanda yang tidak bisa dibaca. Ketik ulang."))
    return text


def _about(session: Session, owner: Owner, field: str, ticket_id: int | None) -> dict[str, int]:
    """Say what a wish is about: one ticket, or the person."""
    if ticket_id is not None:
        if ticket_id not in own_tickets(session, owner):
            raise NotYoursError
        return {"ticket_id": ticket_id}
    profile = living_profile(session, owner)
    if profile is not None and field == "other":
        return {"profile_id": profile.id}
    raise NotYoursError


def _open(session: Session, request_id: int) -> RightsRequest:
    """Return a wish that still waits, locked: of two decisions at once the second finds it decided."""
    request = session.scalar(
        select(RightsRequest)
        .where(RightsRequest.id == request_id)
        .options(undefer(RightsRequest.wanted))
        .with_for_update(of=RightsRequest),
        execution_options={"populate_existing": True},
    )
    if request is None or request.state != RequestState.OPEN:
        raise DecidedError
    return request


def _carry_out(session: Session, request: RightsRequest) -> None:
    ticket = session.get_one(Ticket, request.ticket_id, with_for_update=True, populate_existing=True)
    if request.field == "holder":
        ticket.holder = request.wanted or ""
    else:
        ticket.phone = request.wanted or None


def _tell(session: Session, action: str, request: RightsRequest) -> None:
    """Write the act down: what kind of thing, never the values."""
    audit.record(session, action=action, subject=f"request:{request.id}", data={"field": request.field})
