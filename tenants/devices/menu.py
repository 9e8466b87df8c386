"""What a kiosk offers: agencies, their services, and the letters these begin with. What is closed now is shown too."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from mpp.i18n import gettext as _
from tenants.devices.settings import KioskSettings
from tenants.hall.models import Hall
from tenants.lobby.choices import Choice, choices
from tenants.services.queries import enabled_services

# A service whose name begins with no letter stands under this one.
NO_LETTER = "#"


@dataclass(frozen=True, slots=True)
class Item:
    """A service at the kiosk: the choice itself, its agency, and why no number is given for it here and now."""

    choice: Choice
    agency: str
    # None: a number may be taken. Else one sentence, with when that will be where it is known.
    refusal: str | None

    @property
    def letter(self) -> str:
        """The letter it stands under in the list from A to Z."""
        first = unicodedata.normalize("NFKD", self.choice.name.lstrip())[:1].upper()
        return first if "A" <= first <= "Z" else NO_LETTER

    def begins(self, typed: Sequence[str]) -> bool:
        """Whether each typed part (lower case) begins a word of its name."""
        words = re.split(r"[^a-z0-9]+", self.choice.name.lower())
        return all(any(word.startswith(part) for word in words) for part in typed)


@dataclass(frozen=True, slots=True)
class Shelf:
    """An agency with the services that this kiosk shows, offered ones first."""

    slug: str
    name: str
    icon: str
    items: tuple[Item, ...]

    @property
    def offered(self) -> int:
        """How many of them a number may be taken for now."""
        return sum(1 for item in self.items if item.refusal is None)

    @property
    def people(self) -> int:
        """Everybody who waits for them."""
        return sum(item.choice.people for item in self.items)


@dataclass(frozen=True, slots=True)
class Menu:
    """What a kiosk shows, in the catalogue's order. `suggestion` is the word that a search may have meant."""

    shelves: tuple[Shelf, ...]
    suggestion: str | None = None

    @property
    def ranked(self) -> list[Item]:
        """Every service in the order found, offered ones first."""
        every = [item for shelf in self.shelves for item in shelf.items]
        return sorted(every, key=lambda item: item.refusal is not None)

    @property
    def items(self) -> list[Item]:
        """Every service from A to Z."""
        return sorted(self.ranked, key=lambda item: item.choice.name.lower())

    @property
    def offered(self) -> int:
        """How many numbers may be taken now."""
        return sum(shelf.offered for shelf in self.shelves)

    @property
    def letters(self) -> list[str]:
        """The letters that any service begins with."""
        return sorted({item.letter for shelf in self.shelves for item in shelf.items})

    def found(self, searched: Menu, query: str) -> list[Item]:
        """Return what a search found and, after it, what has words that begin as typed: half a word finds too."""
        typed = query.lower().split()
        known = {item.choice.slug for item in searched.ranked}
        begun = [i for i in self.items if i.choice.slug not in known and i.begins(typed)]
        return sorted([*searched.ranked, *begun], key=lambda item: item.refusal is not None)

    def shelf(self, slug: str) -> Shelf | None:
        """Return the agency of `slug`, None when this kiosk shows nothing of it."""
        return next((shelf for shelf in self.shelves if shelf.slug == slug), None)

    def item(self, slug: str) -> Item | None:
        """Return the service of `slug`, None when this kiosk does not show it."""
        return next(
            (item for shelf in self.shelves for item in shelf.items if item.choice.slug == slug), None
        )


def menu(session: Session, hall: Hall, settings: KioskSettings, moment: dt.datetime, query: str = "") -> Menu:
    """Return what a kiosk of `hall` with these settings shows at `moment` (aware), or what of it `query` finds."""
    found = choices(session, query, moment, hall)
    agencies = {row.service.slug: row.service.agency.slug for row in enabled_services(session)}
    shelves = []
    for name, group in found.groups:
        shown = [
            Item(made, agencies.get(made.slug, ""), _refusal(made, hall))
            for made in group
            if settings.offers(agencies.get(made.slug, ""), made.slug)
        ]
        if shown:
            shown.sort(key=lambda item: item.refusal is not None)
            shelves.append(Shelf(shown[0].agency, name, shown[0].choice.icon, tuple(shown)))
    return Menu(tuple(shelves), found.suggestion)


def alternatives(shown: Menu, item: Item, most: int = 4) -> Sequence[Item]:
    """Return other services of the same agency that a number may be taken for now."""
    shelf = shown.shelf(item.agency)
    return [other for other in shelf.items if other.refusal is None][:most] if shelf else []


def _refusal(made: Choice, hall: Hall) -> str | None:
    if not made.offer.available:
        return made.offer.reason or _("Tanyakan di meja informasi MPP.")
    # Its numbers are those of the building whose counters serve it: another kiosk would send people the wrong way.
    if made.hall != hall.name:
        return _("Nomor layanan ini diambil di %(hall)s.", hall=made.hall)
    return None
