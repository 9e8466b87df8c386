"""The dot map: regions where their coordinates put them, drawn by the server, without an outline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mpp.tenancy.models import RegionState
from tenants.registry.console import RegionRow

WEST, EAST = 94.0, 142.0
NORTH, SOUTH = 7.0, -12.0
UNITS_A_DEGREE = 20
EVERY_DEGREES = 6
SMALLEST, LARGEST = 6.0, 12.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A region on the map; radius grows with the root of today's tickets, so that the area tells the number."""

    row: RegionRow
    x: float
    y: float
    radius: float

    @property
    def kind(self) -> str:
        """The class of the dot: what stalls comes before the state."""
        return "stalls" if self.row.stalls else self.row.record.state


@dataclass(frozen=True, slots=True)
class Map:
    """The whole drawing in its own units: north is up, a degree is the same both ways (we are at the equator)."""

    width: int
    height: int
    dots: Sequence[Dot]
    meridians: Sequence[tuple[float, str]]
    parallels: Sequence[tuple[float, str]]
    missing: int


def country_map(rows: Iterable[RegionRow]) -> Map:
    """Return the map of these regions; `missing` counts those without coordinates."""
    rows = list(rows)
    most = max((row.today for row in rows), default=0) or 1
    dots = [
        Dot(
            row,
            round(_x(row.record.longitude), 1),
            round(_y(row.record.latitude), 1),
            round(SMALLEST + (LARGEST - SMALLEST) * (row.today / most) ** 0.5, 1),
        )
        for row in rows
        if row.record.longitude is not None and row.record.latitude is not None
    ]
    # Large ones first, so that none hides a smaller neighbour; what needs a look lies on top.
    dots.sort(key=lambda dot: (dot.kind != RegionState.ACTIVE, -dot.radius))
    return Map(
        width=round(_x(EAST)),
        height=round(_y(SOUTH)),
        dots=dots,
        meridians=[(_x(float(lon)), f"{lon}° BT") for lon in range(96, int(EAST), EVERY_DEGREES)],
        parallels=[(_y(float(lat)), _latitude(lat)) for lat in range(6, int(SOUTH), -EVERY_DEGREES)],
        missing=len(rows) - len(dots),
    )


def _x(longitude: float) -> float:
    return (longitude - WEST) * UNITS_A_DEGREE


def _y(latitude: float) -> float:
    return (NORTH - latitude) * UNITS_A_DEGREE


def _latitude(degrees: int) -> str:
    return "0°" if degrees == 0 else f"{abs(degrees)}° {'LU' if degrees > 0 else 'LS'}"
