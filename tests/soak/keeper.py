"""Duties towards people while everything runs and dies: keys turned, old data ended, people erased; nothing lost."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import subprocess
import sys
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from mpp.citizens.models import Citizen
from mpp.crypto.types import same
from mpp.database.session import central_read, central_write, read, write
from mpp.outbox import post
from mpp.privacy.models import CitizenErasure
from mpp.settings import ROOT
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.people.models import Profile
from tenants.privacy.erasure import erase
from tenants.privacy.errors import NotYoursError
from tenants.privacy.owner import Owner
from tests.soak import kept
from tests.soak.running import Running
from tests.support.hall import at
from tests.support.live import environment

PEOPLE, WITHDRAWN, ACCOUNTS, GUESTS, AGED = 90, 40, 30, 60, 30
SECONDS_ADD, SECONDS_ERASE, SECONDS_RETAIN, SECONDS_LOOK = 0.5, 2.0, 5.0, 0.2
TRIES_ERASE = 120
# A turn waits 75 s for everybody to learn the new keys; a killed PostgreSQL makes it begin again.
SECONDS_TURN = 300
LAST_TRIES = 4
NATION = "pusat"
# What comes up while PostgreSQL is killed: whoever acts tries again.
AWAY = (SQLAlchemyError, psycopg.Error, OSError)
Key = tuple[int, int]


@dataclass
class Keeper:
    """What was kept of whom, and every wrong thing seen on the way."""

    app: Platform
    running: Running
    regions: list[Region]
    dice: random.Random
    turned: Tally[str] = field(default_factory=Tally)
    stopped: int = 0
    looks: int = 0
    retains: int = 0
    # Acts that met a killed PostgreSQL and were done again.
    troubles: int = 0
    wrong: list[str] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    # (region, profile) → number, from which name, telephone and NIK follow; and who goes by will or by time.
    people: dict[Key, int] = field(default_factory=dict)
    erased: set[Key] = field(default_factory=set)
    leaving: set[Key] = field(default_factory=set)
    # (region, ticket) → number, of guests.
    guests: dict[Key, int] = field(default_factory=dict)
    gone: set[Key] = field(default_factory=set)
    aged: set[Key] = field(default_factory=set)
    # Account → the profile by which its region knows it.
    accounts: dict[int, Key] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)

    def start(self, stop: threading.Event) -> list[threading.Thread]:
        """Bring people in, then turn, erase, end and look until `stop`; returns threads to wait for."""
        for region in self.regions:
            for number in range(PEOPLE + WITHDRAWN):
                self.add(region, withdrawn=number >= PEOPLE)
            for _account in range(ACCOUNTS):
                self.add_account(region)
            for number in range(GUESTS + AGED):
                self.add_guest(region, aged=number >= GUESTS)
        work: list[tuple[str, Callable[[], None]]] = [("turn", lambda: self._turn(stop))]
        for seconds, act in (
            (SECONDS_ADD, self.add), (SECONDS_ERASE, self.erase), (SECONDS_ERASE * 3, self.close),
            (SECONDS_ERASE * 2, self.erase_guest), (SECONDS_RETAIN, self.retain), (SECONDS_LOOK, self.look),
        ):  # fmt: skip
            often = lambda act=act, seconds=seconds: self._often(act, seconds, stop)  # type: ignore[misc]  # noqa: E731  # bound now
            work.append((act.__name__, often))
        threads = [
            threading.Thread(target=self._watched, args=(name, job), daemon=True) for name, job in work
        ]
        for thread in threads:
            thread.start()
        return threads

    def _watched(self, name: str, job: Callable[[], None]) -> None:
        """A thread that ends before its time would make the run look clean: it is a finding."""
        try:
            job()
        except BaseException as error:
            self.wrong.append(f"the thread that does {name} died: {error!r}")
            raise

    def _often(self, act: Callable[[Region], None], seconds: float, stop: threading.Event) -> None:
        turn = itertools.cycle(self.regions)
        while not stop.wait(seconds):
            try:
                act(next(turn))
            except AWAY:
                self.troubles += 1
                stop.wait(1)

    def add(self, region: Region, *, withdrawn: bool = False) -> Key:
        """Somebody comes in with a profile; withdrawn: whose time is over."""
        number = next(self._numbers)
        key = region.id, kept.add_profile(self.app, region, number, withdrawn=withdrawn)
        with self._lock:
            self.people[key] = number
            if withdrawn:
                self.leaving.add(key)
        return key

    def add_account(self, region: Region) -> None:
        """Somebody comes in with an account of the nation, and a profile that hangs on it."""
        key = self.add(region)
        citizen = kept.add_account(self.app, region, self.people[key])
        with self._lock:
            self.accounts[citizen] = key

    def add_guest(self, region: Region, *, aged: bool = False) -> None:
        """A guest takes a number and sends a letter; aged: so long ago that the time is over."""
        number = next(self._numbers)
        key = region.id, kept.add_guest(self.app, region, number, aged=aged)
        with self._lock:
            self.guests[key] = number
            if aged:
                self.aged.add(key)

    def _some(self, region: Region) -> Key | None:
        with self._lock:
            own = set(self.accounts.values()) | self.erased | self.leaving
            living = [key for key in self.people if key[0] == region.id and key not in own]
        return self.dice.choice(living) if living else None

    def _insist(self, act: Callable[[], None], what: str) -> None:
        """Do what must be done, however often PostgreSQL is away meanwhile."""
        for _try in range(TRIES_ERASE):
            try:
                act()
            except AWAY:
                self.troubles += 1
                time.sleep(1)
            else:
                return
        self.wrong.append(f"{what}: never done")

    def erase(self, region: Region) -> None:
        """Somebody with a profile leaves the region."""
        key = self._some(region)
        if key is None:
            return
        with self._lock:
            self.erased.add(key)

        def act() -> None:
            # NotYoursError: the one before was done, and its job does what was left; only its answer was lost.
            try:
                with at(self.app, region):
                    erase(Owner(profile_id=key[1]))
            except NotYoursError:
                return

        self._insist(act, f"{region.slug} profile {key[1]}: erasure")

    def erase_guest(self, region: Region) -> None:
        """A guest is erased by their telephone, as the page does it."""
        with self._lock:
            there = [k for k in self.guests if k[0] == region.id and k not in self.gone | self.aged]
            if not there:
                return
            key = self.dice.choice(there)
            self.gone.add(key)

        def act() -> None:
            with at(self.app, region):
                erase(Owner(phone=kept.guest_phone(self.guests[key])))

        self._insist(act, f"{region.slug} guest {key[1]}: erasure")

    def close(self, region: Region) -> None:
        """The days of somebody's wish to erase the whole account are over; the platform's own job does the rest."""
        with self._lock:
            there = [c for c, key in self.accounts.items() if key[0] == region.id and c not in self.closed]
            if not there:
                return
            citizen = self.dice.choice(there)
            self.closed.add(citizen)
            self.erased.add(self.accounts[citizen])

        def act() -> None:
            over = dt.datetime.now(tz=dt.UTC) - dt.timedelta(minutes=1)
            try:
                with self.app.app_context(), central_write() as session:
                    asked = select(CitizenErasure.id).where(CitizenErasure.account_id == citizen)
                    if session.scalar(asked) is None:
                        session.add(CitizenErasure(account_id=citizen, due_at=over))
                    post(session, "privacy.close_accounts")
            except IntegrityError:
                return

        self._insist(act, f"account {citizen}: closing")

    def retain(self, region: Region) -> None:
        """The clock's job that ends what is old comes more often than by the clock."""
        with at(self.app, region), write() as session:
            post(session, "privacy.retain")
        self.retains += 1

    def look(self, region: Region) -> None:
        """Somebody living is found by NIK at any moment, whatever version the row bears now; here and at the centre."""
        key = self._some(region)
        if key is not None:
            number = self.people[key]
            with at(self.app, region), read() as session:
                found = session.scalars(
                    select(Profile).where(same(Profile.nik_index, kept.nik(number)))
                ).all()
                fits = [p.id for p in found] == [key[1]] and found[0].name == kept.name(number)
            self.looks += 1
            if not fits and key not in self.erased:
                self.wrong.append(f"{region.slug}: person {number} not found by NIK while the keys turn")
        with self._lock:
            living = [citizen for citizen in self.accounts if citizen not in self.closed]
        if living:
            citizen = self.dice.choice(living)
            number = self.people[self.accounts[citizen]]
            with self.app.app_context(), central_read() as session:
                found_ids = session.scalars(
                    select(Citizen.id).where(same(Citizen.phone_index, kept.account_phone(number)))
                ).all()
            self.looks += 1
            if list(found_ids) != [citizen] and citizen not in self.closed:
                self.wrong.append(f"account {citizen} not found by telephone while the nation's keys turn")

    def _turn(self, stop: threading.Event) -> None:
        """`mpp secrets rotate` for one place after the other; each is brought to its end, also after `stop`."""
        first, *others = (region.slug for region in self.regions)
        for place in itertools.cycle([first, NATION, *others]):
            left = LAST_TRIES
            while not self._rotate(place) and left:
                left -= stop.is_set()
                self.stopped += 1
                time.sleep(1)
            if not left:
                self.wrong.append(f"{place}: keys could not be turned")
            if stop.is_set():
                return

    def _rotate(self, place: str) -> bool:
        try:
            done = self.command("secrets", "rotate", "--region", place).returncode == 0
        except subprocess.TimeoutExpired:
            # Killed by us; the next one goes on where it was.
            return False
        self.turned[place] += done
        return done

    def command(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """`mpp …` as an operator types it on the platform's machine."""
        here = self.running
        env = environment(here.settings, here.port, here.port + 1) | {"MPP_ENV": "development"}
        argv = [sys.executable, "-m", "wsgi", *words]
        return subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, timeout=SECONDS_TURN, check=False)
