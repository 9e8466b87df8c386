"""The client's half of a sign-in: one way for regions at the centre, and for the centre at foreign providers.

Authorization code with PKCE, state and nonce; where to go is read from the provider's own discovery document; the
answer counts only with an id token signed by the provider, for us, for this very request, and not yet over.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from mpp.identity.errors import AwayError, RefusedError

SECONDS_TIMEOUT = (3.05, 6.0)
# Clocks of two houses differ.
SECONDS_LEEWAY = 30
SECONDS_DOCUMENT_KEPT = 600
# A provider in disorder must not be asked anew for every single sign-in.
SECONDS_BETWEEN_LOOKS = 1
VERIFIER_BYTES = 48
ALGORITHMS = ("ES256", "ES384", "PS256", "RS256", "EdDSA", "Ed25519")


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way; the browser's signed cookie keeps it."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody came back: what the id token says of them, and a token that asks the provider for more."""

    claims: Mapping[str, Any]
    access_token: str

    @property
    def subject(self) -> str:
        """The person's name at this provider, for this client."""
        return str(self.claims["sub"])


@dataclass(frozen=True, slots=True)
class Registration:
    """Who we are at a provider."""

    issuer: str
    client_id: str
    client_secret: str | None
    redirect_uri: str
    scope: str


@dataclass(slots=True)
class _Kept:
    """What a provider publishes, and when we looked (monotonic seconds)."""

    document: dict[str, Any]
    keys: dict[str, Any]
    at: float


_kept: dict[str, _Kept] = {}
_lock = threading.Lock()


def forget() -> None:
    """Forget what providers have published."""
    _kept.clear()


class RelyingParty:
    """One provider as we use it. `prepare` may give the session another transport."""

    def __init__(
        self, registration: Registration, prepare: Callable[[OAuth2Session], None] | None = None
    ) -> None:
        self.registration = registration
        self._prepare = prepare

    def begin(self, **asked: str) -> tuple[str, Begun]:
        """Return the address to send the browser to, and what to keep until it comes back. Raises AwayError.

        `asked` are further words of the request: what is wanted of the sign-in itself.
        """
        begun = Begun(
            secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(VERIFIER_BYTES)
        )
        url, _state = self._session().create_authorization_url(
            self._endpoint("authorization_endpoint"), state=begun.state, nonce=begun.nonce,
            code_verifier=begun.verifier, **asked,
        )  # fmt: skip
        return str(url), begun

    def finish(self, answer: Mapping[str, str], begun: Begun) -> Arrival:
        """Exchange what the browser brought back. Raises RefusedError and AwayError."""
        if not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
            raise RefusedError("state")
        named = answer.get("iss")
        if named is None and self._look().document.get("authorization_response_iss_parameter_supported"):
            raise RefusedError("no issuer in the answer")
        if named is not None and named != self.registration.issuer:
            raise RefusedError("another provider's answer")
        token = self._ask(
            lambda session: session.fetch_token(
                self._endpoint("token_endpoint"), grant_type="authorization_code", code=answer.get("code", ""),
                code_verifier=begun.verifier, redirect_uri=self.registration.redirect_uri,
            )
        )  # fmt: skip
        raw, access_token = token.get("id_token"), token.get("access_token")
        if not isinstance(raw, str) or not isinstance(access_token, str):
            raise RefusedError("no id token")
        return Arrival(self._verified(raw, access_token, begun.nonce), access_token)

    def tells(self) -> bool:
        """Whether the provider tells more of a person than its id token. Raises AwayError."""
        return isinstance(self._look().document.get("userinfo_endpoint"), str)

    def person(self, access_token: str, subject: str) -> dict[str, Any]:
        """Return what the provider tells of the person. Raises RefusedError and AwayError."""

        def ask(session: OAuth2Session) -> Any:
            session.token = {"access_token": access_token, "token_type": "Bearer"}
            answer = session.get(self._endpoint("userinfo_endpoint"))
            if answer.status_code in {401, 403}:
                raise RefusedError("the token is over")
            answer.raise_for_status()
            return answer.json()

        told = self._ask(ask)
        # Of somebody else, says OpenID Connect 5.3.2, it must not be used.
        if not isinstance(told, dict) or told.get("sub") != subject:
            raise RefusedError("told of somebody else")
        return told

    def _verified(self, raw: str, access_token: str, nonce: str) -> Mapping[str, Any]:
        try:
            token = self._opened(raw)
            claims = CodeIDToken(
                token.claims, token.header,
                {
                    "iss": {"essential": True, "value": self.registration.issuer},
                    "aud": {"essential": True, "value": self.registration.client_id},
                },
                {"nonce": nonce, "client_id": self.registration.client_id, "access_token": access_token},
            )  # fmt: skip
            claims.validate(leeway=SECONDS_LEEWAY)
        except (JoseError, ValueError) as error:
            raise RefusedError(f"id token: {getattr(error, 'error', type(error).__name__)}") from error
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise RefusedError("id token: no subject")
        return dict(claims)

    def _opened(self, raw: str) -> jwt.Token:
        """Check the signature; a key we have not seen yet may have been published since our last look."""
        looked = self._look()
        try:
            return jwt.decode(raw, KeySet.import_key_set(looked.keys), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]  # a document from outside; its shape is checked while it is read
        except (JoseError, ValueError):
            fresh = self._look(most=SECONDS_BETWEEN_LOOKS)
            if fresh is looked:
                raise
            return jwt.decode(raw, KeySet.import_key_set(fresh.keys), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]  # as above

    def _endpoint(self, name: str) -> str:
        found = self._look().document.get(name)
        if not isinstance(found, str):
            raise AwayError(f"no {name}")
        return found

    def _look(self, most: float = SECONDS_DOCUMENT_KEPT) -> _Kept:
        """Return what the provider publishes, looked at no longer than `most` seconds ago."""
        issuer = self.registration.issuer
        held = _kept.get(issuer)
        if held is not None and time.monotonic() - held.at < most:
            return held
        document = self._fetch(issuer.rstrip("/") + "/.well-known/openid-configuration")
        if document.get("issuer") != issuer:
            raise AwayError("the document names another issuer")
        kept = _Kept(document, self._fetch(str(document.get("jwks_uri"))), time.monotonic())
        with _lock:
            _kept[issuer] = kept
        return kept

    def _fetch(self, url: str) -> dict[str, Any]:
        def ask(session: OAuth2Session) -> Any:
            answer = session.get(url, withhold_token=True)
            answer.raise_for_status()
            return answer.json()

        found = self._ask(ask)
        if not isinstance(found, dict):
            raise AwayError("no JSON object")
        return found

    def _ask(self, ask: Callable[[OAuth2Session], Any]) -> Any:
        try:
            with self._session() as session:
                return ask(session)
        except (RequestException, ValueError) as error:
            raise AwayError(type(error).__name__) from error
        except AuthlibBaseError as error:
            raise RefusedError(f"provider says {error.error}") from error

    def _session(self) -> OAuth2Session:
        mine = self.registration
        session = OAuth2Session(
            mine.client_id, mine.client_secret, scope=mine.scope, redirect_uri=mine.redirect_uri,
            code_challenge_method="S256", default_timeout=SECONDS_TIMEOUT,
        )  # fmt: skip
        # A provider's answers are where it says they are.
        session.max_redirects = 0
        if self._prepare is not None:
            self._prepare(session)
        return session
