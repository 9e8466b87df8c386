"""Who is in the hall: citizens who take and give back numbers, officers who do everything a console offers."""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.soak.ledger import Given, Ledger, phone_of
from tests.soak.visitor import Answer, NeverAnsweredError, Visitor, fresh_key
from tests.support.client import PASSWORD
from tests.support.proof import work

LABEL = re.compile(r"\b[A-Z]{1,3}-\d{3,}\b")
CONSOLE = re.compile(r'data-console-state="(\w+)" data-ticket="(\d*)"')
ONE = re.compile(r'formaction="/loket/nomor/(\d+)/panggil"')
PLAIN = re.compile(r'class="console-why muted"><strong>Bukan prioritas')
# Citizens wait outside while the line is as long as this.
LONGEST_LINE = 40
KINDS = {
    "panggil": "call", "mulai": "start", "selesai": "complete", "tidak-hadir": "no_show", "tunda": "hold",
    "lanjutkan": "resume", "kembali": "resume", "alihkan": "transfer", "pulihkan": "reactivate", "ulang": "recall",
    "kelas": "reclassify",
}  # fmt: skip


@dataclass
class Hall:
    """A region's hall as its clients know it."""

    slug: str
    hall_id: int
    hall_slug: str
    service: str
    # Another service that the same counters serve.
    other: str
    desks: list[tuple[str, int]]
    line: list[int] = field(default_factory=lambda: [0])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def change(self, by: int) -> int:
        """So many more people in line, about; returns how many there are."""
        with self.lock:
            self.line[0] += by
            return self.line[0]


def take(visitor: Visitor, service: str, ask: Callable[..., Answer] | None = None) -> str | None:
    """Take a number as a citizen does and write it down; the ticket's code, None when none is given now."""
    ask = ask or visitor.insist
    form = ask("GET", f"/antrean/ambil?layanan={service}")
    fields = {
        "csrf_token": form.token(), "layanan": service, "kunci": form.hidden("kunci"), "nama": "S.A.",
        "hp": phone_of(form.hidden("kunci")), "lahir": form.hidden("lahir"), "bukti": work(form.hidden("lahir")),
    }  # fmt: skip
    answer = ask("POST", "/antrean/ambil", fields)
    if answer.status != 303:
        visitor.ledger.refuse(fields["kunci"], f"take {answer.status}")
        return None
    return write_down(visitor, fields["kunci"], answer.location)


def write_down(visitor: Visitor, key: str, location: str) -> str:
    """Look at one's ticket and note its number; returns its code."""
    page = visitor.insist("GET", location)
    label = LABEL.search(page.text)
    assert label, f"{page.status} without a number"
    code = location.rsplit("/", 1)[1]
    visitor.ledger.give(Given(visitor.slug, key, code, label[0]))
    return code


def citizens(port: int, hall: Hall, ledger: Ledger, stop: threading.Event, dice: random.Random) -> None:
    """Come one after the other until `stop`; some leave again."""
    while not stop.is_set():
        if hall.change(0) >= LONGEST_LINE:
            stop.wait(0.5)
            continue
        visitor = Visitor(port, hall.slug, ledger)
        try:
            code = take(visitor, hall.service if dice.random() < 0.8 else hall.other)
            if code is None:
                stop.wait(2)
                continue
            hall.change(1)
            if dice.random() < 0.04:
                page = visitor.insist("GET", f"/antrean/{code}")
                if 'action="/antrean/' in page.text:
                    visitor.insist("POST", f"/antrean/{code}/batal", {"csrf_token": page.token()})
                    hall.change(-1)
        except (AssertionError, NeverAnsweredError) as error:
            ledger.break_(f"citizen {hall.slug}: {error}")
        stop.wait(dice.uniform(0.3, 1.1))


