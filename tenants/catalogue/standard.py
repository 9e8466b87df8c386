"""The 14 components of a service standard, derived from the parts that a catalogue entry keeps apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mpp.i18n import rupiah
from tenants.catalogue.models import COMPONENTS

# Components that are never written by hand: a part of the entry fills them.
DERIVED = ("persyaratan", "jangka_waktu", "biaya", "produk", "dasar_hukum")


def components_of(values: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the components that are known, in the order of PermenPANRB 15/2014, each as a list of lines.

    `values` holds cases, fees, time_limit, product and law as ServiceStandard does; `own` the components that
    are written by hand. Nothing is guessed: what nobody could support is absent.
    """
    found: dict[str, list[str]] = {
        "persyaratan": [f"{case['name']}: {'; '.join(case['requirements'])}" for case in values["cases"]],
        "jangka_waktu": _line(values.get("time_limit")),
        "biaya": [_fee(fee) for fee in values["fees"]],
        "produk": _line(values.get("product")),
        "dasar_hukum": list(values.get("law") or ()),
    }
    for key, text in own.items():
        if key not in DERIVED:
            found[key] = [text] if isinstance(text, str) else [str(line) for line in text]
    return {key: found[key] for key in COMPONENTS if found.get(key)}


def completeness_of(components: Mapping[str, Any]) -> int:
    """Return how many of the 14 components are filled, 0 to 14."""
    return sum(1 for key in COMPONENTS if components.get(key))


def search_text_of(values: Mapping[str, Any], agencies: Iterable[str]) -> str:
    """Return what the search reads: names, everyday words, the agencies that serve it, its cases."""
    parts = [
        values["name"],
        values.get("official_name"),
        *values["words"],
        *agencies,
        *(case["name"] for case in values["cases"]),
    ]
    return " ".join(dict.fromkeys(part for part in parts if part))


def _line(text: str | None) -> list[str]:
    return [text] if text else []


def _fee(fee: Mapping[str, Any]) -> str:
    amount = fee.get("amount")
    cost = fee.get("formula") if amount is None else rupiah(amount)
    return f"{fee['label']}: {cost} {fee['unit']}" if fee.get("unit") else f"{fee['label']}: {cost}"
