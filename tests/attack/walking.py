"""The walk: every page of a host that one member of the cast can reach, and what is wrong with each answer."""

from __future__ import annotations

import itertools
import random
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urljoin, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect, Rule
from werkzeug.test import Client, TestResponse

from tests.attack.checks import faults
from tests.attack.payloads import AGENT, Payload
from tests.attack.reading import Form, read

Pairs = list[tuple[str, Any]]
# A choice that stands on every page is walked on so many.
ALIKE = 3
STATIC = {"static.file", "static"}
# Nobody's own way out is closed: signing out ends the crawl of this member of the cast.
LEAVING = ("sign_out",)


class Actor(Protocol):
    """A member of the cast at one host."""

    name: str
    base: str
    home: str
    hosts: frozenset[str]
    routes: MapAdapter

    @property
    def client(self) -> Client:
        """The browser's client."""

    def at_home(self) -> bool:
        """Whether still signed in."""

    def enter(self) -> None:
        """Sign in (again), made whole before if need be."""

    def token(self) -> str:
        """A CSRF token of this session, for forms that no page shows."""


@dataclass(slots=True)
class Bounds:
    """How much: pages and forms of one kind, fields of a form, payloads for each, requests and seconds in all."""

    pages: int = 2
    forms: int = 1
    fields: int = 8
    payloads: int = 2
    requests: int = 600
    seconds: float = 60.0
    # How often the walk begins anew: acts open pages that were not there before, and stored things show there.
    turns: int = 3


@dataclass(slots=True)
class Report:
    """What was found and how much was covered."""

    faults: list[str] = field(default_factory=list)
    requests: int = 0
    seen: set[str] = field(default_factory=set)
    posted: set[str] = field(default_factory=set)
    # Routes that answered with JSON, files to keep aside.
    json: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    # Statuses by (endpoint, method), for whoever wonders whether an attack got anywhere.
    depth: Counter[tuple[str, str, int]] = field(default_factory=Counter)


@dataclass(slots=True)
class Done:
    """What members before have done: in a small crawl the next one goes on from there."""

    pages: set[str] = field(default_factory=set)
    jobs: set[str] = field(default_factory=set)


