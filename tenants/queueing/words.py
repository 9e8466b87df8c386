"""What priority classes and calls are called on the screens of staff."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.queueing.exceptions import category_words
from tenants.queueing.models import PriorityClass, Ticket, TicketEvent
from tenants.queueing.rule import BOOKED, PRIORITY


def class_words(priority_class: str | None) -> str | None:
    """Return the words of a priority class, None for everybody else."""
    if priority_class is None:
        return None
    return {
        PriorityClass.ELDERLY: "Lansia",
        PriorityClass.DISABILITY: "Penyandang disabilitas",
        PriorityClass.PREGNANT: "Ibu hamil atau menyusui",
        PriorityClass.INFANT: "Membawa balita",
    }[PriorityClass(priority_class)]


def call_words(session: Session, ticket: Ticket) -> str | None:
    """Return why the rule chose a ticket at its last call, in one line; None when it has none stored."""
    call = session.scalar(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "call")
        .order_by(TicketEvent.id.desc())
        .limit(1)
    )
    rule = call.data.get("rule") if call else None
    if call is None or not rule:
        return None
    if call.data.get("out_of_order"):
        told = category_words(call.data.get("category"))
        return f"Di luar urutan: {told}. {call.reason or ''}".strip()
    if rule["overtaken"]:
        return f"Sudah didahului {rule['max_overtake']} menit, jadi didahulukan."
    passed = rule["position"] - 1
    if not passed:
        return "Datang paling awal."
    kind = {PRIORITY: "Prioritas", BOOKED: "Sudah memesan"}.get(rule["kind"], "Datang langsung")
    share = f"{rule['waited_seconds'] // 60} dari target {rule['target_seconds'] // 60} menit"
    return f"{kind}, {share}. Melewati {passed} yang datang lebih awal."
