"""The OpenID provider at the centre: authorization code with PKCE for its regions, and nothing else.

Rules of the protocol are Authlib's; here stands what is ours: who the clients are, where codes and tokens lie, how a
person is named, and what is stricter than the protocol (S256 and nonce always, codes spent by any try).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from authlib.common.security import generate_token
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload, FlaskOAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator, BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import OpenIDCode, UserInfo
from flask import request
from joserfc.jwk import RSAKey

from mpp.citizens import proofs
from mpp.database.session import central_read, central_write
from mpp.identity import asking, grants
from mpp.identity.clients import SCOPES, RegionClient, find_client, issuer
from mpp.identity.keys import ALGORITHM
from mpp.identity.models import Grant

ID_TOKEN_SECONDS = 300
TOKEN_LENGTH = 48


@dataclass(frozen=True, slots=True)
class Person:
    """The citizen who is signed in at the centre, as the provider needs to know them."""

    citizen_id: int
    session_id: int
    auth_time: dt.datetime


@dataclass(slots=True)
class Code:
    """A grant as Authlib asks for it."""

    grant: Grant
    code_challenge: str
    code_challenge_method: str
    owner: bool

    def get_redirect_uri(self) -> str:
        """Return where the code was sent."""
        return self.grant.redirect_uri

    def get_scope(self) -> str:
        """Return what was asked for."""
        return self.grant.scope

    def get_nonce(self) -> str:
        """Return the nonce of the request."""
        return self.grant.nonce

    def get_auth_time(self) -> int:
        """Return when the person proved who they are, in seconds since 1970."""
        return int(self.grant.auth_time.timestamp())

    def get_acr(self) -> str | None:
        """Return the level at which the person has lately proved to be the owner, None for no more than a sign-in."""
        return asking.OWNER if self.owner else None

    def get_amr(self) -> None:
        """Return none."""


class _Request(FlaskOAuth2Request):  # type: ignore[misc]  # Authlib publishes no types
    """A request whose transport is not Authlib's to judge: development has no TLS, production ends it at the proxy."""

    def __init__(self) -> None:
        OAuth2Request.__init__(self, method=request.method, uri=issuer().replace("http://", "https://", 1))
        self.headers = request.headers
        self._request = request
        self.payload = FlaskOAuth2Payload(request)


class _Server(AuthorizationServer):  # type: ignore[misc]  # as above
    def create_oauth2_request(self, _request: object) -> _Request:
        return _Request()


class _CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # as above
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def save_authorization_code(self, code: str, asked: Any) -> None:
        person: Person = asked.user
        client: RegionClient = asked.client
        data = asked.payload.data
        with central_write() as session:
            grants.give_code(
                session,
                code,
                grants.Asked(
                    client.region_id, person.citizen_id, person.session_id, asked.payload.redirect_uri,
                    asked.scope, data["nonce"], data["code_challenge"], data["code_challenge_method"],
                    person.auth_time,
                ),
            )  # fmt: skip

    def query_authorization_code(self, code: str, client: RegionClient) -> Code | None:
        # A transaction of its own: what is shown here is spent, however the request ends.
        with central_write() as session:
            grant = grants.redeem(session, code, client.region_id)
        if grant is None:
            return None
        owner = proofs.given_at(grant.session_id)
        return Code(grant, grant.code_challenge, grant.code_challenge_method, owner)

    def authenticate_user(self, code: Code) -> UserInfo | None:
        with central_write() as session:
            citizen = grants.citizen_of(session, code.grant)
            if citizen is None:
                return None
            return UserInfo(sub=grants.subject(session, citizen.id, code.grant.region_id))

    def delete_authorization_code(self, code: Code) -> None:
        """Keep it: it is spent, and recognised if it is shown again."""


