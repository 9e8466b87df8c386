"""The frozen value of a region and the context that carries it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from zoneinfo import ZoneInfo

# Names that reach SQL as identifiers. Ours alone, opaque and immutable; checked again at the fence.
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}")
ZONE_LABELS = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}


class NoRegionError(LookupError):
    """Region work was tried without a region: refused before any SQL."""


class WrongRegionError(RuntimeError):
    """One session was about to serve two regions."""


@dataclass(frozen=True, slots=True)
class Region:
    """What the platform needs to know of a region while it serves it."""

    id: int
    code: str
    slug: str
    name: str
    kind: str
    province: str
    schema: str
    role: str
    timezone: str
    locale: str = "id"

    def __post_init__(self) -> None:
        for name in (self.schema, self.role):
            if not IDENTIFIER.fullmatch(name):
                raise ValueError(f"not an identifier of ours: {name!r}")

    @property
    def zone(self) -> ZoneInfo:
        """The region's IANA zone; local days and hours are always in it."""
        return ZoneInfo(self.timezone)

    @property
    def zone_label(self) -> str:
        """WIB, WITA or WIT."""
        return ZONE_LABELS[self.timezone]

    def now(self) -> dt.datetime:
        """The present moment in the region's zone."""
        return dt.datetime.now(tz=self.zone)

    def today(self) -> dt.date:
        """The region's local day."""
        return self.now().date()


_current: ContextVar[Region | None] = ContextVar("region", default=None)


def current_region() -> Region:
    """Return the region being served. Raises NoRegionError outside of one."""
    region = _current.get()
    if region is None:
        raise NoRegionError("no region in this context")
    return region


def region_or_none() -> Region | None:
    """Return the region being served, or None at the centre."""
    return _current.get()


@contextmanager
def region_context(region: Region | None) -> Iterator[None]:
    """Serve `region` inside the block; None leaves every region (work of the centre)."""
    token = _current.set(region)
    try:
        yield
    finally:
        _current.reset(token)
