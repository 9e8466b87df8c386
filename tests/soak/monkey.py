"""The monkey: kill -9 at random moments, and how long until somebody is served again."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from mpp.tenancy.provision import owner
from tests.soak.ledger import Ledger
from tests.soak.people import Hall, write_down
from tests.soak.running import Running
from tests.soak.screens import Boards
from tests.soak.visitor import NeverAnsweredError, UnreachedError, Visitor
from tests.support.proof import work

# What is killed: a child of `mpp up`, or one of the processes under it.
KINDS = (
    "page_worker", "page_master", "worker", "ticker", "valkey", "events", "events_worker", "postgres", "backend",
)  # fmt: skip
MASTERS = {"page_master": "web", **{n: n for n in ("worker", "ticker", "valkey", "events", "postgres")}}
UNDER = {"page_worker": "web", "events_worker": "events", "backend": "postgres"}
# Besides numbers, these carry something of their own.
JOBS, STREAM = ("worker", "ticker", "valkey"), ("events", "events_worker")
SECONDS_PROBE = 0.05
SECONDS_LONGEST = 90.0
# A fresh process fetches its first board before it tells one.
SECONDS_STREAM = 10.0
SECONDS_CALM = (3.0, 8.0)
TWICE = 0.15


@dataclass(frozen=True)
class Kill:
    """One kill: of what, and after how many seconds what was done again (None: never)."""

    kind: str
    what: str
    seconds: float | None


class Monkey:
    """Kills one thing of each kind in turn, in a random order, at random moments; sometimes two at once."""

    def __init__(
        self, running: Running, hall: Hall, region: str, ledger: Ledger, dice: random.Random
    ) -> None:
        self.kills: list[Kill] = []
        self._beside: list[threading.Thread] = []
        self._running, self._hall, self._schema, self._ledger, self._dice = (
            running,
            hall,
            region,
            ledger,
            dice,
        )

    def play(self, stop: threading.Event) -> None:
        """Go on until `stop`; every kill is measured to its end."""
        while not stop.is_set():
            kinds = self._dice.sample(KINDS, len(KINDS))
            while kinds and not stop.wait(self._dice.uniform(*SECONDS_CALM)):
                now = [kinds.pop() for _ in range(2 if len(kinds) > 1 and self._dice.random() < TWICE else 1)]
                self._strike(now)
        for thread in self._beside:
            thread.join()

    def _strike(self, kinds: list[str]) -> None:
        form = self._form()
        # Orphans of a master serve on for a moment: only its successor counts.
        gone = {kind: self._running.master(MASTERS[kind]) for kind in kinds if kind in MASTERS}
        hits = [kind for kind in kinds if self._kill(kind)]
        began = time.monotonic()
        print(f"  {time.strftime('%H:%M:%S')} kill -9 {' + '.join(hits) or 'nothing'}", flush=True)
        probes: list[tuple[str, Callable[[], bool]]] = [
            ("number", self._number(form, gone.get("page_master")))
        ]
        if set(hits) & set(JOBS):
            probes.append(("job", self._job()))
        if set(hits) & set(STREAM):
            probes.append(("stream", self._stream(gone.get("events"))))
        threads = [
            threading.Thread(target=self._measure, args=(hits, what, done, began)) for what, done in probes
        ]
        for thread in threads:
            thread.start()
        # Numbers are waited for; jobs and streams come back beside the next blow.
        threads[0].join()
        self._beside += threads[1:]
        if not self._running.alive():
            self._ledger.break_("mpp up is gone: " + self._running.said.read_text("utf-8")[-400:])

    def _kill(self, kind: str) -> bool:
        name = UNDER.get(kind)
        targets = self._running.workers(name) if name else [self._running.master(MASTERS[kind]) or 0]
        targets = [pid for pid in targets if pid]
        if not targets:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._dice.choice(targets), signal.SIGKILL)
            return True
        return False

    def _measure(self, hits: list[str], what: str, done: Callable[[], bool], began: float) -> None:
        seconds: float | None = None
        while time.monotonic() - began < SECONDS_LONGEST:
            if done():
                seconds = time.monotonic() - began
                break
            time.sleep(SECONDS_PROBE)
        kind = hits[0] if len(hits) == 1 else "two_at_once"
        self.kills.append(Kill(kind, what, seconds))
        if seconds is None:
            self._ledger.break_(f"no {what} again after {kind}")

    def _form(self) -> tuple[Visitor, dict[str, str]]:
        """A form that lies open before the blow, as many do."""
        visitor = Visitor(self._running.port, self._hall.slug, self._ledger)
        page = visitor.insist("GET", f"/antrean/ambil?layanan={self._hall.service}")
        names = ("csrf_token", "layanan", "kunci", "lahir")
        fields = {name: page.hidden(name) for name in names} | {"nama": "P.", "hp": ""}
        return visitor, fields | {"bukti": work(fields["lahir"])}

    def _number(self, form: tuple[Visitor, dict[str, str]], gone: int | None) -> Callable[[], bool]:
        """Send one form, again and again: one number, however often it went out."""
        visitor, fields = form

        def done() -> bool:
            if gone and self._running.master("web") in {None, gone}:
                return False
            try:
                answer = visitor.ask("POST", "/antrean/ambil", fields, patient=2)
            except UnreachedError:
                return False
            if answer.status != 303:
                return False
            noting = threading.Thread(target=self._note, args=(visitor, fields["kunci"], answer.location))
            # Waited for at the end: a number judged before it is written down would be nobody's.
            self._beside.append(noting)
            noting.start()
            return True

        return done

    def _note(self, visitor: Visitor, key: str, location: str) -> None:
        self._hall.change(1)
        try:
            write_down(visitor, key, location)
        except (AssertionError, NeverAnsweredError) as error:
            self._ledger.break_(f"probe: {error}")

    def _job(self) -> Callable[[], bool]:
        """Post work into the outbox and look until it is done."""
        posted: list[int] = []
        table = f"{self._schema}.outbox"

        def done() -> bool:
            try:
                with owner(self._running.settings) as connection:
                    if not posted:
                        row = connection.execute(
                            f"INSERT INTO {table} (kind, payload) VALUES ('rollup', '{{}}') RETURNING id"
                        ).fetchone()
                        posted.append(int(row[0]) if row else 0)
                    found = connection.execute(
                        f"SELECT done_at IS NOT NULL FROM {table} WHERE id = %s", (posted[0],)
                    ).fetchone()
                    return bool(found and found[0])
            except psycopg.Error:
                return False

        return done

    def _stream(self, gone: int | None) -> Callable[[], bool]:
        """Open a stream and get the board."""

        def done() -> bool:
            if gone and self._running.master("events") in {None, gone}:
                return False
            try:
                found = next(iter(Boards(self._running.port + 1, self._hall, SECONDS_STREAM)), None)
            except (OSError, http.client.HTTPException):
                return False
            return found is not None

        return done

    def times(self) -> dict[tuple[str, str], list[float]]:
        """Seconds until it was done again, by kind of kill and what was done."""
        found: dict[tuple[str, str], list[float]] = defaultdict(list)
        for kill in self.kills:
            found[kill.kind, kill.what].append(SECONDS_LONGEST if kill.seconds is None else kill.seconds)
        return found
