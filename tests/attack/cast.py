"""The cast at the product's hosts: everybody who can be somebody, made whole again when an attack undid them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from unittest.mock import patch

from flask import got_request_exception
from sqlalchemy import select, update
from werkzeug.routing import MapAdapter
from werkzeug.test import Client

from mpp.accounts import totp
from mpp.accounts.models import CentralStaff, Role
from mpp.accounts.realm import realm
from mpp.database.session import central_read, central_write, read, serve, write
from mpp.support.access import allow_changes
from mpp.support.models import Level, SupportAccess
from mpp.tenancy.models import RegionRecord, RegionState
from mpp.tenancy.region import Region
from mpp.tenancy.resolver import Scope
from mpp.web import bots, kernel
from mpp.web.flask import NO_HOST, Platform
from mpp.web.limits import limiter
from tenants.devices.models import DeviceKind
from tenants.hall.models import Counter, CounterOfficer
from tests.attack import seeds
from tests.attack.crawler import DEEP
from tests.attack.walking import Report
from tests.support.central import ask, walk_over
from tests.support.citizens import Walker, make_citizen
from tests.support.client import Browser
from tests.support.hall import at
from tests.support.kiosk import add
from tests.support.staff import add_staff, password_hash

# What a support access may send: its own end and a browser's report; with the region's word the admin's forms too.
PASSING = frozenset({"support.leave", "auth.sign_out", "security.report", "?"})
DESKS = frozenset({"admin", "branding"})

_numbers = itertools.count(7000)


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it was made: what an attack changed is put back from this."""

    id: int
    email: str
    role: Role | None
    place: dict[str, int]


class Member:
    """One of the cast, with a browser at one host."""

    def __init__(
        self, app: Platform, name: str, region: Region | None, account: Account | None = None
    ) -> None:
        self.app, self.name, self.region, self.account = app, name, region, account
        self.browser = Browser(app, f"{region.slug}.localhost" if region else "localhost")
        self.hosts = frozenset(
            {self.browser.host, "localhost", "bukittinggi.localhost", "banyuwangi.localhost"}
        )
        self.base = self.browser.base
        # Where the walk begins besides the doors for everybody.
        self.home = "/"
        self.routes: MapAdapter = app.url_map.bind(
            NO_HOST, subdomain=(Scope.REGION if region else Scope.CENTRAL).value
        )

    @property
    def client(self) -> Client:
        """The browser's own client; a new one after each sign-in."""
        return self.browser.client

    def at_home(self) -> bool:
        """Whether still signed in where one was."""
        if self.account is None:
            return True
        page = "/akun-saya" if self.region else "/pusat/akun"
        return self.client.get(page, base_url=self.base).status_code == 200

    def enter(self) -> None:
        """Sign in through the pages, in a fresh browser."""
        self.browser = Browser(self.app, self.browser.host)
        if self.account is not None:
            mend(self.app, self.region, self.account)
            self.browser.sign_in(self.account.email)

    def token(self) -> str:
        """A CSRF token of the session at hand."""
        return self.browser.token()

    def wrong(self, _report: Report) -> list[str]:
        """Return what this member has done that it should not have been able to do."""
        return []


class Machine(Member):
    """A kiosk or display, enrolled with a code."""

    def __init__(self, app: Platform, region: Region, kind: DeviceKind) -> None:
        super().__init__(app, kind.value, region)
        self.kind = kind

    def at_home(self) -> bool:
        """Whether the machine is still let in: its page takes no other."""
        answer = self.client.get("/perangkat", base_url=self.base)
        return 'href="/kios' in answer.text or 'href="/layar' in answer.text

    def enter(self) -> None:
        """Let the machine in anew."""
        assert self.region
        self.browser = Browser(self.app, self.browser.host)
        _device, code = add(self.app, self.region, self.kind, name=f"Mesin {next(_numbers)}")
        page = self.browser.submit("/perangkat", code=code)
        assert page.status == 303 and page.location, page.text[:400]
        self.home = page.location


class Person(Member):
    """A citizen, signed in at the centre and, for a region's host, agreed and walked over to it."""

    walker: Walker

    def at_home(self) -> bool:
        """Whether signed in at this host."""
        return self.client.get("/warga" if self.region else "/akun", base_url=self.base).status_code == 200

    def enter(self) -> None:
        """A new person: the one before may have closed the account."""
        number, phone = next(_numbers), f"0812-9999-{next(_numbers)}"
        citizen = make_citizen(self.app, f"Warga {number}", phone, f"99010101010{number}1")
        walker = Walker(self.app, citizen)
        walker.sign_in()
        if self.region:
            assert walker.enter(self.region.slug, nik=True).status == 200
            seeds.of_profile(self.app, self.region, f"Warga {number}")
        else:
            seeds.of_account(self.app, citizen, phone, f"0812-9999-{number}")
        self.walker, self.browser = walker, walker.at(self.browser.host)
        self.home = "/warga" if self.region else "/akun"


