"""The rule that a hall has given itself: read it, change it by a new row, see its history."""

from __future__ import annotations

from dataclasses import asdict, fields

from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.database.session import write
from tenants.hall.models import Counter, QueueRule
from tenants.hall.service import locked_hall
from tenants.queueing.errors import NoReasonError, RuleValueError
from tenants.queueing.rule import Rule

NAMES = tuple(field.name for field in fields(Rule))
# Least and most of each value; a day of the longest targets still fits the rank's whole numbers.
RANGES: dict[str, tuple[int, int]] = {
    "target_priority": (1, 240),
    "target_booked": (1, 240),
    "target_walk_in": (1, 240),
    "max_priority_streak": (1, 10),
    "max_overtake": (5, 240),
    "recall_gap_seconds": (5, 300),
    "recall_max": (0, 10),
    "quick_minutes": (1, 120),
    "idle_minutes": (5, 240),
    "near_calls": (1, 20),
}
LONGEST_REASON = 200


def current_rule(session: Session, hall_id: int) -> Rule:
    """Return the rule that holds in a hall now: its newest row, or the default."""
    row = session.scalar(
        select(QueueRule).where(QueueRule.hall_id == hall_id).order_by(QueueRule.id.desc()).limit(1)
    )
    return rule_of(row) if row else Rule()


def rule_at(session: Session, counter_id: int) -> Rule:
    """Return the rule that holds at a counter now."""
    rows = (
        select(QueueRule).join(Counter, Counter.hall_id == QueueRule.hall_id).where(Counter.id == counter_id)
    )
    row = session.scalar(rows.order_by(QueueRule.id.desc()).limit(1))
    return rule_of(row) if row else Rule()


def rule_of(row: QueueRule) -> Rule:
    """Return the values of a row."""
    return Rule(**{name: getattr(row, name) for name in NAMES})


def history(session: Session, hall_id: int, most: int = 20) -> list[QueueRule]:
    """Return the rules that a hall has had, newest first."""
    query = select(QueueRule).where(QueueRule.hall_id == hall_id).order_by(QueueRule.id.desc()).limit(most)
    return list(session.scalars(query))


def check(rule: Rule) -> None:
    """Raise RuleValueError when a value is out of range."""
    for name, (least, most) in RANGES.items():
        if not least <= getattr(rule, name) <= most:
            raise RuleValueError(f"Isi angka antara {least} dan {most}.", name)


def save_rule(hall_id: int, rule: Rule, reason: str) -> QueueRule:
    """Let `rule` hold in a hall from the next call on. Raises RuleValueError, NoReasonError, UnknownHallError."""
    check(rule)
    why = " ".join(reason.split())[:LONGEST_REASON]
    if not why:
        raise NoReasonError("Tulis alasan perubahan, supaya petugas dan warga bisa memahaminya.")
    with write() as session:
        locked_hall(session, hall_id)
        before = current_rule(session, hall_id)
        who = audit.actor.get()
        row = QueueRule(
            hall_id=hall_id, staff_id=who.id if who.kind == "staff" else None, reason=why, **asdict(rule)
        )
        session.add(row)
        old, new = asdict(before), asdict(rule)
        changed = [name for name in NAMES if old[name] != new[name]]
        told = {
            "before": {n: old[n] for n in changed},
            "after": {n: new[n] for n in changed},
            "reason": why,
        }
        audit.record(session, action="queue.rule", subject=f"hall:{hall_id}", data=told)
        session.flush()
        return row
