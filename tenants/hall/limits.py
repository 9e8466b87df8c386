"""Where a member of staff may work: everywhere in the region, in one hall, for one agency, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Placed(Protocol):
    """Whoever has a hall and an agency that the role is limited to; None = no limit."""

    @property
    def hall_id(self) -> int | None:
        """The hall."""

    @property
    def agency_id(self) -> int | None:
        """The agency."""


@dataclass(frozen=True, slots=True)
class Limits:
    """One hall, one agency; None = any."""

    hall_id: int | None = None
    agency_id: int | None = None

    def hall(self, hall_id: int) -> bool:
        """Whether they reach into a hall. A hall is every agency's."""
        return self.hall_id in (None, hall_id)

    def agency(self, agency_id: int | None) -> bool:
        """Whether they reach to an agency's own things."""
        return self.agency_id in (None, agency_id)

    def holds(self, person: Placed) -> bool:
        """Whether somebody is not another place's: of the whole region, or of a place inside these limits."""
        here = person.hall_id is None or self.hall(person.hall_id)
        return here and (person.agency_id is None or self.agency(person.agency_id))


ANYWHERE = Limits()


def limits_of(person: Placed) -> Limits:
    """Return the limits of a member of staff."""
    return Limits(person.hall_id, person.agency_id)
