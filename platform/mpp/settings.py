"""Settings, read once from the environment; the app refuses unsafe ones in production."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from mpp.supervisor.environment import remembered

ROOT = Path(__file__).resolve().parents[2]
DEVELOPMENT_SECRET = "hanya-untuk-pengembangan-jangan-dipakai"  # noqa: S105  # refused in production
SHORTEST_SECRET = 32


class SettingsError(Exception):
    """A setting is missing or unsafe; the text is one line for the operator."""


@dataclass(frozen=True, slots=True)
class ForeignProvider:
    """Another house's OpenID provider (INApas, IKD) by which citizens may sign in, and its claims."""

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    scopes: str
    # What people call it, on buttons.
    label: str
    claim_nik: str
    claim_name: str
    claim_phone: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the platform takes from outside.

    `database_url` is the owner's: it provisions and migrates. Web processes open their own engines with
    the two login roles `app_url` and `central_url` and never use the owner's.
    """

    environment: Literal["development", "production", "test"]
    secret_key: str
    database_url: str
    valkey_url: str
    domain: str
    port: int
    events_port: int
    data_dir: Path
    events_url: str | None
    behind_proxy: int
    role_prefix: str
    # Wraps the keys of regions: in base64, the current one first; see mpp.crypto.master.
    master_key: str | None = field(default=None, repr=False)
    master_key_file: Path | None = None
    # A key service in place of both: "module:factory".
    master_provider: str | None = None
    # Where files lie: file:///folder or s3://bucket/prefix; None: a folder in data_dir.
    storage_url: str | None = None
    # The virus scanner: tcp://host:3310 or unix:///path; None: no scan.
    clamd_url: str | None = None
    # None: citizens sign in by our own means alone.
    foreign: ForeignProvider | None = None
    # Whom to tell of a hole: mailto:… or https://…; stands in /.well-known/security.txt.
    security_contact: str | None = None

    @property
    def production(self) -> bool:
        """Whether real citizens use this installation."""
        return self.environment == "production"

    @property
    def public_port(self) -> str:
        """The port as it stands in addresses: ":8000" in development, empty behind a real domain."""
        return "" if self.production else f":{self.port}"

    @property
    def scheme(self) -> str:
        """The scheme of public addresses."""
        return "https" if self.production else "http"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process. Raises SettingsError with one line for the operator."""
    env = os.environ if environ is None else environ
    if environ is None and not env.get("DATABASE_URL"):
        # Another command beside a running `mpp up`: speak with the servers it started.
        env = {**remembered(Path(env.get("MPP_DATA_DIR", ".data"))), **env}
    environment = env.get("MPP_ENV", "development")
    if environment not in {"development", "production", "test"}:
        raise SettingsError(f"MPP_ENV tidak dikenal: {environment} (development, production)")
    secret = env.get("MPP_SECRET_KEY", DEVELOPMENT_SECRET)
    if environment == "production":
        if secret == DEVELOPMENT_SECRET or len(secret) < SHORTEST_SECRET:
            raise SettingsError(
                f"MPP_SECRET_KEY wajib diisi sendiri (≥ {SHORTEST_SECRET} karakter) bila MPP_ENV=production"
            )
        if not env.get("MPP_DOMAIN"):
            raise SettingsError("MPP_DOMAIN wajib diisi bila MPP_ENV=production")
        if not any(env.get(f"MPP_MASTER_{place}") for place in ("PROVIDER", "KEY", "KEY_FILE")):
            raise SettingsError(
                "MPP_MASTER_KEY_FILE (atau MPP_MASTER_KEY) wajib diisi bila MPP_ENV=production: `mpp secrets new-key`"
            )
    port = int(env.get("MPP_PORT", "8000"))
    return Settings(
        environment=environment,  # type: ignore[arg-type]  # checked against the three above
        secret_key=secret,
        database_url=_psycopg(env.get("DATABASE_URL", "")),
        valkey_url=env.get("VALKEY_URL", ""),
        domain=env.get("MPP_DOMAIN", "localhost").lower(),
        port=port,
        events_port=int(env.get("MPP_EVENTS_PORT", str(port + 1))),
        data_dir=Path(env.get("MPP_DATA_DIR", ".data")).resolve(),
        events_url=env.get("MPP_EVENTS_URL"),
        behind_proxy=int(env.get("MPP_BEHIND_PROXY", "0")),
        role_prefix=env.get("MPP_ROLE_PREFIX") or _database_name(env.get("DATABASE_URL", "")),
        master_key=env.get("MPP_MASTER_KEY") or None,
        master_key_file=Path(env["MPP_MASTER_KEY_FILE"]) if env.get("MPP_MASTER_KEY_FILE") else None,
        master_provider=env.get("MPP_MASTER_PROVIDER") or None,
        storage_url=env.get("MPP_STORAGE_URL") or None,
        clamd_url=env.get("MPP_CLAMD_URL") or None,
        foreign=_foreign(env, production=environment == "production"),
        security_contact=_contact(env.get("MPP_SECURITY_CONTACT", "").strip()),
    )


def _foreign(env: Mapping[str, str], *, production: bool) -> ForeignProvider | None:
    issuer = env.get("MPP_OIDC_ISSUER", "").strip()
    if not issuer:
        return None
    if not env.get("MPP_OIDC_CLIENT_ID"):
        raise SettingsError("MPP_OIDC_CLIENT_ID wajib diisi bila MPP_OIDC_ISSUER diisi")
    if production and not issuer.startswith("https://"):
        raise SettingsError("MPP_OIDC_ISSUER harus https:// bila MPP_ENV=production")
    return ForeignProvider(
        issuer=issuer,
        client_id=env["MPP_OIDC_CLIENT_ID"],
        client_secret=env.get("MPP_OIDC_CLIENT_SECRET") or None,
        scopes=env.get("MPP_OIDC_SCOPES") or "openid profile phone",
        label=env.get("MPP_OIDC_LABEL") or "INApas",
        claim_nik=env.get("MPP_OIDC_CLAIM_NIK") or "nik",
        claim_name=env.get("MPP_OIDC_CLAIM_NAME") or "name",
        claim_phone=env.get("MPP_OIDC_CLAIM_PHONE") or "phone_number",
    )


def _contact(text: str) -> str | None:
    """RFC 9116 wants an address that a program can open."""
    if text and not re.fullmatch(r"(mailto:[^\s@]+@[^\s@]+|https://\S+)", text):
        raise SettingsError("MPP_SECURITY_CONTACT harus berbentuk mailto:nama@contoh.id atau https://…")
    return text or None


def _database_name(url: str) -> str:
    """Roles are cluster-wide, so their names carry the database's."""
    name = urlsplit(url).path.rpartition("/")[2].lower()
    return re.sub(r"[^a-z0-9_]", "_", name) or "mpp"


def _psycopg(url: str) -> str:
    """Name the driver in a plain postgres:// address, as SQLAlchemy wants it."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
