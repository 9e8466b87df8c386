"""What the hash of an audit entry is taken over: its content, written in exactly one way."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

FIELDS = ("at", "actor_kind", "actor_id", "actor_name", "action", "subject", "data", "request_id")
# The head of a chain that has no entry yet.
BEGINNING = hashlib.sha256(b"mpp audit chain").digest()


def digest(values: Mapping[str, Any] | RowMapping) -> bytes:
    """Return the SHA-256 of an entry's content: its fields in order, as JSON without a choice."""
    at = values["at"].astimezone(dt.UTC).isoformat(timespec="microseconds")
    content = [at, *(values[name] for name in FIELDS[1:])]
    text = json.dumps(plain(content), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).digest()


def link(previous: bytes, seq: int, content: bytes) -> bytes:
    """Return the hash of an entry: over the hash before it, its place and its content's digest."""
    return hashlib.sha256(previous + seq.to_bytes(8, "big") + content).digest()


def plain(value: Any) -> Any:
    """Return a JSON value as it comes back from the database: numbers that are whole are whole numbers."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
