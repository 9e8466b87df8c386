"""The front desk: numbers for people without a phone, what became of a number, paper for a bad day."""

from __future__ import annotations

from mpp.accounts.permissions import Action
from mpp.tenancy.resolver import Scope
from mpp.web.access import Access, audience

RECEPTION = Access(Action.RECEIVE)

blueprint = audience("reception", __name__, scope=Scope.REGION, access=RECEPTION, url_prefix="/resepsionis")

from blueprints.reception import alerts, arriving, giving, paper, printing, tickets, views  # noqa: E402,F401  # views register themselves
