"""Another house's OpenID provider: a program that is not ours, in a process of its own on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from mpp.settings import ForeignProvider
from tests.support.live import free_port, wait_for


@dataclass(frozen=True)
class Partner:
    """A provider that answers at `issuer`."""

    issuer: str

    def settings(self, **changes: Any) -> ForeignProvider:
        """How an installation names it."""
        words: dict[str, Any] = {
            "issuer": self.issuer, "client_id": "mpp", "client_secret": "rahasia", "scopes": "openid profile phone",
            "label": "INApas", "claim_nik": "nik", "claim_name": "name", "claim_phone": "phone_number",
        }  # fmt: skip
        return ForeignProvider(**words | changes)

    def consent(self, address: str, subject: str | None) -> str:
        """Sign in there as `subject` (None: say no) and return the address that the browser is sent back to."""
        form = {"sub": subject} if subject else {"action": "deny"}
        answer = requests.post(address, data=form, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text[:300]
        return str(answer.headers["Location"])


@contextmanager
def partner(people: list[dict[str, str]], *, token_seconds: int = 3600) -> Iterator[Partner]:
    """Run the provider with these people (claims; "sub" names them)."""
    port = free_port()
    known = [word for person in people for word in ("--user-claims", json.dumps(person))]
    command = [
        sys.executable, "-m", "oidc_provider_mock", "-p", str(port), "-H", "127.0.0.1",
        "-e", str(token_seconds), *known,
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    try:
        wait_for(f"http://127.0.0.1:{port}/.well-known/openid-configuration", process)
        yield Partner(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(10)
