"""What the clients were told. At the end the database must agree with every line of it."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from zlib import crc32


def phone_of(key: str) -> str:
    """The made-up telephone of whoever sends a form with this key."""
    return f"0812-9999-{crc32(key.encode()) % 10_000:04d}"


@dataclass(frozen=True)
class Given:
    """A number that somebody holds."""

    slug: str
    key: str
    code: str
    label: str


@dataclass(frozen=True)
class Act:
    """What an officer was told has happened."""

    slug: str
    kind: str
    key: str


class Ledger:
    """Everything that was answered, from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.tickets: list[Given] = []
        self.acts: list[Act] = []
        # Presses that found nobody waiting, or were refused: their keys may stand nowhere.
        self.empty: set[str] = set()
        # Take-overs that were asked for, and those that were answered: who, at which counter.
        self.asked_seats: Counter[tuple[str, str, int]] = Counter()
        self.seats: Counter[tuple[str, str, int]] = Counter()
        self.refused: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.unanswered: list[str] = []
        self.told: Counter[str] = Counter()
        self.broken: list[str] = []

    def give(self, given: Given) -> None:
        """Somebody got a number."""
        with self._lock:
            self.tickets.append(given)

    def act(self, slug: str, kind: str, key: str) -> None:
        """An officer's press was carried out."""
        with self._lock:
            self.acts.append(Act(slug, kind, key))

    def sits(self, slug: str, email: str, counter: int, *, done: bool) -> None:
        """An officer asks to take over a counter, or was told that they have it."""
        with self._lock:
            (self.seats if done else self.asked_seats)[slug, email, counter] += 1

    def refuse(self, key: str, why: str) -> None:
        """A press was answered, but nothing was done."""
        with self._lock:
            self.empty.add(key)
            self.refused[why] += 1

    def answer(self, word: str) -> None:
        """One more answer of a kind: a status, or "unreached"."""
        with self._lock:
            self.answers[word] += 1

    def tell(self, slug: str) -> None:
        """A stream told a screen of a region something."""
        with self._lock:
            self.told[slug] += 1

    def give_up(self, what: str) -> None:
        """Somebody insisted and was never answered."""
        with self._lock:
            self.unanswered.append(what)

    def break_(self, what: str) -> None:
        """A client met something it can't go on with."""
        with self._lock:
            self.broken.append(what)