class _Proof(CodeChallenge):  # type: ignore[misc]  # as above
    """PKCE for everybody, by S256 alone."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("'code_challenge' by S256 is required")
        super().validate_code_challenge(grant, redirect_uri)


class _IdToken(OpenIDCode):  # type: ignore[misc]  # as above
    """An id token that names the person for this region, and tells nothing else about them."""

    def exists_nonce(self, nonce: str, asked: Any) -> bool:
        client = find_client(asked.payload.client_id)
        with central_read() as session:
            return client is not None and grants.nonce_seen(session, client.region_id, nonce)

    def validate_openid_authorization_request(self, grant: Any, redirect_uri: str) -> None:
        if "openid" not in (grant.request.payload.scope or "").split():
            raise InvalidScopeError
        super().validate_openid_authorization_request(grant, redirect_uri)

    def resolve_client_private_key(self, client: RegionClient) -> RSAKey:
        return client.key

    def get_client_algorithm(self, _client: RegionClient) -> str:
        return ALGORITHM

    def get_encode_header(self, client: RegionClient) -> dict[str, str]:
        return {"alg": ALGORITHM, "kid": str(client.key.kid)}

    def get_client_claims(self, client: RegionClient) -> dict[str, Any]:
        now = int(dt.datetime.now(tz=dt.UTC).timestamp())
        return {"iss": issuer(), "aud": client.get_client_id(), "iat": now, "exp": now + ID_TOKEN_SECONDS}

    def generate_user_info(self, user: UserInfo, _scope: str) -> UserInfo:
        return user

    def __call__(self, grant: Any) -> None:
        """Watch over every request, also one that does not ask for "openid": it is refused."""
        grant.register_hook("after_create_token_response", self.process_token)
        grant.register_hook(
            "after_validate_authorization_request_payload", self.validate_openid_authorization_request
        )
        grant.register_hook("after_validate_consent_request", _look_at_sign_in)


def _look_at_sign_in(grant: Any, redirect_uri: str) -> None:
    """Note on the grant that the person must sign in first, or say no where the client wants no page for it."""
    person: Person | None = grant.request.user
    since = person.auth_time if person else None
    asked = asking.must_sign_in(grant.request.payload.data, since, redirect_uri)
    grant.prompt = "login" if asked else None


class _Issuer(IssuerParameter):  # type: ignore[misc]  # as above
    """Names the issuer in each answer, so that a client never takes one provider's code to another."""

    def get_issuer(self) -> str:
        return issuer()


class _Tokens(BearerTokenValidator):  # type: ignore[misc]  # as above
    def authenticate_token(self, token: str) -> Grant | None:
        with central_read() as session:
            return grants.by_token(session, token)

    def validate_token(self, token: Any, scopes: Any, asked: Any) -> None:
        super().validate_token(_Token(token) if token else None, scopes, asked)


@dataclass(frozen=True, slots=True)
class _Token:
    """A grant found by its token is neither over nor withdrawn: the query asks for that."""

    grant: Grant

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False

    def get_scope(self) -> str:
        return self.grant.scope


def _save_token(token: dict[str, Any], asked: Any) -> None:
    with central_write() as session:
        grants.keep_token(session, asked.authorization_code.grant.id, token["access_token"])


def _generator() -> BearerTokenGenerator:
    return BearerTokenGenerator(
        lambda **_words: generate_token(TOKEN_LENGTH),
        expires_generator=int(grants.TOKEN_LASTS.total_seconds()),
    )


def _make() -> _Server:
    server = _Server()
    server._query_client, server._save_token = find_client, _save_token  # noqa: SLF001  # else only init_app sets them
    server.register_token_generator("default", _generator())
    server.register_grant(_CodeGrant, [_Proof(required=True), _IdToken(require_nonce=True)])
    _Issuer()(server)
    return server


server = _make()
protected = ResourceProtector()
protected.register_token_validator(_Tokens())


def metadata() -> dict[str, Any]:
    """Return what the provider says of itself, as OpenID Connect Discovery 1.0 wants it."""
    here = issuer()
    return {
        "issuer": here,
        "authorization_endpoint": f"{here}/oidc/authorize",
        "token_endpoint": f"{here}/oidc/token",
        "userinfo_endpoint": f"{here}/oidc/userinfo",
        "jwks_uri": f"{here}/oidc/jwks.json",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": list(SCOPES),
        "claims_supported": ["sub", "name", "phone_number", "nik", "auth_time", "acr"],
        "acr_values_supported": [asking.OWNER],
        "authorization_response_iss_parameter_supported": True,
        "prompt_values_supported": ["none", "login", "select_account"],
        "ui_locales_supported": ["id", "en"],
    }


def told(grant: Grant) -> dict[str, str]:
    """Return what a region is told of the person behind a token, by the scopes that it asked for."""
    with central_write() as session:
        citizen = grants.citizen_of(session, grant)
        if citizen is None:
            return {}
        asked = grant.scope.split()
        claims = {
            "sub": grants.subject(session, citizen.id, grant.region_id),
            "name": citizen.name if "profile" in asked else None,
            "phone_number": citizen.phone if "phone" in asked else None,
            "nik": citizen.nik if "nik" in asked else None,
        }
    return {name: value for name, value in claims.items() if value}