class Walk:
    """One member's way through a host's pages."""

    def __init__(self, actor: Actor, bounds: Bounds, seed: int, done: Done | None = None) -> None:
        self.actor, self.bounds, self.report = actor, bounds, Report()
        self.dice = random.Random(f"{seed} {actor.name}")
        self._ends = time.monotonic() + bounds.seconds
        self._left, self._spent, self._raised = 0, 0, ""
        self._addresses = itertools.count()
        # Pages by kind, forms by kind, and what others of the cast have attacked in full.
        self._pages: dict[tuple[str, ...], list[str]] = {}
        self._forms: dict[tuple[str, ...], list[tuple[str, Form]]] = {}
        self._done = done or Done()
        self._own: set[str] = set()
        self._tried: set[str] = set()
        self._deep = False
        self._names: set[str] = set()
        self._queries: set[str] = set()

    def _note(self, _app: object, exception: Exception, **_extra: object) -> None:
        """Keep where an error was raised: the answer rightly doesn't say."""
        last = traceback.extract_tb(exception.__traceback__)
        ours = [f for f in last if "site-packages" not in f.filename] or list(last)
        where = f"{ours[-1].filename.rpartition('/')[2]}:{ours[-1].lineno}" if ours else "?"
        self._raised = f" {type(exception).__name__} at {where}: {str(exception)[:90]}"

    def _doors(self) -> list[str]:
        """Where a walk begins: every address of this host that needs no argument."""
        rules = [rule for rule in self._rules("GET") if not rule.arguments - {"_scope"}]
        return sorted({rule.rule for rule in rules}, key=lambda path: (path.count("/"), path))

    def _rules(self, method: str) -> Iterator[Rule]:
        for rule in self.actor.routes.map.iter_rules():
            here = "_scope" in rule.arguments or rule.subdomain in {"", None, self.actor.routes.subdomain}
            if here and method in (rule.methods or ()):
                yield rule

    def _walk(self) -> None:
        """Go to every kind of page, and from there wherever links lead; what is known is looked at once more."""
        frontier = [self.actor.home, *itertools.chain(*self._pages.values()), *self._doors()]
        known: set[str] = set()
        while frontier:
            path = frontier.pop(0)
            kind = self._kind(path, "GET")
            if path in known or kind is None or (kind[0] in self._done.pages and path != self.actor.home):
                continue
            known.add(path)
            kept = self._pages.setdefault(kind, [])
            if path not in kept:
                # A choice that stands on every page (the language) is tried on a few.
                alike = sum(1 for other, there in self._pages.items() if there and other[1:] == kind[1:])
                if len(kept) >= self.bounds.pages or (kind[1:] and alike >= ALIKE):
                    continue
                kept.append(path)
            answer = self._open("GET", path, None)
            if answer.status_code == 200:
                self._own.add(kind[0])
            elif self.bounds.pages == 1:
                kept.remove(path)
            frontier += self._links(path, answer)

    def _links(self, path: str, answer: TestResponse) -> list[str]:
        targets = [answer.headers.get("Location", "")]
        if answer.mimetype == "text/html" and answer.status_code < 400:
            seen = read(answer.get_data(as_text=True))
            targets += seen.links
            for form in seen.forms:
                self._keep(path, form)
        found = [local for target in targets if (local := self._local(path, target))]
        self._queries |= {name for local in found for name, _ in parse_qsl(urlsplit(local).query)}
        return found

    def _keep(self, page: str, form: Form) -> None:
        action = self._local(page, form.action or page)
        if action is None:
            return
        kind = self._kind(action, form.method)
        names = {f.name for f in form.fields}
        (self._queries if form.method == "GET" else self._names).update(names)
        if kind is None or kind[0].rpartition(".")[2] in LEAVING:
            return
        kept = self._forms.setdefault((*kind, *form.shape), [])
        form.action = action
        if len(kept) < self.bounds.forms and all(known.action != action for _, known in kept):
            kept.append((page, form))

    def _local(self, page: str, target: str) -> str | None:
        """The path of a link of this host, None for one that leads away."""
        if not target or target.startswith(("#", "mailto:", "tel:")):
            return None
        split = urlsplit(urljoin(self.actor.base + page, target))
        if f"{split.scheme}://{split.netloc}" != self.actor.base:
            return None
        return split.path + (f"?{split.query}" if split.query else "")

    def _kind(self, path: str, method: str) -> tuple[str, ...] | None:
        """The endpoint of an address and the names in its query; None when nothing is there, or a static file."""
        split = urlsplit(path)
        try:
            endpoint, _ = self.actor.routes.match(split.path, method=method)
        except (HTTPException, RequestRedirect):
            return None
        if endpoint in STATIC:
            return None
        return str(endpoint), *sorted(name for name, _ in parse_qsl(split.query, keep_blank_values=True))

    def _open(
        self, method: str, path: str, pairs: Pairs | None, payload: Payload | None = None
    ) -> TestResponse:
        self.report.requests, self._raised = self.report.requests + 1, ""
        turn = next(self._addresses)
        answer = self.actor.client.open(
            path, method=method, base_url=self.actor.base, data=_body(pairs) if pairs is not None else None,
            headers={"User-Agent": AGENT, "Referer": f"{self.actor.base}/?zq={AGENT}"},
            # Limits count per address: an attacker has many.
            environ_overrides={"REMOTE_ADDR": f"10.{turn // 250 % 250}.{turn % 250}.9"},
        )  # fmt: skip
        kind = self._kind(path, method)
        endpoint = kind[0] if kind else "?"
        (self.report.posted if method == "POST" else self.report.seen).add(endpoint)
        if answer.mimetype == "application/json" and "Content-Disposition" not in answer.headers:
            self.report.json.add(endpoint)
        self.report.answers[answer.status_code] += 1
        self.report.depth[endpoint, method, answer.status_code] += 1
        said = f" with {payload.kind} {payload.value[:60]!r}" if payload else ""
        for fault in faults(answer, self.actor.hosts):
            where = f"{self.actor.name}: {method} {path[:100]}{said}"
            names = ",".join(sorted({name for name, _ in pairs or ()} - {"csrf_token"}))[:120]
            self.report.faults.append(f"{where} [{names}]: {fault}{self._raised}")
        return answer


def _body(pairs: Pairs) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
