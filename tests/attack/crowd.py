"""The whole cast attacks one host after the other; what all of them together reached is added up."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from mpp.web.flask import Platform
from tests.attack.cast import Member
from tests.attack.crawler import DEEP, Crawler
from tests.attack.walking import LEAVING, Bounds, Done, Report

# Forms that a crawl can't get an answer of work from, and what sends them their attacks instead.
OUT_OF_REACH = {
    "auth.accept_link": "needs a link that works once (blueprints/admin/test_staff_invitations.py)",
    "central_auth.accept_link": "needs a link that works once (blueprints/central/test_people.py)",
    "central.support_access": "asks for the code of an authenticator (blueprints/support/test_support.py)",
    "oidc.partner_link": "only with a foreign provider in the settings (blueprints/oidc/test_partner.py)",
    "oidc.token": "asks for a region's secret and a code of one minute (attack/test_json_routes.py)",
}
OTHERWISE = "not with this seed: what it is about was used up before, or no request was left"

Say = Callable[[str], None]


@dataclass(slots=True)
class Found:
    """What a crawl of the cast found, and which forms' addresses it never got an answer of work from."""

    faults: list[str] = field(default_factory=list)
    requests: int = 0
    deep: set[str] = field(default_factory=set)
    ways: set[str] = field(default_factory=set)
    json: set[str] = field(default_factory=set)

    def add(self, report: Report, app: Platform, member: Member) -> None:
        """Add what one member has done."""
        self.faults += [*report.faults, *member.wrong(report)]
        self.requests += report.requests
        self.json |= report.json
        worked = DEEP - {410}
        self.deep |= {name for name, method, status in report.depth if method == "POST" and status in worked}
        self.ways |= {
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if "POST" in (rule.methods or ()) and rule.subdomain in {"", member.routes.subdomain}
            if rule.endpoint.rpartition(".")[2] not in LEAVING
        }

    @property
    def shallow(self) -> set[str]:
        """Addresses of forms that only ever refused."""
        return self.ways - self.deep

    @property
    def reached(self) -> float:
        """The share (0-1) of forms' addresses that answered with their work."""
        return 1 - len(self.shallow) / max(1, len(self.ways))


def crawl(
    app: Platform, cast: Sequence[Member], bounds: Bounds, seed: int, *, share: bool, say: Say,
    found: Found | None = None,
) -> Found:  # fmt: skip
    """Let each of the cast attack and add it to `found`; with `share` nobody repeats what somebody has done."""
    found, done, seen = found or Found(), Done(), Counter[str]()
    for member in cast:
        began = time.monotonic()
        member.enter()
        report = Crawler(member, bounds, seed, done if share else Done()).run()
        found.add(report, app, member)
        seen[member.name] += report.answers[200]
        say(
            f"  {member.name}: {report.requests} requests in {time.monotonic() - began:.1f} s, "
            f"{len(report.seen)} pages, {len(report.posted)} forms' addresses, {len(report.faults)} faults"
        )
        for fault in sorted(set(report.faults)):
            say(f"    {fault}")
    # What the last of them stored shows to a stranger, and to whoever sees most.
    for member in (cast[0], max(cast[1:], key=lambda one: seen[one.name])):
        member.enter()
        report = Crawler(member, replace(bounds, requests=0, turns=1), seed).run()
        found.add(report, app, member)
        say(f"  {member.name}, looking again: {report.requests} pages, {len(report.faults)} faults")
    return found
