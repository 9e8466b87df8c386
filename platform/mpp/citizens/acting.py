"""The one policy of acting for somebody else: who may, for whom, where, for what, today; and what was done by it.

Nobody acts for somebody without a row that holds today, in the local day of the region where it happens.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from mpp.citizens.acting_errors import MayNotActError
from mpp.citizens.family_models import FamilyMember
from mpp.citizens.models import Citizen, CitizenSession
from mpp.citizens.powers import AGENCY
from mpp.citizens.powers_models import ActingUse, PowerOfAttorney, PowerState
from mpp.database.session import central_read, central_write
from mpp.tenancy.models import RegionRecord
from mpp.tenancy.region import region_context

KEY = re.compile(r"(family|power)-([1-9]\d{0,17})")
# Whose account has been closed.
NAMELESS = "-"
# What stands in the database now, not what the session remembers.
FRESH = {"populate_existing": True}


class Kind(enum.StrEnum):
    """By what somebody is acted for."""

    FAMILY = "family"
    POWER = "power"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The service in question: its slug, and that of its agency."""

    service: str
    agency: str

    def within(self, scope: list[str]) -> bool:
        """Whether a power of this scope covers it."""
        return not scope or self.service in scope or f"{AGENCY}{self.agency}" in scope


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody whom the account may act for, by row `id` of its kind; `until` is a power's last day."""

    kind: Kind
    id: int
    name: str
    relation: str | None = None
    until: dt.date | None = None

    @property
    def key(self) -> str:
        """What a form calls it: "power-12". Worth nothing to any other account."""
        return f"{self.kind.value}-{self.id}"


@dataclass(frozen=True, slots=True)
class Use:
    """One act as the person concerned, or the one who acted, reads it. `at` is aware."""

    at: dt.datetime
    actor: str
    principal: str
    kind: Kind
    row_id: int
    region: str
    timezone: str
    act: str
    service: str
    label: str


def citizen_at(session_id: int, region_id: int) -> int | None:
    """Return whose account a session at a region's host is; for asking here, never to be kept by the region."""
    with region_context(None), central_read() as session:
        here = select(CitizenSession.account_id).where(CitizenSession.region_id == region_id)
        return session.scalar(here.where(CitizenSession.id == session_id))


def for_whom(citizen_id: int, region_id: int, service: Wanted) -> list[Principal]:
    """Return everybody whom the account may act for now, at that region and for that service."""
    with region_context(None), central_read() as session:
        return _for_whom(session, citizen_id, region_id, service)


def may_act(citizen_id: int, region_id: int, service: Wanted, key: str) -> Principal | None:
    """Return the person of `key` when the account may act for them now, there, for that; else None."""
    return next((p for p in for_whom(citizen_id, region_id, service) if p.key == key), None)


def use(
    citizen_id: int, region_id: int, service: Wanted, key: str, *, act: str, label: str
) -> tuple[Principal, str]:
    """Write down that the account acts for the person of `key`; return the person and the reference of the act.

    In a transaction of the centre's own, over before this returns: called inside the region's transaction just
    before its end, an act that fails leaves a note of a try, and none is ever done without one. A power that is
    revoked meanwhile either ends before, and this raises MayNotActError, or right after.
    """
    reference = secrets.token_urlsafe(18)
    with region_context(None), central_write() as session:
        found = _for_whom(session, citizen_id, region_id, service, key)
        if not found:
            raise MayNotActError
        by = {"power_id" if found[0].kind is Kind.POWER else "member_id": found[0].id}
        session.add(
            ActingUse(
                reference=reference, actor_id=citizen_id, region_id=region_id, act=act, service=service.service,
                label=label, **by,
            )
        )  # fmt: skip
    return found[0], reference


