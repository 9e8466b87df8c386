"""What a ticket's history may look like: the table of legal moves, and a check of a whole history."""

from __future__ import annotations

from collections.abc import Sequence

from tenants.queueing.models import Ticket, TicketEvent

# State and kind of the next row -> state after it.
LEGAL = {
    ("", "issue"): {"waiting"},
    ("waiting", "call"): {"called"},
    ("waiting", "cancel"): {"cancelled"},
    ("waiting", "close_day"): {"cancelled"},
    # A counter that closes lets go whom it was to call.
    ("waiting", "transfer"): {"waiting"},
    ("waiting", "reclassify"): {"waiting"},
    ("called", "reclassify"): {"called"},
    ("serving", "reclassify"): {"serving"},
    ("on_hold", "reclassify"): {"on_hold"},
    ("called", "recall"): {"called"},
    ("called", "start"): {"serving"},
    ("called", "no_show"): {"no_show"},
    ("called", "hold"): {"on_hold"},
    ("called", "transfer"): {"waiting"},
    ("called", "close_day"): {"cancelled"},
    ("serving", "complete"): {"completed"},
    ("serving", "hold"): {"on_hold"},
    ("serving", "transfer"): {"waiting"},
    ("serving", "close_day"): {"completed"},
    ("on_hold", "resume"): {"waiting", "serving"},
    ("on_hold", "transfer"): {"waiting"},
    ("on_hold", "cancel"): {"cancelled"},
    ("on_hold", "close_day"): {"cancelled"},
    ("no_show", "reactivate"): {"waiting"},
}


def assert_legal(history: Sequence[TicketEvent], ticket: Ticket) -> None:
    """Every row follows from the one before, ends where the ticket stands, and comes back at most once."""
    state = ""
    for event in history:
        after = LEGAL.get((state, event.kind))
        assert after is not None and event.state in after, [(e.kind, e.state) for e in history]
        state = event.state
    assert state == ticket.state
    assert [e.kind for e in history].count("reactivate") == int(ticket.reactivated)
    assert [e.at for e in history] == sorted(e.at for e in history)
