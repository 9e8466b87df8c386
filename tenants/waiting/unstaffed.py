"""Services at whose counters nobody sits: whom they could still serve before closing if they opened now. Pure, no SQL.

No wait can be told of them, for nobody knows when an officer comes; but what can't fit any more is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tenants.queueing.rule import begins
from tenants.waiting.state import Person, Unstaffed


@dataclass(frozen=True, slots=True)
class Beyond:
    """Who can't be served any more today: ids of people in line, and services for which no newcomer can."""

    people: frozenset[int] = frozenset()
    newcomers: frozenset[int] = frozenset()


def beyond(services: Mapping[int, Unstaffed], waiting: Sequence[Person]) -> Beyond:
    """Return whom the counters of unstaffed services can't reach, each line taken by arrival."""
    lines: dict[int, list[Person]] = defaultdict(list)
    for person in waiting:
        if person.service_id in services:
            lines[person.service_id].append(person)
    people = {
        person.id
        for service, line in lines.items()
        for ahead, person in enumerate(sorted(line, key=lambda p: (begins(p), p.number, p.id)))
        if not services[service].fits(ahead)
    }
    full = {service for service, known in services.items() if not known.fits(len(lines[service]))}
    return Beyond(frozenset(people), frozenset(full))
