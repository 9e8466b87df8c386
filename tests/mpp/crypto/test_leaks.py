"""A marked number goes in through the door for citizens; afterwards it lies open nowhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import structlog
from redis import Redis

from mpp.observability import configure_logs
from mpp.settings import Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import Browser
from tests.support.fresh import sql
from tests.support.hall import at, open_always

MARK = "99990012"
# As it would lie in bytes that were only written down in hexadecimal.
MARKS = (MARK, MARK.encode().hex(), "9999 0012", "9999-0012")


def open_places(settings: Settings, schema: str) -> list[str]:
    """Tables of a schema in which the number can be read."""
    found = []
    with sql(settings) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)
        ).fetchall()
        for (table,) in tables:
            query = f'SELECT t::text FROM "{schema}"."{table}" t'
            text = "\n".join(row[0] for row in connection.execute(query.encode()))
            found += [f"{schema}.{table}" for mark in MARKS if mark in text]
    return found


def test_a_telephone_number_lies_open_nowhere(
    app: Platform,
    bukittinggi: Region,
    settings: Settings,
    browse: Callable[..., Browser],
    capfd: pytest.CaptureFixture[str],
) -> None:
    with at(app, bukittinggi):
        open_always()
    configure_logs(json=True)
    visitor = browse("bukittinggi")
    path = "/antrean/ambil?layanan=ktp-el-baru"
    taken = visitor.submit(path, "/antrean/ambil", nama="Siti", hp=f"0812 {MARK[:4]} {MARK[4:]}")
    assert taken.status in {302, 303}, taken.words()
    again = visitor.submit(path, "/antrean/ambil", nama="", hp=f"0812 {MARK[:4]} {MARK[4:]}")
    assert again.status in {200, 422}
    page = visitor.get(taken.location or "")
    assert page.status == 200
    everything = [taken.location or "", page.text, *(taken.response.headers.getlist("Set-Cookie"))]
    for text in everything:
        assert not any(mark in text for mark in MARKS)
    for schema in (bukittinggi.schema, "platform"):
        assert open_places(settings, schema) == []
    valkey = Redis.from_url(settings.valkey_url)
    for key in valkey.scan_iter():
        kind = valkey.type(key)
        value = valkey.dump(key) if kind else b""
        assert not any(mark.encode() in (key + (value or b"")) for mark in MARKS), key
    valkey.close()
    logged = capfd.readouterr()
    assert "request" in logged.err
    assert not any(mark in logged.err + logged.out for mark in MARKS)
    structlog.reset_defaults()


def test_the_search_would_find_it(app: Platform, bukittinggi: Region, settings: Settings) -> None:
    with sql(settings) as connection:
        connection.execute(
            f"INSERT INTO {bukittinggi.schema}.outbox (kind, payload)"
            f" VALUES ('x', '{{\"phone\": \"+62812{MARK}\"}}')".encode()
        )
    assert open_places(settings, bukittinggi.schema) == [f"{bukittinggi.schema}.outbox"]
