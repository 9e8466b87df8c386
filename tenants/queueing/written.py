"""People written down on paper without a number of ours: the number is given later, the place in line is kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from mpp.tenancy.region import current_region


@dataclass(frozen=True, slots=True)
class Written:
    """Somebody on paper: of which local day, when they came (aware), and what stands there ("K-7")."""

    day: dt.date
    came: dt.datetime
    label: str

    @property
    def arrived_at(self) -> dt.datetime:
        """The moment of arrival (aware) as the line may count it: within that day, and never in the future."""
        zone = current_region().zone
        first = dt.datetime.combine(self.day, dt.time.min, tzinfo=zone)
        last = dt.datetime.combine(self.day, dt.time.max, tzinfo=zone)
        return min(max(self.came, first), last, current_region().now())
