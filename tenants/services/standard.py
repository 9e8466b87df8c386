"""The 14 components of a service standard as the portal lists them: known or still missing."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import tenants.catalogue
from tenants.catalogue.models import COMPONENTS
from tenants.services.view import ServiceView, localised

DATA = Path(tenants.catalogue.__file__).parent / "data" / "standard.toml"


@dataclass(frozen=True, slots=True)
class ComponentView:
    """One component; without `texts` nobody has published it yet."""

    number: int
    name: str
    texts: Sequence[str]


@cache
def _named() -> dict[str, dict[str, Any]]:
    entries: list[dict[str, Any]] = tomllib.loads(DATA.read_text("utf-8"))["component"]
    return {entry["key"]: entry for entry in entries}


def components(view: ServiceView) -> list[ComponentView]:
    """Return all 14 components of `view` in the order of PermenPANRB 15/2014."""
    found = []
    for number, key in enumerate(COMPONENTS, 1):
        entry, value = _named()[key], view.components.get(key) or []
        texts = [value] if isinstance(value, str) else list(value)
        found.append(ComponentView(number, localised(entry["name"], entry.get("name_en")), texts))
    return found