class Desk:
    """An officer at a counter."""

    def __init__(  # who, where, and how it is told
        self, port: int, hall: Hall, email: str, counter: int, ledger: Ledger, dice: random.Random
    ) -> None:
        self.visitor = Visitor(port, hall.slug, ledger)
        self.hall, self.email, self.counter, self.ledger, self.dice = hall, email, counter, ledger, dice
        self.token = ""
        self._parked: list[int] = []
        self._missed: list[int] = []

    def arrive(self) -> None:
        """Sign in and sit down."""
        form = self.visitor.insist("GET", "/masuk")
        fields = {"csrf_token": form.token(), "email": self.email, "password": PASSWORD, "lanjut": ""}
        answer = self.visitor.insist("POST", "/masuk", fields)
        assert answer.status == 302, f"sign in {answer.status}"
        self.sit()

    def sit(self) -> None:
        """Sit down at the counter, or at one that is free when a colleague has taken it over."""
        self.token = self.visitor.insist("GET", "/loket/pilih").token()
        others = [counter for _email, counter in self.hall.desks if counter != self.counter]
        for counter in (self.counter, *self.dice.sample(others, len(others))):
            if self._sit_at(counter):
                return

    def _sit_at(self, counter: int, **fields: str) -> bool:
        sent = {"csrf_token": self.token, **fields}
        answer = self.visitor.insist("POST", f"/loket/{counter}/duduk", sent)
        assert answer.status == 303, f"sit {answer.status}"
        if answer.location != "/loket":
            return False
        self.counter = counter
        return True

    def _take_over(self) -> None:
        """Sit down where a colleague sits: whoever is there stays with the counter."""
        other = self.dice.choice([counter for _email, counter in self.hall.desks if counter != self.counter])
        self.ledger.sits(self.hall.slug, self.email, other, done=False)
        if self._sit_at(other, ambil_alih="1"):
            self.ledger.sits(self.hall.slug, self.email, other, done=True)

    def work(self, stop: threading.Event, slowest: float = 1.2) -> None:
        """Serve people until `stop`, pausing up to `slowest` seconds; the last press is answered first."""
        while not stop.is_set():
            try:
                self._step()
            except (AssertionError, NeverAnsweredError) as error:
                self.ledger.break_(f"officer {self.email}: {error}")
            stop.wait(self.dice.uniform(slowest / 4, slowest))

    def _step(self) -> None:
        page = self.visitor.insist("GET", "/loket/isi")
        if page.status == 410:
            self.sit()
            return
        found = CONSOLE.search(page.text)
        assert found, f"{page.status} without a console"
        state, ticket = found[1], int(found[2] or 0)
        chance = self.dice.random()
        if state == "idle":
            self._idle(chance, ONE.findall(page.text))
        elif state == "called":
            self._called(ticket, chance, plain=PLAIN.search(page.text) is not None)
        elif state == "serving":
            self._serving(ticket, chance)

    def _idle(self, chance: float, line: list[str]) -> None:
        if chance > 0.96 and len(self.hall.desks) > 1:
            self._take_over()
        elif line and chance > 0.9:
            self._press(int(self.dice.choice(line)), "panggil", sebab="mistake")
        elif self._parked and chance < 0.5:
            self._press(self._parked.pop(), "lanjutkan" if chance < 0.25 else "kembali")
        elif self._missed and chance < 0.3:
            if self._press(self._missed.pop(), "pulihkan", alasan="kembali"):
                self.hall.change(1)
        else:
            self._press(None, "panggil")

    def _called(self, ticket: int, chance: float, *, plain: bool) -> None:
        if chance < 0.08:
            if self._press(ticket, "tidak-hadir"):
                self.hall.change(-1)
                if chance < 0.05:
                    self._missed.append(ticket)
        elif chance < 0.13:
            self._park(ticket)
        elif chance < 0.2:
            self._press(ticket, "ulang")
        elif chance < 0.26:
            to = {"kelas": "elderly", "sebab-kelas": "seen"} if plain else {"kelas": "biasa"}
            self._press(ticket, "kelas", **to)
        else:
            self._press(ticket, "mulai")

    def _serving(self, ticket: int, chance: float) -> None:
        if chance < 0.05:
            self._park(ticket)
        elif chance < 0.1:
            self._press(ticket, "alihkan", alasan="perlu layanan lain", layanan=self.hall.other)
        elif self._press(ticket, "selesai"):
            self.hall.change(-1)

    def _park(self, ticket: int) -> None:
        if self._press(ticket, "tunda", alasan="melengkapi berkas"):
            self._parked.append(ticket)

    def _press(self, ticket: int | None, word: str, **fields: str) -> bool:
        key = fresh_key()
        path = "/loket/panggil" if ticket is None else f"/loket/nomor/{ticket}/{word}"
        sent = {"csrf_token": self.token, "loket": str(self.counter), "kunci": key, **fields}
        answer = self.visitor.insist("POST", path, sent, script=True)
        notice = json.loads(answer.text).get("notice") if answer.status in {200, 409} else None
        if answer.status == 200 and notice is None:
            self.ledger.act(self.hall.slug, KINDS[word], key)
            return True
        self.ledger.refuse(key, f"{word} {answer.status} {notice or ''}".strip())
        return False
