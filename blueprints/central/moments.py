"""Moments as the centre reads them: it has no region, so it keeps Jakarta's clock and says so."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from mpp.i18n import short_date

ZONE = ZoneInfo("Asia/Jakarta")


def moment(at: dt.datetime | None) -> str:
    """Return "17 Agu 2026, 10.42 WIB", or "belum pernah"."""
    if at is None:
        return "belum pernah"
    local = at.astimezone(ZONE)
    return f"{short_date(local)}, {local:%H.%M} WIB"


def day(at: dt.date | None) -> str:
    """Return "17 Agu 2026", or "belum ditentukan"."""
    return short_date(at) if at else "belum ditentukan"


def since(at: dt.datetime | None) -> str:
    """Return how long ago, in the largest unit that fits: "3 jam lalu"; "belum pernah" without a moment."""
    if at is None:
        return "belum pernah"
    seconds = int((dt.datetime.now(tz=dt.UTC) - at).total_seconds())
    for size, name in ((86400, "hari"), (3600, "jam"), (60, "menit")):
        if seconds >= size:
            return f"{seconds // size} {name} lalu"
    return "baru saja"
