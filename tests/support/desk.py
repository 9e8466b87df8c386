"""A region's side of the provider, by hand: what a region's server and its visitor's browser send."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from mpp.identity.clients import client_secret
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.citizens import Walker

VERIFIER = "v" * 64


@dataclass
class Desk:
    """A region's side of the protocol, by hand."""

    app: Platform
    region: Region
    siti: Walker

    @property
    def callback(self) -> str:
        return f"http://{self.region.slug}.localhost:8000/warga/kembali"

    def ask(self, **changes: str | None) -> Any:
        """Send Siti's browser to the provider; a change to None leaves a word out."""
        words: dict[str, str | None] = {
            "response_type": "code", "client_id": str(self.region.id), "redirect_uri": self.callback,
            "scope": "openid profile phone nik", "state": "s" * 20, "nonce": secrets.token_hex(8),
            "code_challenge": create_s256_code_challenge(VERIFIER), "code_challenge_method": "S256",
        } | changes  # fmt: skip
        query = urlencode({name: value for name, value in words.items() if value is not None})
        return self.siti.at("localhost").client.get(f"/oidc/authorize?{query}", base_url="http://localhost")

    def code(self, **changes: str | None) -> str:
        answer = self.ask(**changes)
        assert answer.status_code == 302, answer.get_data(as_text=True)[:500]
        words = dict(parse_qsl(urlsplit(answer.location).query))
        assert words["iss"] == "http://localhost:8000" and words["state"] == "s" * 20
        return words["code"]

    def trade(self, code: str, *, secret: str | None = None, **changes: str) -> Any:
        """Exchange a code as the region's server."""
        with self.app.app_context():
            shown = secret if secret is not None else client_secret(self.region.id)
        data = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.callback,
            "code_verifier": VERIFIER,
        } | changes  # fmt: skip
        client = self.app.test_client()
        return client.post(
            "/oidc/token", base_url="http://localhost", data=data, auth=(str(self.region.id), shown)
        )

    def userinfo(self, token: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return self.app.test_client().get("/oidc/userinfo", base_url="http://localhost", headers=headers)


def fetch(app: Platform, path: str) -> Any:
    """Read what the provider publishes."""
    return app.test_client().get(path, base_url="http://localhost")
