"""Password hashing with argon2id, and which passwords are refused."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST = 10
# Fits no password: the account is opened by a link alone.
UNUSABLE = "!"

# OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return hasher.hash(password)


def verify(hashed: str, password: str) -> bool:
    """Return whether `password` belongs to `hashed`."""
    try:
        return hasher.verify(hashed, password)
    except VerifyMismatchError:
        return False
    except InvalidHashError:
        # An account without a password must cost as much time as any other.
        _spend_time(password)
        return False


def weakness(password: str, email: str, name: str) -> str | None:
    """Return why a new password is refused, as one line for its owner; None when it may be used."""
    if len(password) < SHORTEST:
        return f"Kata sandi paling sedikit {SHORTEST} karakter."
    plain = password.strip().lower()
    if plain in {email, name.lower()} or len(set(plain)) < 5:
        return "Pilih kata sandi yang lain dari nama dan surel Anda, dan tidak mudah ditebak."
    return None


@cache
def dummy_hash() -> str:
    """Return a hash of nothing: an unknown account must cost as much time as a wrong password."""
    return hasher.hash("tidak-ada-akun-ini")


def _spend_time(password: str) -> None:
    try:
        hasher.verify(dummy_hash(), password)
    except VerifyMismatchError:
        return
