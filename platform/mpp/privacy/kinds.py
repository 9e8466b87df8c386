"""Which kinds of personal data are held, where, for what, how long, and what erasure does to them: one list, in code.

docs/privacy.md is printed from it, the retention jobs run by it, "data saya" shows it, and a test walks every table
of the platform against it: a new column about a person fails the test until somebody has said all this of it.
"""

from __future__ import annotations

import enum
import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Table
from sqlalchemy.orm import Session

from mpp.crypto.types import BlindIndex, Encrypted
from mpp.database.models import PLATFORM_SCHEMA
from mpp.database.registry import FEATURES

HOUSE = "kebijakan platform"
# What stands where a name stood, in rows that must stay for the numbers.
REMOVED = "(dihapus)"
KERNEL_RECORDS = ("mpp.privacy.national", "mpp.privacy.workplace")


class Whose(enum.StrEnum):
    """Whom a kind of record is about, as a screen says it."""

    CITIZEN = "warga"
    STAFF = "petugas"


class Erasure(enum.StrEnum):
    """What a person's wish for erasure does to a kind of record, as a screen says it."""

    DELETED = "dihapus"
    ANONYMISED = "dianonimkan"
    KEPT = "disimpan"


Value = None | str | Callable[[Table], ColumnElement[Any]]


@dataclass(frozen=True, slots=True)
class Expiry:
    """What becomes of the rows of one table when their time is over: deleted, or some values written over.

    `since` is the column (a local day or a moment) from which the days of the kind count. `values` by column key;
    None: the row is deleted, by `remove` (session, ids) where more than the row has to go. `only` narrows which rows
    may go at all.
    """

    table: str
    since: str
    values: Mapping[str, Value] | None = None
    only: Callable[[Table], ColumnElement[bool]] | None = None
    remove: Callable[[Session, Sequence[int]], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of record. Texts are what its owner reads; columns are named as in the database."""

    key: str
    name: str
    whose: Whose
    columns: Mapping[str, tuple[str, ...]]
    purpose: str
    basis: str
    origin: str
    receivers: str
    # How long: so many days after something, or as long as something lasts; then why, and who says so.
    days: int | None = None
    after: str = ""
    why: str
    source: str = HOUSE
    erasure: Erasure
    # What happens and, where it is kept, by which article.
    erasure_words: str
    expiries: tuple[Expiry, ...] = ()
    # The job that ends them where no expiry of ours does.
    ended_by: str | None = None

    @property
    def until(self) -> str:
        """How long it is kept, in words."""
        return f"{self.days} hari sesudah {self.after}" if self.days is not None else self.after

    @property
    def national(self) -> bool:
        """Whether it lies with the centre."""
        return all(table.startswith(f"{PLATFORM_SCHEMA}.") for table in self.columns)


@dataclass(slots=True)
class _List:
    kinds: dict[str, Kind] = field(default_factory=dict)
    # Tables that hold nothing about anybody, and columns that only sound as if they did; each with its reason.
    nobody: dict[str, str] = field(default_factory=dict)
    harmless: dict[str, str] = field(default_factory=dict)


_list = _List()


def declare(
    *kinds: Kind, nobody: Mapping[str, str] | None = None, harmless: Mapping[str, str] | None = None
) -> None:
    """Add to the list. Raises ValueError when a key is there already."""
    for kind in kinds:
        if kind.key in _list.kinds:
            raise ValueError(f"two kinds {kind.key!r}")
        _list.kinds[kind.key] = kind
    _list.nobody.update(nobody or {})
    _list.harmless.update(harmless or {})


@cache
def _load() -> None:
    for name in KERNEL_RECORDS:
        importlib.import_module(name)
    package = importlib.import_module(FEATURES)
    for feature in pkgutil.iter_modules(package.__path__, f"{FEATURES}."):
        try:
            importlib.import_module(f"{feature.name}.records")
        except ModuleNotFoundError as error:
            if error.name != f"{feature.name}.records":
                raise


def all_kinds() -> list[Kind]:
    """Return the whole list, the nation's first; in the same order whatever was imported before."""
    _load()
    return sorted(_list.kinds.values(), key=lambda kind: (not kind.national, kind.key))


def kind(key: str) -> Kind:
    """Return one kind. Raises KeyError."""
    _load()
    return _list.kinds[key]


def about_nobody() -> Mapping[str, str]:
    """Return the tables that hold nothing about a person, each with the reason."""
    _load()
    return _list.nobody


def harmless() -> Mapping[str, str]:
    """Return "table.column" of what only sounds personal, each with the reason."""
    _load()
    return _list.harmless


# A row of these is a person, or one visit of a person: what points to it is about that person.
PEOPLE = frozenset(
    {"staff", "profile", "ticket", f"{PLATFORM_SCHEMA}.central_staff", f"{PLATFORM_SCHEMA}.citizen"}
)
# Words in the name of a column that speak of a person, or of free text in which somebody may stand.
WORDS = frozenset(
    ("name", "holder", "email", "phone", "nik", "kk", "family", "birth", "gender", "address", "device", "password",
     "secret", "token", "hash", "actor", "subject", "body", "answer", "wanted", "reason", "note", "outcome", "code",
     "credential", "created_by")
)  # fmt: skip
WORD = re.compile(r"[a-z]+")


def strong_marks(table: Table) -> set[str]:
    """Return the columns that surely are about a person: sealed, an index over it, or pointing to one."""
    return {
        column.name
        for column in table.columns
        if isinstance(column.type, Encrypted | BlindIndex)
        or any(key.target_fullname.rpartition(".")[0] in PEOPLE for key in column.foreign_keys)
    }


def weak_marks(table: Table) -> set[str]:
    """Return the columns whose name speaks of a person."""
    return {c.name for c in table.columns if WORDS & {*WORD.findall(c.name), c.name}}
