"""Days lived through the real service layer on a clock that moves.

Few days, so that this takes seconds; `make bench` lives enough of them for a standard error of 0.02.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from sqlalchemy import select

from mpp.database.session import read
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing.models import TicketEvent
from tenants.waiting.models import WaitAnnouncement
from tests.simulator.judging import judge
from tests.simulator.lived import LivedVerdict, judge_lived
from tests.simulator.parameters import small_hall
from tests.support.hall import at

# Of the family "unseen", not looked at while the estimate was made.
HALLS = range(70_000, 70_004)
# Of the coverage of four lived days, each in a hall of its own, and of its difference from the same pure days: both as
# measured on 28 other lived days.
STANDARD_ERROR = 0.063
DIFFERENCE_ERROR = 0.037


@pytest.fixture
def lived(app: Platform, bukittinggi: Region, settings: Settings) -> LivedVerdict:
    return judge_lived(app, bukittinggi, settings, HALLS)


@pytest.mark.long
def test_announcements_of_lived_days_hold(lived: LivedVerdict, app: Platform, bukittinggi: Region) -> None:
    pure = judge("unseen", HALLS, make=small_hall)
    print("\n".join([str(lived.happened), *lived.lines(), pure.ours.line("the same, pure")]))
    # Three standard errors around what is promised, 0.75 to 0.85.
    assert 0.75 - 3 * STANDARD_ERROR <= lived.ours.coverage <= 0.85 + 3 * STANDARD_ERROR
    # The same days without the service layer: what differs is how it plays, not how the days are.
    assert abs(lived.ours.coverage - pure.ours.coverage) <= 3 * DIFFERENCE_ERROR
    for rival in lived.rivals.values():
        assert rival.coverage < lived.ours.coverage - 0.15
        assert rival.error > lived.ours.error
    for what in ("completed", "missed", "parked", "gave up", "pause", "silent pause"):
        assert lived.happened.get(what), f"a day without anybody {what} shows less than a day"
    _check_log(app, bukittinggi)


def _check_log(app: Platform, region: Region) -> None:
    """What was logged is what was shown, each change once, scored against the call that came."""
    with at(app, region), read() as session:
        rows = session.scalars(select(WaitAnnouncement).order_by(WaitAnnouncement.id)).all()
        events = session.scalars(
            select(TicketEvent)
            .where(TicketEvent.kind.in_(("call", "cancel", "close_day")))
            .order_by(TicketEvent.at)
        ).all()
    ends: dict[int, list[TicketEvent]] = {}
    for event in events:
        ends.setdefault(event.ticket_id, []).append(event)
    turns: dict[int, list[WaitAnnouncement]] = {}
    for row in rows:
        turns.setdefault(row.ticket_id, []).append(row)
        end = next(event for event in ends[row.ticket_id] if event.at > row.at)
        assert row.scored_at is not None
        if end.kind == "call":
            assert row.real is not None and abs((end.at - row.at).total_seconds() - row.real) <= 1
        else:
            assert row.real is None
    for announced in turns.values():
        assert [r.turn for r in announced] == list(range(1, len(announced) + 1))
        shown = [(r.low, r.high, r.method) for r in announced]
        assert all(a != b for a, b in pairwise(shown)), "logged only when it changes"
