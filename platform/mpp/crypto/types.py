"""Column types: what is sealed on the way to the database and opened on the way back, and what it is found by."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Table, event, inspect, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import MappedColumn, Mapper, mapped_column
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator

from mpp.crypto import normal
from mpp.crypto.keyring import current_keyring
from mpp.crypto.sealing import Normalise, blind, blind_all, seal, unseal
from mpp.tenancy.region import current_region

OF = "blind index of"
FROM = "sealed from"


class _Scoped(TypeDecorator[Any]):
    """A column whose keys are those of the region at hand, or the nation's."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, column: str, *, national: bool = False) -> None:
        super().__init__()
        self.column = column
        self.national = national

    @property
    def scope(self) -> int | None:
        """The region at hand, None for the nation. Raises NoRegionError outside of one."""
        return None if self.national else current_region().id


class Encrypted(_Scoped):
    """Text that stands sealed in the database; NULL stays NULL.

    `column` is "table.column" and never changes, even if the table is renamed: the values are bound to it.
    Only `is_(None)` may be asked of it in SQL: no two sealings are alike. To find a value, keep a blind index.
    """

    cache_ok = True

    class comparator_factory(TypeDecorator.Comparator[Any]):  # SQLAlchemy's own name for it
        """Refuses comparisons that could never be true."""

        def operate(self, op: Any, *other: Any, **options: Any) -> Any:
            """Let through only the question whether there is a value."""
            # SQLAlchemy looks columns up in dictionaries: a column is asked whether it is itself.
            itself = (
                op is operators.eq
                and isinstance(other[0], ColumnElement)
                and hash(other[0]) == hash(self.expr)
            )
            if itself or op in {operators.is_, operators.is_not}:
                return super().operate(op, *other, **options)
            raise _refusal(op)

        def reverse_operate(self, op: Any, other: Any, **kwargs: Any) -> Any:  # noqa: ARG002  # SQLAlchemy's signature
            """Refuse."""
            raise _refusal(op)

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Seal."""
        if value is None:
            return None
        return seal(current_keyring(), self.scope, self.column, self.plain(value).encode())

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002  # as above
        """Open. Raises SealBrokenError."""
        if value is None:
            return None
        return unseal(current_keyring(), self.scope, self.column, bytes(value)).decode()

    def plain(self, value: Any) -> str:
        """Return the text to seal. Raises TypeError for anything else than text."""
        if not isinstance(value, str):
            raise TypeError(f"{self.column} takes text")
        return value


class EncryptedPhone(Encrypted):
    """A telephone number: takes text or a parsed number, gives +62…"""

    cache_ok = True

    def plain(self, value: Any) -> str:
        """Return the number as it is dialled from anywhere."""
        return normal.phone(value if isinstance(value, str) else value.e164)


class EncryptedBytes(Encrypted):
    """Bytes that stand sealed in the database, for example the key of a file."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002  # as above
        """Seal."""
        return None if value is None else seal(current_keyring(), self.scope, self.column, value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002  # as above
        """Open. Raises SealBrokenError."""
        return None if value is None else unseal(current_keyring(), self.scope, self.column, bytes(value))


class BlindIndex(_Scoped):
    """A keyed hash of a sealed column's normalised value: equal values are found, nothing else can be asked.

    Bound text is hashed. Comparisons go through `same`, which knows every key version in use.
    """

    cache_ok = True

    def __init__(self, column: str, normalise: Normalise, *, national: bool = False) -> None:
        super().__init__(column, national=national)
        self.normalise = normalise

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002  # as above
        """Hash text; bytes are an index already."""
        return self.of(value) if isinstance(value, str) else value

    def of(self, value: str) -> bytes:
        """Return the index to store for `value`."""
        return blind(current_keyring(), self.scope, self.column, self.normalise(value))

    def all_of(self, value: str) -> list[bytes]:
        """Return the indexes that a row with `value` may bear."""
        return blind_all(current_keyring(), self.scope, self.column, self.normalise(value))


def same(index: Any, value: str) -> ColumnElement[bool]:
    """Return the condition that the value behind a blind index is `value`, however it was typed."""
    kind: BlindIndex = index.type
    found: ColumnElement[bool] = type_coerce(index, LargeBinary).in_(kind.all_of(value))
    return found


def blind_index(
    column: str, of: str, normalise: Normalise, *, name: str | None = None, national: bool = False
) -> MappedColumn[Any]:
    """Return a column that follows the column with key `of` on every insert and on every change through the ORM."""
    kind = BlindIndex(column, normalise, national=national)

    def follow(context: Any) -> bytes | None:
        value = context.get_current_parameters().get(of)
        return None if value is None else kind.of(value if isinstance(value, str) else value.e164)

    return mapped_column(name, kind, nullable=True, default=follow, info={OF: of}, deferred=True)


def sealed_columns(table: Table) -> list[str]:
    """Return the keys of a table's sealed columns."""
    return [c.key for c in table.columns if isinstance(c.type, Encrypted)]


def index_columns(table: Table) -> dict[str, str]:
    """Return the keys of a table's blind indexes, each with the sealed column it follows."""
    return {c.key: c.info[OF] for c in table.columns if isinstance(c.type, BlindIndex)}


def plain_columns(table: Table) -> dict[str, str]:
    """Return sealed columns whose values still lie open in an older column, with that column."""
    return {c.key: c.info[FROM] for c in table.columns if FROM in c.info}


@cache
def _followers(mapper: Mapper[Any]) -> list[tuple[str, str]]:
    """Attributes of a class: (blind index, what it follows)."""
    columns = mapper.local_table.columns
    return [
        (mapper.get_property_by_column(c).key, mapper.get_property_by_column(columns[c.info[OF]]).key)
        for c in columns
        if isinstance(c.type, BlindIndex)
    ]


@event.listens_for(Mapper, "before_update")
def _follow(mapper: Mapper[Any], _connection: Any, target: Any) -> None:
    for index, source in _followers(mapper):
        if inspect(target).attrs[source].history.has_changes():
            value = getattr(target, source)
            setattr(target, index, value if value is None or isinstance(value, str) else value.e164)


def _refusal(op: Any) -> TypeError:
    return TypeError(
        f"a sealed column has no {getattr(op, '__name__', op)}: keep a blind index and use same()"
    )
