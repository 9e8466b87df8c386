"""From a host name to what is served there. One resolver of ours: Flask's subdomain matching is not trusted."""

from __future__ import annotations

import enum
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import or_, select

from mpp.database.away import AWAY
from mpp.database.session import central_read
from mpp.tenancy.models import RegionHost, RegionRecord
from mpp.tenancy.region import Region

LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
HOST = re.compile(r"[a-z0-9.-]{1,253}")
PORT = re.compile(r"[0-9]{1,5}")
# How long a host keeps its answer in one process. State and content are read on every request, so this
# only bounds how soon a new region or custom domain appears.
SECONDS_KEPT = 5.0
# A stranger can ask for any number of hosts.
MOST_KEPT = 2000


class Scope(enum.StrEnum):
    """Which part of the platform a host leads to."""

    REGION = "region"
    CENTRAL = "central"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Site:
    """What a host leads to."""

    scope: Scope
    region: Region | None = None


CENTRE = Site(Scope.CENTRAL)
NOWHERE = Site(Scope.UNKNOWN)


def normalise(host: str) -> str:
    """Return the bare lower-case name of a Host header: port and final dot off; empty when malformed."""
    name = host.strip().lower()
    name, colon, port = name.partition(":")
    if colon and not PORT.fullmatch(port):
        return ""
    name = name.removesuffix(".")
    return name if HOST.fullmatch(name) else ""


class Resolver:
    """Resolves hosts under one domain, with a short memory per process."""

    def __init__(self, domain: str, lookup: Callable[[str | None, str], Region | None]) -> None:
        self._domain = domain
        self._lookup = lookup
        self._kept: dict[str, tuple[float, Site]] = {}
        self._lock = threading.Lock()

    def resolve(self, header: str) -> Site:
        """Return the site of a Host header; NOWHERE for anything that is not ours.

        While PostgreSQL is away the last answer holds; without one the driver's error is raised.
        """
        host = normalise(header)
        if host in {self._domain, "127.0.0.1"}:
            return CENTRE
        if not host:
            return NOWHERE
        kept = self._kept.get(host)
        if kept and time.monotonic() - kept[0] < SECONDS_KEPT:
            return kept[1]
        try:
            region = self._lookup(self._label(host), host)
        except AWAY:
            if kept is None:
                raise
            return kept[1]
        site = Site(Scope.REGION, region) if region else NOWHERE
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[host] = (time.monotonic(), site)
        return site

    def forget(self) -> None:
        """Drop every kept answer of this process."""
        with self._lock:
            self._kept.clear()

    def _label(self, host: str) -> str | None:
        """Return the region's label when `host` is exactly one label under the domain."""
        label, dot, rest = host.partition(".")
        return label if dot and rest == self._domain and LABEL.fullmatch(label) else None


def lookup_region(label: str | None, host: str) -> Region | None:
    """Return the region of a label under the domain or of a custom domain. Needs an app context."""
    with central_read() as session:
        record = session.scalar(
            select(RegionRecord)
            .outerjoin(RegionHost)
            .where(or_(RegionRecord.slug == label, RegionHost.host == host))
            .where(RegionRecord.state != "registered")
            .limit(1)
        )
        return record.as_region() if record else None