def uses(session: Session, account_id: int, *, power_id: int | None = None, most: int = 100) -> list[Use]:
    """Return what was done for the account by others, or by it for others, the newest first; of one power if asked."""
    actor, giver, member = aliased(Citizen), aliased(Citizen), aliased(Citizen)
    query = (
        select(ActingUse, PowerOfAttorney, FamilyMember, RegionRecord, actor.name, giver.name, member.name)
        .join(RegionRecord, RegionRecord.id == ActingUse.region_id)
        .join(actor, actor.id == ActingUse.actor_id)
        .join(PowerOfAttorney, PowerOfAttorney.id == ActingUse.power_id, isouter=True)
        .join(giver, giver.id == PowerOfAttorney.giver_id, isouter=True)
        .join(FamilyMember, FamilyMember.id == ActingUse.member_id, isouter=True)
        .join(member, member.id == FamilyMember.member_id, isouter=True)
        .where(
            or_(
                ActingUse.actor_id == account_id,
                PowerOfAttorney.giver_id == account_id,
                FamilyMember.member_id == account_id,
            )
        )
        .order_by(ActingUse.id.desc())
        .limit(most)
    )
    if power_id is not None:
        query = query.where(ActingUse.power_id == power_id)
    return [
        Use(
            row.at, by or NAMELESS, (giver_name or NAMELESS) if power else (member_name or listed.name),
            Kind.POWER if power else Kind.FAMILY, power.id if power else listed.id, region.name, region.timezone,
            row.act, row.service, row.label,
        )
        for row, power, listed, region, by, giver_name, member_name in session.execute(query)
    ]  # fmt: skip


def _for_whom(
    session: Session, citizen_id: int, region_id: int, service: Wanted, key: str | None = None
) -> list[Principal]:
    """Everybody, or the one of `key` alone, whose row then stays as it is until the transaction ends."""
    region, account = session.get(RegionRecord, region_id), session.get(Citizen, citizen_id)
    kind, only = _parse(key)
    if region is None or account is None or not account.active or (key is not None and only is None):
        return []
    moment = region.as_region().now()
    found = [] if kind is Kind.POWER else _family(session, citizen_id, moment, only)
    if kind is not Kind.FAMILY:
        here = or_(PowerOfAttorney.region_id.is_(None), PowerOfAttorney.region_id == region_id)
        found += _powers(session, citizen_id, here, service, moment, only)
    return found


def _parse(key: str | None) -> tuple[Kind | None, int | None]:
    match = KEY.fullmatch(key or "")
    return (Kind(match[1]), int(match[2])) if match else (None, None)


def _family(session: Session, citizen_id: int, moment: dt.datetime, only: int | None) -> list[Principal]:
    member = aliased(Citizen)
    query = (
        select(FamilyMember, member)
        .join(member, member.id == FamilyMember.member_id, isouter=True)
        .where(FamilyMember.account_id == citizen_id, FamilyMember.ended_at.is_(None))
        .order_by(FamilyMember.id)
    )
    if only is not None:
        query = query.where(FamilyMember.id == only).with_for_update(read=True, of=FamilyMember)
    return [
        Principal(Kind.FAMILY, row.id, (account.name if account else None) or row.name, row.relation)
        for row, account in session.execute(query, execution_options=FRESH)
        if row.holds(moment) and (account is None or account.active)
    ]


def _powers(
    session: Session,
    citizen_id: int,
    here: ColumnElement[bool],
    service: Wanted,
    moment: dt.datetime,
    only: int | None,
) -> list[Principal]:
    query = (
        select(PowerOfAttorney, Citizen)
        .join(Citizen, Citizen.id == PowerOfAttorney.giver_id)
        .where(PowerOfAttorney.holder_id == citizen_id, here, Citizen.active)
        .where(PowerOfAttorney.revoked_at.is_(None), PowerOfAttorney.returned_at.is_(None))
        .order_by(PowerOfAttorney.id)
    )
    if only is not None:
        query = query.where(PowerOfAttorney.id == only).with_for_update(read=True, of=PowerOfAttorney)
    return [
        Principal(Kind.POWER, row.id, giver.name or NAMELESS, until=row.ends_on)
        for row, giver in session.execute(query, execution_options=FRESH)
        if row.state(moment) is PowerState.HOLDS and service.within(row.scope)
    ]