class Supporter(Member):
    """Somebody of the centre in a region, by support access of one level; the region allows changes by support."""

    def __init__(self, app: Platform, region: Region, level: Level, account: Account) -> None:
        super().__init__(app, f"support, {level.value}", region, account)
        self.level = level
        self.home = "/admin"

    def at_home(self) -> bool:
        """Whether the access is still alive; asked of its row, for every page that it opens is written down twice."""
        assert self.region and self.account
        theirs = SupportAccess.alive(self.region.id), SupportAccess.staff_id == self.account.id
        with self.app.app_context(), central_read() as session:
            return session.scalar(select(SupportAccess.id).where(*theirs)) is not None

    def enter(self) -> None:
        """Ask for an access at the centre and walk over with it."""
        assert self.region and self.account
        mend(self.app, None, self.account)
        with at(self.app, self.region):
            allow_changes(allowed=True)
        centre, self.browser = Browser(self.app, "localhost"), Browser(self.app, self.browser.host)
        centre.sign_in(self.account.email)
        where = ask(centre, self.region.slug, as_=self.account.email, level=self.level.value)
        assert walk_over(centre, self.browser, where).location == "/admin"

    def wrong(self, report: Report) -> list[str]:
        """Who may only look has sent a form that was taken; who may change, one that is open to anybody."""
        return [
            f"{self.name}: {endpoint} took a form ({status})"
            for endpoint, method, status in report.depth
            if method == "POST" and status in DEEP and endpoint not in PASSING
            if self.level is Level.LOOK or endpoint.partition(".")[0] not in DESKS
        ]


def mend(app: Platform, region: Region | None, account: Account) -> None:
    """Put back what an attack by somebody allowed to do so has changed: the account, and the region's state."""
    with app.app_context(), central_write() as session:
        session.execute(update(RegionRecord).values(state=RegionState.ACTIVE.value))
    kept = {"email": account.email, "active": True, "password_hash": password_hash()}
    if account.role:
        kept |= {"role": account.role.value, "hall_id": None, "agency_id": None, **account.place}
    with app.app_context(), serve(region) if region else nullcontext(), realm().write() as session:
        where = realm()
        session.execute(update(where.account).where(where.account.id == account.id).values(**kept))
        session.execute(where.table(where.tries).delete())
        if account.role in {Role.ADMIN, None}:
            held = session.get(where.totp, account.id)
            if held is None:
                session.add(where.totp(account_id=account.id, secret=totp.DEMO_SECRET))
            else:
                held.secret, held.last_step = totp.DEMO_SECRET, 0


class _Telling:
    """The kernel's log: a crash that it would write down is told to the crawler instead."""

    def error(self, _event: str, *, exc_info: Exception) -> None:
        """Send Flask's own signal of an error, which a handled one does not."""
        got_request_exception.send(None, exception=exc_info)

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_args, **_options: None


@contextmanager
def patient(app: Platform) -> Iterator[None]:
    """The app as it runs, for an attacker who has many addresses and all the time in the world.

    Limits and the pace of forms have tests of their own; here they would only hide what lies behind them.
    """
    limiter.enabled, app.testing = False, False
    try:
        with patch.object(bots, "SECONDS_HUMAN", 0), patch.object(kernel, "log", _Telling()):
            yield
    finally:
        limiter.enabled, app.testing = True, True


def members(app: Platform, region: Region) -> Iterator[Member]:
    """Everybody, not yet signed in. Of two who see one page, first who may change it: the next goes on from there."""
    with at(app, region), read() as session:
        counters = list(session.scalars(select(Counter).order_by(Counter.id)))
    hall, agency = {"hall_id": counters[0].hall_id}, {"agency_id": counters[0].agency_id}
    seeds.of_region(app, region)
    # Somebody who is there all the while: the region and the centre can end it.
    Supporter(app, region, Level.LOOK, _central(app, "jaga@panrb.contoh")).enter()
    yield Member(app, "stranger", region)
    yield Person(app, "citizen", region)
    yield Machine(app, region, DeviceKind.KIOSK)
    yield Machine(app, region, DeviceKind.DISPLAY)
    for name, role, place in (
        ("officer", Role.OFFICER, {}), ("receptionist", Role.RECEPTIONIST, {}),
        ("agency officer", Role.AGENCY_OFFICER, agency), ("admin", Role.ADMIN, {}),
        ("admin of one hall", Role.ADMIN, hall), ("reader", Role.READER, {}),
    ):  # fmt: skip
        account = _account(app, region, name, role, place)
        if role is Role.OFFICER:
            with at(app, region), write() as session:
                session.add_all(CounterOfficer(counter_id=c.id, staff_id=account.id) for c in counters)
        yield Member(app, name, region, account)
    helper = _central(app, "bantuan@panrb.contoh")
    for level in (Level.CHANGE, Level.LOOK):
        yield Supporter(app, region, level, helper)
    yield Member(app, "stranger at the centre", None)
    yield Person(app, "citizen at the centre", None)
    centre = Member(app, "central", None, _central(app, "serang@panrb.contoh"))
    # The region with an access under way, of all that there are.
    centre.home = f"/pusat/daerah/{region.slug}/akses"
    yield centre


def _account(app: Platform, region: Region, name: str, role: Role, place: dict[str, int]) -> Account:
    email = f"serang-{name.replace(' ', '-')}@{region.slug}.contoh"
    return Account(add_staff(app, region, email, role.value, **place), email, role, place)


def _central(app: Platform, email: str) -> Account:
    with app.app_context(), central_write() as session:
        person = CentralStaff(email=email, name="Pusat", password_hash=password_hash())
        session.add(person)
        session.flush()
        account = Account(person.id, email, None, {})
    mend(app, None, account)
    return account
