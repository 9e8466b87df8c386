"""What is known of a file: where it lies and the key that opens it. Its content is nowhere but in the store."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from mpp.crypto.types import EncryptedBytes
from mpp.database.models import Base, BigId, CreatedAt


class StoredFile(Base):
    """One file of a region. Without this row what lies in the store is noise: its key stands only here."""

    __tablename__ = "stored_file"
    __table_args__ = (Index("ix_stored_file_subject", "subject"),)

    id: Mapped[BigId]
    # The name in the store: random, under the region's own folder.
    name: Mapped[str] = mapped_column(Text, unique=True)
    # Whose or what it belongs to, as in the audit log ("ticket:3"); what a permission check looks at.
    subject: Mapped[str] = mapped_column(Text)
    # What it is for, by which it is kept and erased ("document").
    purpose: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(Text)
    # Bytes of the content, not of what lies in the store.
    size: Mapped[int]
    # The file's own key, sealed by the region's: rotation changes this value, never the file.
    key: Mapped[bytes] = mapped_column("key_sealed", EncryptedBytes("stored_file.key"), key="key")
    # When the virus scanner passed it; NULL: none was configured.
    scanned_at: Mapped[dt.datetime | None]
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None]
    created_at: Mapped[CreatedAt]
