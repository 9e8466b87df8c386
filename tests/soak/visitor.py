"""A client that insists: it sends the same again, with the same key, until it has an answer."""

from __future__ import annotations

import http.client
import itertools
import re
import secrets
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.soak.ledger import Ledger

SECONDS_PATIENT = 10.0
SECONDS_BETWEEN = 0.3
# Everything is up again long before: whoever still has no answer then has lost.
SECONDS_INSIST = 90.0
# The limits count per address: every visitor comes from one of their own.
_addresses = itertools.count()


class UnreachedError(Exception):
    """No answer: nobody listens, or the line broke."""


class NeverAnsweredError(Exception):
    """Insisting did not help."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str
    location: str
    retry_after: str | None = None

    def token(self) -> str:
        """The form's CSRF token. Raises AssertionError when there is none."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.text)
        assert found, f"{self.status} without a form"
        return found[1]

    def hidden(self, name: str) -> str:
        """The value of a hidden field. Raises AssertionError when there is none."""
        for tag in re.findall(r"<input[^>]*>", self.text):
            if f'name="{name}"' in tag and (found := re.search(r'value="([^"]*)"', tag)):
                return found[1]
        raise AssertionError(f"{self.status} without {name}")


class Visitor:
    """One browser at a region's host, at a loopback address of its own."""

    def __init__(self, port: int, slug: str, ledger: Ledger) -> None:
        self.port, self.slug, self.ledger = port, slug, ledger
        turn = next(_addresses)
        self._address = f"127.{turn // 62_500 % 200 + 1}.{turn // 250 % 250}.{turn % 250 + 1}"
        self._cookies: dict[str, str] = {}

    def ask(
        self, method: str, path: str, fields: dict[str, str] | None = None, *, script: bool = False,
        patient: float = SECONDS_PATIENT,
    ) -> Answer:  # fmt: skip
        """Send once. Raises UnreachedError."""
        # A line of its own for each: one that idled may have been closed, and is then no news.
        headers = {"Host": f"{self.slug}.localhost:{self.port}", "Connection": "close"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if script:
            headers["Accept"] = "application/json"
        body = None
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(fields)
        line = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=patient, source_address=(self._address, 0)
        )
        try:
            line.request(method, path, body, headers)
            found = line.getresponse()
            text = found.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            self.ledger.answer("unreached")
            raise UnreachedError(type(error).__name__) from error
        finally:
            line.close()
        for value in found.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(value).items()}
        self.ledger.answer(str(found.status))
        return Answer(found.status, text, found.headers.get("Location", ""), found.headers.get("Retry-After"))

    def insist(
        self, method: str, path: str, fields: dict[str, str] | None = None, *, script: bool = False
    ) -> Answer:
        """Send until something but a server's trouble comes back. Raises NeverAnsweredError."""
        until = time.monotonic() + SECONDS_INSIST
        while time.monotonic() < until:
            try:
                answer = self.ask(method, path, fields, script=script)
            except UnreachedError:
                pass
            else:
                if answer.status < 500 and answer.status != 429:
                    return answer
            time.sleep(SECONDS_BETWEEN)
        self.ledger.give_up(f"{method} {self.slug} {path}")
        raise NeverAnsweredError(path)

    def same_person(self) -> Visitor:
        """Another tab of the same browser."""
        twin = Visitor(self.port, self.slug, self.ledger)
        twin._cookies = dict(self._cookies)
        return twin


def fresh_key() -> str:
    """A name for one press."""
    return secrets.token_urlsafe(18)
