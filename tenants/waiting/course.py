"""One course of the hall with the real rule asked at every call: who is called, in which order. Pure, no SQL."""

from __future__ import annotations

import datetime as dt
import heapq
from collections import deque
from collections.abc import Iterable, Sequence

from tenants.queueing.rule import BOOKED, PRIORITY, WALK_IN, begins
from tenants.waiting.state import NEVER, Desk, Order, Person, State, Tables

KINDS = (PRIORITY, BOOKED, WALK_IN)
# A counter that finds nobody looks again when the next person is expected; at the earliest after so many seconds.
LOOK_AGAIN = 1.0


class Memory:
    """What the rule remembers of a course: priority calls in a row by letter, and who was passed over for long."""

    def __init__(self, state: State) -> None:
        self.streaks = dict(state.streaks)
        self.horizons: dict[int, dt.datetime] = {}
        self._recent = deque(state.called)
        self._bound = state.rule.bound

    def at(self, moment: dt.datetime) -> None:
        """Move on to a moment: older calls count as overtaking from now on."""
        while self._recent and self._recent[0][0] <= moment - self._bound:
            _at, began, services = self._recent.popleft()
            for service in services:
                self.horizons[service] = max(began, self.horizons.get(service, began))

    def call(self, moment: dt.datetime, person: Person, desk: Desk) -> None:
        """Remember a call."""
        priority = person.kind == PRIORITY
        self.streaks[desk.group] = self.streaks.get(desk.group, 0) + 1 if priority else 0
        self._recent.append((moment, begins(person), desk.serves))


Line = deque[tuple[dt.datetime, Person]]


class Lines:
    """People by service, kind and counter; in each of these lines the rule goes by arrival alone."""

    def __init__(self, people: Iterable[Person], expected: Iterable[Person]) -> None:
        self._lines: dict[tuple[int, str, int | None], Line] = {}
        for person in expected:
            self._lines[person.service_id, person.kind, person.only] = deque()
        for since, person in sorted(
            ((begins(p), p) for p in people), key=lambda x: (x[0], x[1].number, x[1].id)
        ):
            self._lines.setdefault((person.service_id, person.kind, person.only), deque()).append(
                (since, person)
            )
        self._seen: dict[int, tuple[tuple[Line, ...], ...]] = {}

    def add(self, person: Person) -> None:
        """Let somebody expected stand at the end of their line."""
        self._lines[person.service_id, person.kind, person.only].append((begins(person), person))

    def heads(self, desk: Desk) -> list[Person]:
        """Of each kind the one whom a counter would look at: who began to wait first."""
        seen = self._seen.get(desk.key)
        if seen is None:
            seen = self._seen[desk.key] = self._looked_at(desk)
        found = []
        for lines in seen:
            first: tuple[dt.datetime, Person] | None = None
            for line in lines:
                if line and (first is None or line[0][0] < first[0]):
                    first = line[0]
            if first is not None:
                found.append(first[1])
        return found

    def take(self, person: Person) -> None:
        """Take the head of a line out."""
        self._lines[person.service_id, person.kind, person.only].popleft()

    def _looked_at(self, desk: Desk) -> tuple[tuple[Line, ...], ...]:
        """By kind the lines that a counter calls from."""
        return tuple(
            tuple(
                line
                for (service, own, only), line in self._lines.items()
                if own == kind and service in desk.serves and only in (None, desk.key)
            )
            for kind in KINDS
        )


def calls(state: State, people: Sequence[Person], by: Order, tables: Tables) -> list[Person]:
    """Return who is called, in order of the calls, those who come meanwhile among them.

    Whoever no counter reaches before it closes comes last.
    """
    lines, memory = Lines(people, state.expected), Memory(state)
    coming = deque(sorted(state.expected, key=lambda p: p.arrived_at))
    desks = {desk.key: desk for desk in state.desks}
    free = [(tables.free_at(desk), desk.key) for desk in state.desks]
    heapq.heapify(free)
    left, called = len(people), []
    while free and left:
        seconds, key = heapq.heappop(free)
        if seconds == NEVER:
            break
        moment, desk = state.moment + dt.timedelta(seconds=seconds), desks[key]
        while coming and coming[0].arrived_at <= moment:
            lines.add(coming.popleft())
        heads = lines.heads(desk)
        if not heads:
            if coming:
                until = (coming[0].arrived_at - state.moment).total_seconds()
                heapq.heappush(free, (max(seconds, until) + LOOK_AGAIN, key))
            continue
        memory.at(moment)
        chosen = heads[0]
        if len(heads) > 1:
            chosen = by(heads, state.rule, moment, memory.streaks.get(desk.group, 0), memory.horizons)[0]
        lines.take(chosen)
        memory.call(moment, chosen, desk)
        called.append(chosen)
        left -= chosen.arrived_at <= state.moment
        then = tables.after_rest(seconds + tables.seconds(chosen.service_id))
        heapq.heappush(free, (then if then < desk.until else NEVER, key))
    reached = {id(person) for person in called}
    return called + [person for person in people if id(person) not in reached]
