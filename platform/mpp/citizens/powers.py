"""Powers of attorney (surat kuasa) between two accounts: offered, accepted, revoked, given back.

The rules are those of lastgeving, Kitab Undang-Undang Hukum Perdata articles 1792-1819: a power is an agreement and
needs the holder's acceptance (1792, 1793); it is special or general (1795); the holder does nothing beyond it (1797);
the giver ends it whenever they like (1813, 1814); the holder may give it back (1817). Ours is narrower: for acts on
this platform only, for a year at most, never handed on to a third person.

As with families, nobody is looked up by a telephone number: an offer waits at the number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import Session, aliased

from mpp import audit
from mpp.citizens import proofs
from mpp.citizens.acting_errors import ActingError, LimitError, NotYoursError
from mpp.citizens.invitations import INVITED_FOR, check_invitations, tell_invited
from mpp.citizens.models import Citizen
from mpp.citizens.person import clean_name, clean_phone
from mpp.citizens.powers_models import PowerOfAttorney, PowerState
from mpp.crypto.types import same
from mpp.database.session import central_write
from mpp.i18n import gettext as _
from mpp.tenancy.models import RegionRecord, RegionState

# Days of a power that holds in every region are shown by the capital's clock; used, they are the region's own.
CAPITAL = ZoneInfo("Asia/Jakarta")
MOST_POWERS = 20
FURTHEST_START = dt.timedelta(days=90)
SHORTEST_REASON, LONGEST_REASON = 5, 300
AGENCY = "instansi:"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a giver writes. `scope` are slugs of services and "instansi:<slug>"; empty = everything."""

    phone: str
    name: str
    reason: str
    starts_on: dt.date
    ends_on: dt.date
    scope: tuple[str, ...] = ()
    region_id: int | None = None


@dataclass(frozen=True, slots=True)
class Power:
    """A power as one of the two sees it: the other one's name, and the region where it holds (None = everywhere)."""

    row: PowerOfAttorney
    other: str
    region: str | None
    state: PowerState

    @property
    def going(self) -> bool:
        """Whether it holds, will hold, or waits for an answer."""
        return self.state in {PowerState.OFFERED, PowerState.AHEAD, PowerState.HOLDS}


def today() -> dt.date:
    """Return the capital's local day, from which a new power may begin."""
    return dt.datetime.now(tz=CAPITAL).date()


def latest_end(starts_on: dt.date) -> dt.date:
    """Return the last day on which a power that begins on `starts_on` may hold: a year later."""
    try:
        return starts_on.replace(year=starts_on.year + 1)
    except ValueError:
        return starts_on.replace(year=starts_on.year + 1, day=28)


def regions(session: Session) -> list[tuple[int, str]]:
    """Return the regions that a power may be limited to: (id, name), by name."""
    query = select(RegionRecord.id, RegionRecord.name).where(RegionRecord.state == RegionState.ACTIVE)
    return [(key, name) for key, name in session.execute(query.order_by(RegionRecord.name))]


def offer(giver_id: int, at: int, draft: Draft, known: Iterable[str]) -> PowerOfAttorney:
    """Offer a power to whoever answers at a telephone number, from the browser of session `at`.

    `known` are the words that a scope may have. Raises AccountError with the field at fault, and NeedProofError: who
    finds a telephone unlocked does not get a power over its owner.
    """
    reason = " ".join(draft.reason.split())
    scope = sorted(set(draft.scope))
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise ActingError(_("Tulis untuk apa kuasa ini, 5 sampai 300 huruf."), "reason")
    if set(scope) - set(known):
        raise ActingError(_("Pilih layanan dari daftar."), "services")
    _check_days(draft.starts_on, draft.ends_on)
    phone = clean_phone(draft.phone)
    values = {"holder_name": clean_name(draft.name), "phone": phone, "scope": scope, "reason": reason}
    # The account stays locked until the end: one offer at a time, so that the limits hold.
    with proofs.changing(giver_id, at) as change:
        session = change.session
        check_invitations(session, giver_id, phone)
        if draft.region_id is not None and session.get(RegionRecord, draft.region_id) is None:
            raise ActingError(_("Pilih daerah dari daftar."), "region")
        if sum(power.going for power in given(session, giver_id)) >= MOST_POWERS:
            raise LimitError(_("Paling banyak %(most)s kuasa yang berlaku bersamaan.", most=MOST_POWERS))
        row = PowerOfAttorney(
            giver_id=giver_id, region_id=draft.region_id, starts_on=draft.starts_on, ends_on=draft.ends_on,
            offered_until=_now() + INVITED_FOR, **values,
        )  # fmt: skip
        session.add(row)
        session.flush()
        tell_invited(session, phone)
        _record(session, "power.offer", row.id)
    return row


