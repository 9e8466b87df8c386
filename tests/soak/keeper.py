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

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from mpp.crypto.types import same
from mpp.database.session import read, write
from mpp.outbox import post
from mpp.settings import ROOT
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.people.models import Profile
from tenants.privacy.erasure import erase
from tenants.privacy.errors import NotYoursError
from tenants.privacy.owner import Owner
from tenants.queueing.models import Ticket
from tests.soak.ledger import phone_of
from tests.soak.running import Running
from tests.support.hall import at
from tests.support.live import environment

PEOPLE, WITHDRAWN = 120, 40
SECONDS_ADD, SECONDS_ERASE, SECONDS_RETAIN, SECONDS_LOOK = 0.5, 2.0, 5.0, 0.2
TRIES_ERASE = 120
# A turn waits 75 s for everybody to learn the new keys; a killed PostgreSQL makes it begin again.
SECONDS_TURN = 300
LAST_TRIES = 4
NOTICE = dt.timedelta(days=10)


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
    wrong: list[str] = field(default_factory=list)
    erased: set[tuple[int, int]] = field(default_factory=set)
    retains: int = 0
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    # (region, profile) → number, from which name, telephone and NIK follow.
    people: dict[tuple[int, int], int] = field(default_factory=dict)
    leaving: set[tuple[int, int]] = field(default_factory=set)

    def start(self, stop: threading.Event) -> list[threading.Thread]:
        """Bring people in, then turn, erase, end and look until `stop`; returns threads to wait for."""
        for region in self.regions:
            for number in range(PEOPLE + WITHDRAWN):
                self._add(region, withdrawn=number >= PEOPLE)
        work: list[Callable[[], None]] = [lambda: self._turn(stop)]
        for seconds, act in (
            (SECONDS_ADD, self._add), (SECONDS_ERASE, self._erase), (SECONDS_RETAIN, self._retain),
            (SECONDS_LOOK, self._look),
        ):  # fmt: skip
            work.append(lambda act=act, seconds=seconds: self._often(act, seconds, stop))  # type: ignore[misc]  # bound now
        threads = [threading.Thread(target=job, daemon=True) for job in work]
        for thread in threads:
            thread.start()
        return threads

    def _often(self, act: Callable[[Region], None], seconds: float, stop: threading.Event) -> None:
        turn = itertools.cycle(self.regions)
        while not stop.wait(seconds):
            try:
                act(next(turn))
            except (SQLAlchemyError, OSError):
                # PostgreSQL was killed; whoever acts tries again.
                stop.wait(1)

    def _add(self, region: Region, *, withdrawn: bool = False) -> None:
        number, now = next(self._numbers), dt.datetime.now(tz=dt.UTC)
        with at(self.app, region), write() as session:
            person = Profile(
                subject=f"soak-{number}", name=_name(number), phone=_phone(number), nik=_nik(number),
                consent_version="1", consented_at=now, withdrawn_at=now - NOTICE if withdrawn else None,
            )  # fmt: skip
            session.add(person)
            session.flush()
            key = region.id, person.id
        with self._lock:
            self.people[key] = number
            if withdrawn:
                self.leaving.add(key)

    def _some(self, region: Region) -> tuple[int, int] | None:
        with self._lock:
            living = [k for k in self.people if k[0] == region.id and k not in self.erased | self.leaving]
        return self.dice.choice(living) if living else None

    def _erase(self, region: Region) -> None:
        key = self._some(region)
        if key is None:
            return
        with self._lock:
            self.erased.add(key)
        for _try in range(TRIES_ERASE):
            try:
                with at(self.app, region):
                    erase(Owner(profile_id=key[1]))
            except NotYoursError:
                # The one before was done; only its answer was lost.
                return
            except (SQLAlchemyError, OSError):
                time.sleep(1)
            else:
                return

    def _retain(self, region: Region) -> None:
        with at(self.app, region), write() as session:
            post(session, "privacy.retain")
        self.retains += 1

    def _look(self, region: Region) -> None:
        """Somebody living is found by NIK at any moment, whatever version the row bears now."""
        key = self._some(region)
        if key is None:
            return
        number = self.people[key]
        with at(self.app, region), read() as session:
            found = session.scalars(select(Profile).where(same(Profile.nik_index, _nik(number)))).all()
            fits = [p.id for p in found] == [key[1]] and found[0].name == _name(number)
        self.looks += 1
        if not fits and key not in self.erased:
            self.wrong.append(f"{region.slug}: person {number} not found by NIK while the keys turn")

    def _turn(self, stop: threading.Event) -> None:
        """`mpp secrets rotate` for one region after the other; each is brought to its end, also after `stop`."""
        for region in itertools.cycle(self.regions):
            left = LAST_TRIES
            while not self._rotate(region) and left:
                left -= stop.is_set()
                self.stopped += 1
                time.sleep(1)
            if not left:
                self.wrong.append(f"{region.slug}: keys could not be turned")
            if stop.is_set():
                return

    def _rotate(self, region: Region) -> bool:
        done = self._command("secrets", "rotate", "--region", region.slug).returncode == 0
        self.turned[region.slug] += done
        return done

    def _command(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """`mpp …` as an operator types it on the platform's machine."""
        here = self.running
        env = environment(here.settings, here.port, here.port + 1) | {"MPP_ENV": "development"}
        argv = [sys.executable, "-m", "wsgi", *words]
        return subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, timeout=SECONDS_TURN, check=False)

    def judge(self) -> None:
        """Everybody is there, opens and is found, but for those who were erased or whose time was over."""
        for region in self.regions:
            with at(self.app, region), read() as session:
                for person in session.scalars(select(Profile).order_by(Profile.id)):
                    self._person(region, person, len(_found(session, person.nik)))
                for ticket in session.scalars(select(Ticket).where(Ticket.idempotency_key.is_not(None))):
                    if ticket.phone is not None and ticket.phone != _plain(phone_of(ticket.idempotency_key)):
                        self.wrong.append(f"{region.slug} {ticket.label}: another telephone than was given")
        chain = self._command("audit", "verify")
        if chain.returncode != 0:
            self.wrong.append(f"audit chain: {chain.stdout.decode()[-300:]} {chain.stderr.decode()[-300:]}")

    def _person(self, region: Region, person: Profile, found: int) -> None:
        key = region.id, person.id
        number = self.people.get(key)
        held = person.name, person.phone, person.nik
        if key in self.erased | self.leaving:
            # Gone, with nothing left that opens.
            if any(held) or person.erased_at is None:
                self.wrong.append(f"{region.slug} profile {person.id}: should be gone")
        elif number is not None and held != (_name(number), _plain(_phone(number)), _nik(number)):
            self.wrong.append(f"{region.slug} profile {person.id}: holds something else than was given")
        elif number is not None and found != 1:
            self.wrong.append(f"{region.slug} profile {person.id}: found {found} times by NIK")


def _found(session: object, nik: str | None) -> list[int]:
    return list(session.scalars(select(Profile.id).where(same(Profile.nik_index, nik)))) if nik else []  # type: ignore[attr-defined]  # a session of SQLAlchemy


def _name(number: int) -> str:
    return f"Warga {number}"


def _phone(number: int) -> str:
    return f"0812-9999-{number % 10_000:04d}"


def _nik(number: int) -> str:
    return f"9901010101{number:06d}"


def _plain(phone: str) -> str:
    """As it is kept: +62…"""
    return "+62" + phone.replace("-", "")[1:]
