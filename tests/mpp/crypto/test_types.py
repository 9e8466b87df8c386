"""Sealed columns: what stands in the database, what opens it and what doesn't, and how a value is found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from mpp.crypto.errors import SealBrokenError, SecretsError
from mpp.crypto.keyring import EXTENSION, Keyring, current_keyring
from mpp.crypto.normal import digits, phone
from mpp.crypto.sealing import INDEX_BYTES, blind, seal, unseal
from mpp.crypto.types import Encrypted, same, sealed_columns
from mpp.database.registry import platform_tables, region_tables
from mpp.database.session import read, write
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing.models import Ticket
from tenants.queueing.service import take_ticket
from tests.support.fresh import rows
from tests.support.hall import at, open_always

NUMBER = "+6281299990012"


@pytest.fixture
def here(app: Platform, bukittinggi: Region) -> Iterator[Region]:
    with at(app, bukittinggi):
        open_always()
        yield bukittinggi


def take(number: str | None, key: str = "k" * 20) -> Ticket:
    return take_ticket("ktp-el-baru", "Siti", number, key, "web")


def stored(settings: Settings, region: Region) -> list[tuple[bytes | None, bytes | None, str | None]]:
    query = f"SELECT phone_sealed, phone_index, phone FROM {region.schema}.ticket ORDER BY id"
    return [(row[0], row[1], row[2]) for row in rows(settings, query)]


def test_a_number_stands_sealed_and_comes_back_whole(here: Region, settings: Settings) -> None:
    ticket = take("0812-9999-0012")
    ((sealed, index, open_),) = stored(settings, here)
    assert sealed is not None and index is not None and open_ is None
    assert b"9999" not in sealed
    assert len(index) == 3 + INDEX_BYTES
    assert ticket.phone == NUMBER


def test_no_number_is_no_value_at_all(here: Region, settings: Settings) -> None:
    assert take(None).phone is None
    assert stored(settings, here) == [(None, None, None)]


def test_the_same_number_is_sealed_differently_each_time_and_found_however_it_is_typed(
    here: Region, settings: Settings
) -> None:
    take("081299990012", "a" * 20)
    take("+62 812 9999 0012", "b" * 20)
    take("081299990013", "c" * 20)
    (one, two, _three) = stored(settings, here)
    assert one[0] != two[0]
    assert one[1] == two[1]
    for typed in ("0812 9999 0012", "6281299990012", NUMBER):
        with read() as session:
            found = session.scalars(select(Ticket.idempotency_key).where(same(Ticket.phone_index, typed)))
            assert set(found) == {"a" * 20, "b" * 20}


def test_the_index_follows_a_change(here: Region) -> None:
    ticket = take("081299990012")
    with write() as session:
        session.get_one(Ticket, ticket.id).phone = "081299990099"
    with read() as session:
        assert session.scalars(select(Ticket.id).where(same(Ticket.phone_index, "081299990099"))).all() == [
            ticket.id
        ]
        assert session.scalars(select(Ticket.id).where(same(Ticket.phone_index, NUMBER))).all() == []
    with write() as session:
        session.get_one(Ticket, ticket.id).phone = None
    with read() as session:
        assert (
            session.scalar(select(Ticket.id).where(Ticket.phone.is_(None), Ticket.phone_index.is_(None)))
            == ticket.id
        )


def test_a_value_moved_to_another_column_or_region_does_not_open(
    app: Platform, bukittinggi: Region, banyuwangi: Region
) -> None:
    ring: Keyring = app.extensions[EXTENSION]
    sealed = seal(ring, bukittinggi.id, "ticket.phone", b"secret")
    assert unseal(ring, bukittinggi.id, "ticket.phone", sealed) == b"secret"
    for scope, column in (
        (bukittinggi.id, "ticket.holder"),
        (banyuwangi.id, "ticket.phone"),
        (None, "ticket.phone"),
    ):
        with pytest.raises(SealBrokenError):
            unseal(ring, scope, column, sealed)


def test_a_neighbours_ciphertext_in_our_table_is_refused(
    app: Platform, here: Region, banyuwangi: Region, settings: Settings
) -> None:
    ticket = take(NUMBER)
    foreign = seal(app.extensions[EXTENSION], banyuwangi.id, "ticket.phone", b"+6281200000000")
    rows(settings, f"UPDATE {here.schema}.ticket SET phone_sealed = %s RETURNING 1", foreign)
    with pytest.raises(SealBrokenError), read() as session:
        session.scalar(select(Ticket.phone).where(Ticket.id == ticket.id))


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=80), flip=st.integers(min_value=0))
def test_whatever_is_sealed_opens_and_any_changed_bit_does_not(app: Platform, text: str, flip: int) -> None:
    ring: Keyring = app.extensions[EXTENSION]
    try:
        value = text.encode()
    except UnicodeEncodeError:
        return
    sealed = seal(ring, None, "x.y", value)
    assert unseal(ring, None, "x.y", sealed) == value
    broken = bytearray(sealed)
    place = flip % (len(sealed) * 8)
    broken[place // 8] ^= 1 << (place % 8)
    with pytest.raises(SecretsError):
        unseal(ring, None, "x.y", bytes(broken))


def test_indexes_of_regions_and_columns_tell_nothing_of_each_other(
    app: Platform, bukittinggi: Region, banyuwangi: Region
) -> None:
    ring: Keyring = app.extensions[EXTENSION]
    scopes = (bukittinggi.id, banyuwangi.id, None)
    assert len({blind(ring, scope, column, NUMBER) for scope in scopes for column in ("a.b", "c.d")}) == 6


@pytest.mark.parametrize("ask", [lambda c: c == NUMBER, lambda c: c != NUMBER, lambda c: c.in_([NUMBER]),
                                 lambda c: c.like("%99"), lambda c: c < "x", lambda c: c.desc()])  # fmt: skip
def test_a_question_that_could_never_be_true_is_refused(ask: object) -> None:
    with pytest.raises(TypeError, match="blind index"):
        ask(Ticket.phone)  # type: ignore[operator]


def test_text_only_and_never_outside_of_an_app(here: Region) -> None:
    ticket = take(NUMBER)
    with pytest.raises(Exception, match=r"takes text|has no attribute"), write() as session:
        session.execute(update(Ticket).where(Ticket.id == ticket.id).values(phone=b"bytes"))


def test_without_an_app_there_is_no_key() -> None:
    with pytest.raises(SecretsError):
        current_keyring()


def test_every_sealed_column_is_bound_to_its_own_name() -> None:
    names = []
    for table in [*region_tables(), *platform_tables()]:
        for key in sealed_columns(table):
            kind = table.columns[key].type
            assert isinstance(kind, Encrypted)
            assert kind.column == f"{table.name}.{key}"
            assert kind.national == (table.schema is not None)
            names.append(kind.column)
    assert "ticket.phone" in names
    assert len(names) == len(set(names))


def test_one_writing_of_each_kind() -> None:
    assert {phone(t) for t in ("0812 9999 0012", "62812-9999-0012", "+62 (812) 99990012")} == {NUMBER}
    assert phone("  bukan   nomor ") == "bukan nomor"
    assert digits("9999.0101 0190-0001") == "9999010101900001"


def test_bulk_inserts_are_sealed_too(here: Region, settings: Settings) -> None:
    model = take(NUMBER)
    same_day = {"hall_id": model.hall_id, "service_id": model.service_id, "local_day": model.local_day}
    many = [
        {**same_day, "code": f"c{n}", "idempotency_key": f"i{n}", "prefix": "Z", "number": n, "holder": "S",
         "channel": "web", "phone": f"0812999901{n:02d}"}
        for n in range(30)
    ]  # fmt: skip
    with write() as session:
        session.execute(insert(Ticket), many)
        session.add(Ticket(**{**many[0], "code": "x", "idempotency_key": "y", "number": 99}))
    found = stored(settings, here)
    assert all(sealed and index and open_ is None for sealed, index, open_ in found)
    with read() as session:
        numbers = session.scalars(select(Ticket.number).where(same(Ticket.phone_index, "081299990100")))
        assert sorted(numbers) == [0, 99]
