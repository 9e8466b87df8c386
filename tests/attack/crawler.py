"""The crawler: walks a host as one of the cast and sends every form, field by field, with the payloads."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from flask import got_request_exception
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.attack.payloads import FILES, PAYLOADS, Payload
from tests.attack.reading import Form
from tests.attack.walking import LEAVING, STATIC, Pairs, Report, Walk

# A form was really read when it was answered so.
DEEP = frozenset({200, 204, 302, 303, 409, 410, 422})


class RefusedError(Exception):
    """This member may not send this form: more of it tells nothing."""


class SpentError(Exception):
    """No request or second is left."""


class Crawler(Walk):
    """One member's attack. The same seed sends the same."""

    def run(self) -> Report:
        """Walk, attack, walk again for what was stored, attack what came up anew, look once more."""
        with got_request_exception.connected_to(self._note):
            for turn in range(1, self.bounds.turns + 1):
                self._walk()
                self._left = self.bounds.requests * turn // self.bounds.turns - self._spent
                with suppress(SpentError):
                    self._attack()
                if not self.actor.at_home():
                    self.actor.enter()
        self._done.pages |= self._own
        return self.report

    def _attack(self) -> None:
        """Forms first, for they go deepest; each kind of job in an order of the dice."""
        for kind in (self._form_jobs, self._unseen_jobs, self._argument_jobs, self._query_jobs):
            jobs = [job for job in kind() if job[0] not in self._done.jobs | self._tried]
            self.dice.shuffle(jobs)
            for name, job in jobs:
                self._deep = False
                with suppress(RefusedError):
                    job()
                if self._deep or kind is not self._form_jobs:
                    self._done.jobs.add(name)
                else:
                    self._tried.add(name)
                if kind is not self._query_jobs and not self.actor.at_home():
                    self.actor.enter()

    def _form_jobs(self) -> Iterator[tuple[str, Callable[[], None]]]:
        for kind, forms in self._forms.items():
            for number, (page, form) in enumerate(forms):
                whole = f"form {kind} {number}"
                yield whole, partial(self._form, page, form)

    def _form(self, page: str, form: Form) -> None:
        """Each field in turn with some payloads, the others as they stand; then all at once, too few and too many."""
        targets = [f for f in form.fields if f.name != "csrf_token"]
        for target in self._some(targets, self.bounds.fields):
            if target.kind == "file":
                for name, kind, content in self._some(FILES):
                    pairs: Pairs = [*form.without(target.name), (target.name, (BytesIO(content), name, kind))]
                    self._submit(page, form, pairs)
                continue
            for payload in self._some(PAYLOADS):
                self._submit(page, form, [*form.without(target.name), (target.name, payload.value)], payload)
        if targets:
            odd = self.dice.choice(targets)
            self._submit(page, form, form.without(odd.name))
            self._submit(page, form, [*form.without(""), (odd.name, self._one().value), (odd.name, "zq")])
            if form.method == "POST":
                name, kind, content = self.dice.choice(FILES)
                self._submit(
                    page, form, [*form.without(odd.name), (odd.name, (BytesIO(content), name, kind))]
                )
            marked: Pairs = [(f.name, self._one().value) for f in targets if f.kind != "file"]
            self._submit(
                page, form, marked + [(f.name, f.value) for f in form.fields if f.name == "csrf_token"]
            )
        # As it stands: what it does opens the next pages.
        self._submit(page, form, form.without(""))

    def _submit(self, page: str, form: Form, pairs: Pairs, payload: Payload | None = None) -> None:
        if form.method == "GET":
            path = urlsplit(form.action).path
            query = urlencode([(n, v[:4000]) for n, v in pairs if isinstance(v, str)])
            self._send("GET", f"{path}?{query}", None, payload)
            self._deep = True
            return
        answer = self._send("POST", form.action, self._fresh(pairs), payload)
        if answer.status_code in {401, 403}:
            raise RefusedError
        self._deep = self._deep or answer.status_code in DEEP
        landed = self._local(page, answer.headers.get("Location", ""))
        if landed:
            kind = self._kind(landed, "GET")
            if kind and landed not in self._pages.setdefault(kind, []) and len(self._pages[kind]) < 4:
                self._pages[kind].append(landed)

    def _fresh(self, pairs: Pairs) -> Pairs:
        """With a token of the session at hand: sessions end and begin anew under attack."""
        if not any(name == "csrf_token" for name, _ in pairs):
            return pairs
        return [(name, self.actor.token() if name == "csrf_token" else value) for name, value in pairs]

    def _query_jobs(self) -> Iterator[tuple[str, Callable[[], None]]]:
        for kind, paths in list(self._pages.items()):
            for path in paths[:1]:
                yield f"query {kind}", partial(self._query, path)

    def _query(self, path: str) -> None:
        """Each name of the query that stands there, then every name that any page of this host knows."""
        split = urlsplit(path)
        pairs = parse_qsl(split.query, keep_blank_values=True)
        for name, _ in pairs:
            for payload in self._some(PAYLOADS):
                others = [(n, v) for n, v in pairs if n != name]
                self._send(
                    "GET", f"{split.path}?{urlencode([*others, (name, payload.value[:4000])])}", None, payload
                )
        for payload in self._some(PAYLOADS, 1):
            every = [(name, payload.value[:400]) for name in sorted(self._queries | {"lanjut", "bahasa"})]
            self._send("GET", f"{split.path}?{urlencode(every)}", None, payload)

    def _argument_jobs(self) -> Iterator[tuple[str, Callable[[], None]]]:
        for method in ("GET", "POST"):
            for rule in self._rules(method):
                if rule.arguments - {"_scope"} and rule.endpoint not in STATIC:
                    yield (
                        f"argument {method} {rule.rule}",
                        partial(self._arguments, rule, method),
                    )

    def _arguments(self, rule: Rule, method: str) -> None:
        """Payloads in the place of what an address names."""
        for payload in self._some(PAYLOADS):
            path = "".join(
                quote(payload.value[:2000], safe="") if part.startswith("<") else part
                for part in _parts(rule.rule)
            )
            self._send(
                method, path, [("csrf_token", self.actor.token())] if method == "POST" else None, payload
            )

    def _unseen_jobs(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Addresses that take a POST and that no page of this member showed a form for."""
        shown = {kind[0] for kind in self._forms}
        for rule in self._rules("POST"):
            if rule.endpoint in shown or rule.endpoint.rpartition(".")[2] in LEAVING:
                continue
            yield f"unseen {self.actor.name} {rule.endpoint}", partial(self._unseen, rule)

    def _unseen(self, rule: Rule) -> None:
        """Every name that any form of this host knows, at once."""
        path = "".join(_sample(part) if part.startswith("<") else part for part in _parts(rule.rule))
        for payload in self._some(PAYLOADS, 1):
            every: Pairs = [(name, payload.value[:2000]) for name in sorted(self._names - {"csrf_token"})][
                :100
            ]
            self._send("POST", path, [*every, ("csrf_token", self.actor.token())], payload)

    def _some(self, all_: Any, most: int | None = None) -> Any:
        count = min(most or self.bounds.payloads, len(all_))
        return self.dice.sample(all_, count) if count < len(all_) else all_

    def _one(self) -> Payload:
        return self.dice.choice(PAYLOADS)

    def _send(
        self, method: str, path: str, pairs: Pairs | None, payload: Payload | None = None
    ) -> TestResponse:
        """Send one attack. Raises SpentError when none is left."""
        if self._left <= 0 or time.monotonic() > self._ends:
            raise SpentError
        self._left, self._spent = self._left - 1, self._spent + 1
        return self._open(method, path, pairs, payload)


def _parts(rule: str) -> list[str]:
    """A route's pattern cut into its fixed parts and its arguments ("<int:id>")."""
    return [part for part in _split(rule) if part]


def _sample(argument: str) -> str:
    """Something that such an argument may be: the first of the words that it allows, or 1."""
    found = re.match(r"<any\(([^,)]+)", argument)
    return found[1].strip("'\" ") if found else "1"


def _split(rule: str) -> Iterator[str]:
    while "<" in rule:
        before, _, rest = rule.partition("<")
        inner, _, rule = rest.partition(">")
        yield before
        yield f"<{inner}>"
    yield rule
