"""The provider's clients: every active region by itself, by its own row and hosts; none is registered by hand."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import cached_property

from authlib.oauth2.rfc6749 import ClientMixin
from joserfc.jwk import RSAKey
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from mpp.crypto.keyring import current_keyring
from mpp.crypto.sealing import blind, blind_all
from mpp.database.session import central_read
from mpp.identity.keys import signing_key
from mpp.settings import Settings
from mpp.tenancy.models import RegionRecord, RegionState
from mpp.web.flask import platform_app

# Where a region takes its people back; the blueprint `people` serves it.
CALLBACK = "/warga/kembali"
# No column is called so.
PLACE = "oidc:client secret"
SCOPES = ("openid", "profile", "phone", "nik")


@dataclass(frozen=True)
class RegionClient(ClientMixin):  # type: ignore[misc]  # Authlib publishes no types
    """A region as the provider knows it."""

    region_id: int
    name: str
    redirect_uris: tuple[str, ...]
    secrets: tuple[str, ...]

    @cached_property
    def key(self) -> RSAKey:
        """The key that signs what is told to it in this request."""
        return signing_key()

    def get_client_id(self) -> str:
        """Return the region's id."""
        return str(self.region_id)

    def get_default_redirect_uri(self) -> None:
        """Return none: a region says where it wants the person back."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """Return what of `scope` a region may ask for."""
        return " ".join(word for word in (scope or "").split() if word in SCOPES)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether this is, to the letter, the callback of one of the region's own hosts."""
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether the region itself speaks."""
        shown = client_secret.encode()
        return any(hmac.compare_digest(shown, secret.encode()) for secret in self.secrets)

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Regions always show their secret."""
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        """Only codes are given out."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Only codes are taken, and no token lives on by a refresh token."""
        return grant_type == "authorization_code"


def find_client(client_id: str | None) -> RegionClient | None:
    """Return the client of an active region, None for any other id."""
    if not client_id or not client_id.isdecimal() or len(client_id) > 18:
        return None
    query = select(RegionRecord).where(
        RegionRecord.id == int(client_id), RegionRecord.state == RegionState.ACTIVE.value
    )
    with central_read() as session:
        record = session.scalar(
            query.options(selectinload(RegionRecord.hosts)), execution_options={"populate_existing": True}
        )
    if record is None:
        return None
    settings = platform_app().settings
    hosts = (f"{record.slug}.{settings.domain}", *(host.host for host in record.hosts))
    return RegionClient(
        record.id, record.name, tuple(callback(settings, host) for host in hosts), _secrets(record.id)
    )


def callback(settings: Settings, host: str) -> str:
    """Return the callback at a host (without port) of a region."""
    return f"{settings.scheme}://{host}{settings.public_port}{CALLBACK}"


def client_secret(region_id: int) -> str:
    """Return a region's secret at the provider: derived, so that both ends know it and nobody keeps it."""
    return blind(current_keyring(), None, PLACE, str(region_id)).hex()


def _secrets(region_id: int) -> tuple[str, ...]:
    """While the nation's keys are being turned, one end may know the new one before the other."""
    return tuple(index.hex() for index in blind_all(current_keyring(), None, PLACE, str(region_id)))


def issuer() -> str:
    """Return the centre's address, by which its tokens name it."""
    settings = platform_app().settings
    return f"{settings.scheme}://{settings.domain}{settings.public_port}"
