"""Words of powers: what they cover, how they stand, what was done by them and when."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from mpp.citizens.powers import AGENCY, CAPITAL, Power
from mpp.citizens.powers_models import PowerState
from mpp.i18n import gettext as _
from mpp.i18n import short_date
from mpp.tenancy.region import ZONE_LABELS
from tenants.catalogue import choices


def words() -> dict[str, object]:
    """Return what the pages of powers say: states, scopes, acts, names of services, and moments."""
    groups = choices.groups()
    names = {slug: name for group in groups for slug, name in group.services}
    names |= {AGENCY + group.slug: _("Semua layanan %(agency)s", agency=group.name) for group in groups}

    def scope(shown: Power) -> list[str]:
        return [names.get(word, word) for word in shown.row.scope] or [_("Semua layanan")]

    states = {
        PowerState.OFFERED: ("info", _("Menunggu jawaban")),
        PowerState.LAPSED: ("muted", _("Tidak dijawab")),
        PowerState.REFUSED: ("muted", _("Ditolak")),
        PowerState.AHEAD: ("info", _("Belum mulai")),
        PowerState.HOLDS: ("success", _("Berlaku")),
        PowerState.EXPIRED: ("muted", _("Sudah berakhir")),
        PowerState.REVOKED: ("muted", _("Dicabut")),
        PowerState.RETURNED: ("muted", _("Dikembalikan")),
    }
    acts = {"ticket.take": _("Mengambil nomor antrean")}
    return {"states": states, "scope": scope, "acts": acts, "names": names, "moment": moment}


def moment(at: dt.datetime, timezone: str = CAPITAL.key) -> str:
    """Return "17 Agu 2026, 10.42 WITA": by the clock of the place where it was done."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{short_date(local)}, {local:%H.%M} {ZONE_LABELS[timezone]}"
