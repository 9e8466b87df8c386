"""A region from before: its entries are marked as older than the chain, its numbers wait to be sealed."""

from __future__ import annotations

from mpp.audit.content import BEGINNING
from mpp.settings import Settings
from mpp.tenancy.migrate import render
from mpp.tenancy.provision import install
from tests.support.fresh import empty_database, sql


def test_the_revision_of_a_region_in_use(settings: Settings) -> None:
    fresh = empty_database(settings, "mpp_upgrade")
    install(fresh)
    with sql(fresh) as connection, connection.transaction():
        connection.execute("CREATE SCHEMA old; SET LOCAL search_path TO old")
        connection.execute(render("tenant", None, "0002").encode())
        connection.execute(
            "INSERT INTO audit_log (actor_kind, actor_name, action, subject, data)"
            " SELECT 'staff', 'lama', 'old.act', 'x', '{}' FROM generate_series(1, 7)"
        )
        connection.execute(render("tenant", "0002", "0003").encode())
        head = connection.execute("SELECT seq, hash, prev_hash, old_last FROM audit_head").fetchone()
        assert head == (0, BEGINNING, BEGINNING, 7)
        free = connection.execute(
            "SELECT count(*) FROM audit_log WHERE seq IS NULL AND hash IS NULL"
        ).fetchone()
        assert free == (7,)
        columns = connection.execute(
            "SELECT column_name, data_type, is_nullable FROM information_schema.columns"
            " WHERE table_schema = 'old' AND table_name = 'ticket' AND column_name LIKE 'phone%' ORDER BY 1"
        ).fetchall()
        assert columns == [
            ("phone", "character varying", "YES"), ("phone_index", "bytea", "YES"), ("phone_sealed", "bytea", "YES"),
        ]  # fmt: skip
