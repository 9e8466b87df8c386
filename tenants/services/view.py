"""A service as a citizen reads it: the accepted standard, this region's changes, one language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mpp.i18n import gettext as _
from mpp.i18n import language, rupiah
from tenants.catalogue.models import Agency
from tenants.services.models import RegionService

# A formula longer than this does not fit the strip of facts; it stands in the table of fees.
LONGEST_FORMULA = 44


@dataclass(frozen=True, slots=True)
class CaseView:
    """Why somebody comes (new, lost, moved) and what to bring then."""

    slug: str
    name: str
    requirements: list[str]
    note: str | None


@dataclass(frozen=True, slots=True)
class FeeView:
    """One fee. `sample` says that its source is not certain; `local` that a perda of the region sets it."""

    label: str
    text: str
    amount: int | None
    unit: str | None
    case: str | None
    legal_basis: str | None
    effective_from: dt.date | None
    note: str | None
    sample: bool
    local: bool


@dataclass(frozen=True, slots=True)
class ServiceView:
    """Everything a service page says about the service itself; hours and counters stand elsewhere."""

    slug: str
    number: int
    name: str
    official_name: str | None
    summary: str
    agency: Agency
    sample: bool
    cases: list[CaseView]
    fees: list[FeeView]
    time_limit: str | None
    product: str | None
    valid_for: str | None
    note: str | None
    local_note: str | None
    local_example: bool
    contact: str | None
    steps: list[str]
    extra_requirements: list[str]
    law: list[str]
    components: Mapping[str, Any]
    completeness: int
    sources: list[str]
    checked_on: dt.date
    effective_from: dt.date | None
    decree: str | None
    online_url: str | None
    online_name: str | None
    daily_quota: int | None

    def case(self, slug: str | None) -> CaseView | None:
        """Return the case of `slug`, the first when it is unknown, None when there is none."""
        return next((c for c in self.cases if c.slug == slug), self.cases[0] if self.cases else None)

    def fees_of(self, case: CaseView | None) -> list[FeeView]:
        """Return the fees that concern `case`: the general ones and its own, local ones first."""
        return [f for f in self.fees if f.case is None or case is None or f.case == case.slug]


def service_view(row: RegionService) -> ServiceView:
    """Return `row` as a citizen reads it in the language at hand."""
    standard = row.standard
    components = standard.components
    steps = components.get("prosedur") or []
    return ServiceView(
        slug=row.service.slug,
        number=row.service.number,
        name=service_name(row),
        official_name=standard.official_name,
        summary=localised(standard.summary, standard.summary_en),
        agency=row.service.agency,
        sample=row.service.confidence != "high",
        cases=[_case(case) for case in standard.cases],
        fees=[_local_fee(f, row.example) for f in row.local_fees] + [_fee(f) for f in standard.fees],
        time_limit=standard.time_limit,
        product=standard.product,
        valid_for=standard.valid_for,
        note=standard.note,
        local_note=row.local_note,
        local_example=row.example,
        contact=row.contact,
        steps=[steps] if isinstance(steps, str) else list(steps),
        extra_requirements=row.extra_requirements,
        law=standard.law,
        components=components,
        completeness=standard.completeness,
        sources=standard.sources,
        checked_on=standard.checked_on,
        effective_from=standard.effective_from,
        decree=standard.decree,
        online_url=standard.online_url,
        online_name=standard.online_name,
        daily_quota=row.daily_quota,
    )


def service_name(row: RegionService) -> str:
    """Return the name of a service in the language at hand."""
    return localised(row.standard.name, row.standard.name_en)


def agency_name(agency: Agency) -> str:
    """Return the general name of an agency in the language at hand."""
    return localised(agency.name, agency.name_en)


def localised(text: str, english: str | None) -> str:
    """Return `text`, or its English for a reader of any language but Indonesian's own family.

    The catalogue carries English only; a region's own language falls back to Indonesian.
    """
    return english if english and language.get() == "en" else text


def fee_headline(fees: Sequence[FeeView]) -> str:
    """Return the cost in a few words: "Gratis", "Rp30.000", "Mulai Rp350.000", or where it is computed."""
    local = [fee for fee in fees if fee.local]
    counted = local or list(fees)
    amounts = sorted({fee.amount for fee in counted if fee.amount is not None})
    formulas = [fee for fee in counted if fee.amount is None]
    if formulas:
        short = len(counted) == 1 and len(formulas[0].text) <= LONGEST_FORMULA
        return formulas[0].text if short else _("Dihitung, lihat rincian")
    if not amounts:
        return _("Tanyakan di gerai")
    if len(amounts) == 1:
        return rupiah(amounts[0])
    if amounts[0] == 0:
        return _("Gratis atau berbayar")
    return _("Mulai %(amount)s", amount=rupiah(amounts[0]))


def _case(case: Mapping[str, Any]) -> CaseView:
    return CaseView(
        slug=case["slug"],
        name=localised(case["name"], case.get("name_en")),
        requirements=list(case.get("requirements") or ()),
        note=case.get("note"),
    )


def _fee(fee: Mapping[str, Any]) -> FeeView:
    amount = fee.get("amount")
    return FeeView(
        label=fee["label"],
        text=rupiah(amount) if amount is not None else str(fee.get("formula") or ""),
        amount=amount,
        unit=fee.get("unit"),
        case=fee.get("case"),
        legal_basis=fee.get("legal_basis"),
        effective_from=_day(fee.get("effective_from")),
        note=fee.get("note"),
        sample=fee.get("confidence", "high") != "high",
        local=False,
    )


def _local_fee(fee: Mapping[str, Any], example: bool) -> FeeView:
    amount = fee.get("amount")
    basis = fee.get("perda") or fee.get("legal_basis")
    return FeeView(
        label=fee["label"],
        text=rupiah(amount) if amount is not None else str(fee.get("text") or fee.get("formula") or ""),
        amount=amount,
        unit=fee.get("unit"),
        case=fee.get("case"),
        legal_basis=basis,
        effective_from=_day(fee.get("effective_from")),
        note=fee.get("note"),
        sample=example,
        local=True,
    )


def _day(value: object) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) and value else None
