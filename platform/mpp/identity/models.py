"""What the provider at the centre keeps: keys, what it granted, by which name a region knows whom, other names."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mpp.citizens.models import ACCOUNT, CitizenSession
from mpp.crypto.types import Encrypted, blind_index
from mpp.database.models import PLATFORM_SCHEMA, Base, BigId, CreatedAt

REGION = f"{PLATFORM_SCHEMA}.region.id"


class SigningKey(Base):
    """A key that signs id tokens. The newest signs; older ones stay published until what they signed has run out."""

    __tablename__ = "oidc_key"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)

    kid: Mapped[str] = mapped_column(Text, primary_key=True)
    public: Mapped[dict[str, Any]]
    # The whole key as JSON.
    private: Mapped[str] = mapped_column(Encrypted("oidc_key.private", national=True), deferred=True)
    created_at: Mapped[CreatedAt]


class CitizenSubject(Base):
    """The name by which one region knows one citizen: random, so that no two regions can tell it is the same person.

    Not a keyed hash: it must outlive every turn of the keys, and a person may be given another one.
    """

    __tablename__ = "citizen_subject"
    __table_args__ = ({"schema": PLATFORM_SCHEMA},)

    citizen_id: Mapped[int] = mapped_column(ForeignKey(ACCOUNT, ondelete="CASCADE"), primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey(REGION), primary_key=True)
    subject: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[CreatedAt]


class Grant(Base):
    """One sign-in handed to a region: a code for a minute, then a token for some minutes.

    Ends with the centre's session that it came from: who signs out everywhere meanwhile has granted nothing.
    """

    __tablename__ = "oidc_grant"
    __table_args__ = (
        Index("ix_oidc_grant_token_hash", "token_hash", postgresql_where=text("token_hash IS NOT NULL")),
        Index("ix_oidc_grant_nonce", "region_id", "nonce"),
        {"schema": PLATFORM_SCHEMA},
    )

    id: Mapped[BigId]
    # SHA-256 of the random code.
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    session_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(CitizenSession.id, ondelete="CASCADE"), index=True
    )
    citizen_id: Mapped[int] = mapped_column(ForeignKey(ACCOUNT, ondelete="CASCADE"), index=True)
    region_id: Mapped[int] = mapped_column(ForeignKey(REGION))
    redirect_uri: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str] = mapped_column(Text)
    code_challenge: Mapped[str] = mapped_column(Text)
    code_challenge_method: Mapped[str] = mapped_column(Text)
    # When the person proved to be who they are, at the centre.
    auth_time: Mapped[dt.datetime]
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    # When the code was first shown to the token endpoint, rightly or not: it is spent.
    redeemed_at: Mapped[dt.datetime | None]
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    token_expires_at: Mapped[dt.datetime | None]


class ForeignIdentity(Base):
    """A citizen as a foreign provider (INApas, IKD) knows them."""

    __tablename__ = "citizen_identity"
    __table_args__ = (
        UniqueConstraint("issuer", "subject_index"),
        UniqueConstraint("citizen_id", "issuer"),
        {"schema": PLATFORM_SCHEMA},
    )

    id: Mapped[BigId]
    citizen_id: Mapped[int] = mapped_column(ForeignKey(ACCOUNT, ondelete="CASCADE"))
    issuer: Mapped[str] = mapped_column(Text)
    # Sealed: a provider may use the NIK itself.
    subject: Mapped[str] = mapped_column(Encrypted("citizen_identity.subject", national=True), deferred=True)
    subject_index: Mapped[bytes | None] = blind_index(
        "citizen_identity.subject", "subject", str, national=True
    )
    created_at: Mapped[CreatedAt]
    used_at: Mapped[dt.datetime | None]
