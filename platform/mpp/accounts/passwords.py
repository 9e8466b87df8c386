"""Password hashing with argon2id, and which passwords are refused.

After NIST SP 800-63B-4 (2025), 3.1.1: at least 15 characters where the password alone opens the account, at least 8
where a second factor stands beside it (we ask 12 of admins and of the centre); any characters, spaces too; no rules of
composition and no expiry; refused is what everybody would try first.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from mpp.accounts.models import Account, CentralStaff, Role, Staff
from mpp.tenancy.region import region_or_none

# The password is the only thing that is asked.
SHORTEST_ALONE = 15
# A second factor is compulsory.
SHORTEST_BESIDE = 12
LONGEST = 200
# Fits no password: the account is opened by a link alone.
UNUSABLE = "!"
DATA = Path(__file__).parent / "data"
# Shorter parts of names are in half of all words.
SHORTEST_NAME = 4
FEWEST_SIGNS = 5
# So many known words in a row are no sentence yet.
FEW_WORDS = 2
WORDS = re.compile(r"[^\W\d_]+")
USUAL = (
    "Kata sandi ini mudah ditebak: isinya kata yang sering dipakai orang, nama, atau angka saja. "
    "Gabungkan beberapa kata yang tidak berhubungan."
)

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


def compulsory(account: Account) -> bool:
    """Whether the account may not work without a second factor: admins of a region and everybody at the centre."""
    return isinstance(account, CentralStaff) or (isinstance(account, Staff) and account.role == Role.ADMIN)


def shortest(account: Account) -> int:
    """Return how many characters a new password of the account has at least."""
    return SHORTEST_BESIDE if compulsory(account) else SHORTEST_ALONE


def weakness(password: str, names: Iterable[str], least: int = SHORTEST_ALONE) -> str | None:
    """Return why a new password is refused, as one line for its owner; None when it may be used.

    `names` are what others know of the owner: name, e-mail, phone.
    """
    if len(password) < least:
        return f"Kata sandi paling sedikit {least} karakter."
    if len(password) > LONGEST:
        return f"Kata sandi paling banyak {LONGEST} karakter."
    return USUAL if _everybody_tries(password, names) else None


def _everybody_tries(password: str, names: Iterable[str]) -> bool:
    """Whether a password is on the lists, or nothing but one or two words of them, names, digits and signs."""
    rest = _once(unicodedata.normalize("NFKC", password).strip().casefold())
    if is_common(rest) or len(set(rest)) < FEWEST_SIGNS:
        return True
    count = 0
    for name in sorted(_parts(names), key=len, reverse=True):
        count += rest.count(name)
        rest = rest.replace(name, " ")
    found = WORDS.findall(rest)
    words = [word for word in found if len(word) >= SHORTEST_NAME]
    stray = sum(map(len, found)) - sum(map(len, words))
    return count + len(words) <= FEW_WORDS and stray < SHORTEST_NAME and all(map(is_common, words))


def is_common(word: str) -> bool:
    """Whether a word, in lower case, is one of the usual passwords."""
    return f"\n{word}\n" in _common()


def _parts(names: Iterable[str]) -> set[str]:
    region = region_or_none()
    known = [*names, *((region.name, region.slug, region.province) if region else ())]
    whole = [name.strip().casefold() for name in known]
    parts = {part for name in whole for part in (name, *re.split(r"[\W_]+", name))}
    return {part for part in parts if len(part) >= SHORTEST_NAME}


def _once(text: str) -> str:
    """Return what a text is a repetition of: "sayangsayangsayang" is no longer than "sayang"."""
    return text[: (text + text).find(text, 1)]


@cache
def _common() -> str:
    """Both lists as one text: a search in 260 kB takes a moment, a set of strings the memory of ten such texts."""
    lists = gzip.decompress((DATA / "common-passwords.txt.gz").read_bytes()).decode()
    return f"\n{lists}{(DATA / 'usual-here.txt').read_text()}"


@cache
def dummy_hash() -> str:
    """Return a hash of nothing: an unknown account must cost as much time as a wrong password."""
    return hasher.hash("tidak-ada-akun-ini")


def _spend_time(password: str) -> None:
    try:
        hasher.verify(dummy_hash(), password)
    except VerifyMismatchError:
        return
