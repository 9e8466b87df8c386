"""Password hashing with argon2id and the lock-out after wrong tries."""

from __future__ import annotations

import datetime as dt
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST = 10
FREE_TRIES = 5
LOCK = dt.timedelta(minutes=15)

# OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return hasher.hash(password)


def verify(hashed: str, password: str) -> bool:
    """Return whether `password` belongs to `hashed`."""
    try:
        return hasher.verify(hashed, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def dummy_hash() -> str:
    """Return a hash of nothing: an unknown account must cost as much time as a wrong password."""
    return hasher.hash("tidak-ada-akun-ini")
