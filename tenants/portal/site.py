"""The face of a region as every page needs it: name, colours, contact, words for its districts."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from mpp.database.session import read
from mpp.i18n import SOURCE, language
from mpp.tenancy.models import ContentState
from mpp.tenancy.region import Region
from tenants.portal.models import PortalVersion
from tenants.portal.theme import (
    DEFAULT_COLOUR_1,
    DEFAULT_COLOUR_2,
    DEFAULT_MOTIF,
    is_colour,
    theme_css,
)

MOST_KEPT = 2000
Key = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class SiteView:
    """A region's portal as published, in the language of the request."""

    name: str
    short_name: str
    tagline: str = ""
    hero_title: str = ""
    hero_text: str = ""
    motif: str = DEFAULT_MOTIF
    color_1: str = DEFAULT_COLOUR_1
    color_2: str = DEFAULT_COLOUR_2
    logo_url: str | None = None
    # Any of address, phone, whatsapp, email, website.
    contact: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = (SOURCE, "en")
    district_label: str = "Kecamatan"
    village_label: str = "Kelurahan"
    zone_label: str = "WIB"
    theme_url: str = ""


_kept: OrderedDict[Key, SiteView] = OrderedDict()
_lock = threading.Lock()


def site_view(region: Region, version: int | None = None) -> SiteView:
    """Return the face of `region`, which must be the region being served.

    `version` is its content version where the caller knows it (it spares the query). Never raises: without a
    published version, or while PostgreSQL is away, plain defaults with the region's own name.
    """
    try:
        return _published(region, version)
    except SQLAlchemyError:
        # The page goes on with this session: a transaction that died with its line must not stay behind in it.
        with read() as session:
            session.rollback()
        return site_from(region, {})


def site_from(region: Region, content: Mapping[str, Any]) -> SiteView:
    """Return the face that `content` (of a PortalVersion) gives, also while it is a draft."""
    color_1 = _colour(content.get("color_1"), DEFAULT_COLOUR_1)
    color_2 = _colour(content.get("color_2"), DEFAULT_COLOUR_2)
    logo = content.get("logo")
    contact = content.get("contact") or {}
    languages = [code for code in content.get("languages") or () if code]
    return SiteView(
        name=_words(content, "name") or f"MPP {region.name}",
        short_name=_words(content, "short_name") or _bare(region.name),
        tagline=_words(content, "tagline"),
        hero_title=_words(content, "hero_title"),
        hero_text=_words(content, "hero_text"),
        motif=content.get("motif") or DEFAULT_MOTIF,
        color_1=color_1,
        color_2=color_2,
        logo_url=f"/berkas/{logo}" if logo else None,
        contact={key: str(value) for key, value in contact.items() if value},
        languages=tuple(dict.fromkeys([SOURCE, *languages])) if languages else (SOURCE, "en"),
        district_label=content.get("district_label") or "Kecamatan",
        village_label=content.get("village_label") or "Kelurahan",
        zone_label=region.zone_label,
        theme_url=f"/tema.css?v={theme_version(color_1, color_2)}",
    )


def theme_version(color_1: str, color_2: str) -> str:
    """Return the fingerprint of a theme: its address may be kept for good."""
    return hashlib.sha256(theme_css(color_1, color_2).encode()).hexdigest()[:12]


def _published(region: Region, version: int | None) -> SiteView:
    with read() as session:
        if version is None:
            version = session.scalar(select(ContentState.version)) or 0
        key = (region.id, version, language.get())
        with _lock:
            found = _kept.get(key)
            if found:
                _kept.move_to_end(key)
                return found
        content = session.scalar(select(PortalVersion.content).where(PortalVersion.state == "published"))
    view = site_from(region, content or {})
    with _lock:
        _kept[key] = view
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return view


def _words(content: Mapping[str, Any], key: str) -> str:
    """The text of `key` in the language at hand, else in Indonesian."""
    text = content.get(f"{key}_{language.get()}") or content.get(key) or ""
    return str(text).strip()


def _colour(value: object, default: str) -> str:
    text = str(value or "").lower()
    return text if is_colour(text) else default


def _bare(name: str) -> str:
    return name.removeprefix("Kabupaten ").removeprefix("Kota ")


def forget() -> None:
    """Drop every kept face of this process: for tests, whose databases count their versions anew."""
    with _lock:
        _kept.clear()
