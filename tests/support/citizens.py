"""Citizens for tests: made-up people (NIK from 99, phones 0812-9999-…), signed in at the centre, walking to regions."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sqlalchemy import select

from mpp.accounts.login import SignedIn
from mpp.citizens import sessions
from mpp.citizens.models import Citizen, CitizenSession
from mpp.citizens.realm import KIND
from mpp.database.session import central_read, central_write
from mpp.web.flask import Platform
from tests.support.client import Browser, Page

NAME, PHONE, NIK = "Siti Contoh", "081299990101", "9900015507900001"


def make_citizen(app: Platform, name: str = NAME, phone: str = PHONE, nik: str | None = None) -> int:
    """Make an account; return its id."""
    with app.app_context(), central_write() as session:
        citizen = Citizen(name=name, phone=phone, nik=nik)
        session.add(citizen)
        session.flush()
        return citizen.id


def sessions_of(app: Platform, citizen_id: int) -> list[int | None]:
    """Where a citizen is signed in: regions' ids, None for the centre."""
    with app.app_context(), central_read() as session:
        query = select(CitizenSession.region_id).where(CitizenSession.account_id == citizen_id)
        return list(session.scalars(query.order_by(CitizenSession.id)))


@dataclass
class Walker:
    """One person's browser: the same cookies at the centre and at every region's host."""

    app: Platform
    citizen_id: int
    hosts: dict[str, Browser] = field(default_factory=dict)

    def at(self, host: str) -> Browser:
        """The browser at a host: "localhost" for the centre."""
        if host not in self.hosts:
            self.hosts[host] = Browser(self.app, host)
        return self.hosts[host]

    def sign_in(self) -> None:
        """Be signed in at the centre, as its own pages would do it."""
        with self.app.app_context(), central_write() as session:
            number, token = sessions.start(session, self.citizen_id, agent=None, address="203.0.113.9")
        user = SignedIn(KIND, self.citizen_id, 0, "", "", number, token)
        centre = self.at("localhost")
        with centre.client.session_transaction(base_url=centre.base) as stored:
            stored["_user_id"] = user.get_id()
            stored["_fresh"] = True

    def sign_out_everywhere(self) -> None:
        """End every session, as the centre's page does."""
        with self.app.app_context(), central_write() as session:
            sessions.end_all(session, self.citizen_id)

    def follow(self, address: str, most: int = 8) -> tuple[str, Page]:
        """Open an address and follow redirects from host to host; return the last address and its page."""
        for _hop in range(most):
            parts = urlsplit(address)
            host = (parts.hostname or "").lower()
            page = self.at(host).get(parts.path + (f"?{parts.query}" if parts.query else ""))
            if page.status not in {301, 302, 303}:
                return address, page
            target = page.location or ""
            address = target if "://" in target else f"{parts.scheme}://{parts.netloc}{target}"
        raise AssertionError(f"still on the way at {address}")

    def enter(self, slug: str, *, target: str = "/warga", nik: bool = False) -> Page:
        """Go to a region and in, agreeing where asked; return the page one ends on."""
        home = f"http://{slug}.localhost"
        address, page = self.follow(f"{home}/warga/masuk?lanjut={target}")
        if urlsplit(address).path == "/warga/persetujuan":
            fields = {"nik": "ya"} if nik else {}
            done = self.at(f"{slug}.localhost").submit("/warga/persetujuan", "/warga/persetujuan", **fields)
            assert done.status == 303, done.words()
            _address, page = self.follow(home + (done.location or ""))
        return page


def walk_in(app: Platform, phone: str, slug: str) -> Browser:
    """A citizen at a region's host: signed in at the centre by a code, then in at the region, agreeing."""
    walker = Walker(app, 0)
    walker.at("localhost").come_in(phone)
    page = walker.enter(slug)
    assert page.status == 200, page.words()
    return walker.at(f"{slug}.localhost")