def answer(account_id: int, power_id: int, *, accept: bool) -> None:
    """Accept an offered power, or refuse it. Raises NotYoursError when none waits for this account's telephone."""
    with central_write() as session:
        account = session.get_one(Citizen, account_id)
        waits = same(PowerOfAttorney.phone_index, account.phone or "")
        row = _lock(session, power_id, waits, PowerOfAttorney.giver_id != account_id)
        if row.state(_moment(session, row)) is not PowerState.OFFERED:
            raise NotYoursError
        row.phone = None
        if accept:
            row.holder_id, row.accepted_at = account_id, _now()
        else:
            row.refused_at = _now()
        _record(session, "power.accept" if accept else "power.refuse", row.id)


def revoke(giver_id: int, power_id: int) -> None:
    """End a power, or take an offer back, at once (KUHPerdata 1814). Raises NotYoursError.

    An act that is being done by it at this moment ends first; none begins afterwards.
    """
    with central_write() as session:
        row = _lock(session, power_id, PowerOfAttorney.giver_id == giver_id)
        row.phone, row.revoked_at = None, _now()
        _record(session, "power.revoke", row.id)


def give_back(holder_id: int, power_id: int) -> None:
    """Give a power back by its holder (KUHPerdata 1817). Raises NotYoursError."""
    with central_write() as session:
        row = _lock(session, power_id, PowerOfAttorney.holder_id == holder_id)
        row.returned_at = _now()
        _record(session, "power.give_back", row.id)


def given(session: Session, giver_id: int) -> list[Power]:
    """Return every power that the account has given or offered, the newest first."""
    holder = aliased(Citizen)
    query = select(PowerOfAttorney, holder.name, RegionRecord).join(
        holder, holder.id == PowerOfAttorney.holder_id, isouter=True
    )
    rows = _rows(session, query.where(PowerOfAttorney.giver_id == giver_id))
    return [_power(row, name or row.holder_name, region) for row, name, region in rows]


def held(session: Session, account: Citizen) -> list[Power]:
    """Return every power that the account holds or held, and the offers that wait for its answer, the newest first."""
    waits = same(PowerOfAttorney.phone_index, account.phone) if account.phone else false()
    query = select(PowerOfAttorney, Citizen.name, RegionRecord).join(
        Citizen, Citizen.id == PowerOfAttorney.giver_id
    )
    rows = _rows(
        session,
        query.where(
            or_(PowerOfAttorney.holder_id == account.id, waits), PowerOfAttorney.giver_id != account.id
        ),
    )
    found = [_power(row, name or _("Akun yang sudah ditutup"), region) for row, name, region in rows]
    return [p for p in found if p.row.holder_id is not None or p.state is PowerState.OFFERED]


Rows = Select[PowerOfAttorney, str | None, RegionRecord]


def _rows(session: Session, query: Rows) -> list[tuple[PowerOfAttorney, str | None, RegionRecord | None]]:
    whole = query.join(RegionRecord, RegionRecord.id == PowerOfAttorney.region_id, isouter=True)
    rows = session.execute(
        whole.order_by(PowerOfAttorney.id.desc()), execution_options={"populate_existing": True}
    )
    return [(power, name, region) for power, name, region in rows]


def _power(row: PowerOfAttorney, other: str, region: RegionRecord | None) -> Power:
    zone = region.as_region().zone if region else CAPITAL
    return Power(row, other, region.name if region else None, row.state(dt.datetime.now(tz=zone)))


def _lock(session: Session, power_id: int, *whose: ColumnElement[bool]) -> PowerOfAttorney:
    """The living power of one of its two sides, locked."""
    row = session.scalar(
        select(PowerOfAttorney)
        .where(PowerOfAttorney.id == power_id, *whose)
        .where(PowerOfAttorney.revoked_at.is_(None), PowerOfAttorney.returned_at.is_(None))
        .where(PowerOfAttorney.refused_at.is_(None))
        .with_for_update(),
        execution_options={"populate_existing": True},
    )
    if row is None:
        raise NotYoursError
    return row


def _moment(session: Session, row: PowerOfAttorney) -> dt.datetime:
    region = session.get(RegionRecord, row.region_id) if row.region_id else None
    return dt.datetime.now(tz=region.as_region().zone if region else CAPITAL)


def _check_days(starts_on: dt.date, ends_on: dt.date) -> None:
    first = today()
    if not first <= starts_on <= first + FURTHEST_START:
        raise ActingError(_("Kuasa mulai hari ini, atau paling lambat 90 hari lagi."), "starts_on")
    if ends_on < starts_on:
        raise ActingError(_("Hari terakhir tidak boleh sebelum hari pertama."), "ends_on")
    if ends_on > latest_end(starts_on):
        raise ActingError(_("Kuasa berlaku paling lama satu tahun."), "ends_on")


def _record(session: Session, action: str, power_id: int) -> None:
    audit.record(session, action=action, subject=f"power_of_attorney:{power_id}")


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)
