"""Who may touch which table, as explicit lists: `ON ALL TABLES IN SCHEMA` scans the whole catalogue."""

from __future__ import annotations

from psycopg import sql

from mpp.database.models import PLATFORM_SCHEMA
from mpp.database.registry import platform_tables, region_tables
from mpp.database.roles import gate_role_beside

# Histories: a region adds to them and reads them, and can change nothing that stands in them.
APPEND_ONLY = frozenset({"audit_log", "ticket_event", "number_lease", "queue_rule", "queue_call"})
# What ends in a history all the same: a person's words. Acts, times and actors stay as they were written.
FORGOTTEN = {"ticket_event": ("reason",)}
# The ends of chains: moved on, never added or taken away.
FIXED = ("audit_head",)
# In `platform`: added to and read; retiring and wrapping anew are the owner's.
CENTRAL_APPEND_ONLY = ("audit_log", "audit_anchor", "region_key", "acting_use")
# What every region may read of the nation's; everything else in `platform` is closed to it.
CATALOGUE = ("agency", "service", "service_standard", "life_event", "life_event_service", "holiday")
# Of the list of regions others see only which are served: what the directory shows anybody.
REGION_COLUMNS = ("id", "state", "state_contact")


def region_grants(role: str) -> sql.Composed:
    """Return the grants of a region's role on its own tables; run with the region's search_path."""
    open_tables = [t.name for t in region_tables() if t.name not in {*APPEND_ONLY, *FIXED}]
    return sql.SQL("; ").join(
        [
            _grant("SELECT, INSERT, UPDATE, DELETE", open_tables, role),
            _grant("SELECT, INSERT", sorted(APPEND_ONLY), role),
            *(
                _grant(f"UPDATE ({', '.join(columns)})", [table], role)
                for table, columns in FORGOTTEN.items()
            ),
            _grant("SELECT", FIXED, role),
            _grant("UPDATE (seq, prev_hash, hash)", FIXED, role),
            _grant("SELECT", ["schema_version"], role),
            _grant("SELECT", ["content_state"], gate_role_beside(role)),
        ]
    )


def reader_grants(role: str) -> sql.Composed:
    """Return the grants on the national catalogue, given once to the group of all regions."""
    schema = sql.Identifier(PLATFORM_SCHEMA)
    return sql.SQL("; ").join(
        [
            sql.SQL("GRANT USAGE ON SCHEMA {}, extensions TO {}").format(schema, sql.Identifier(role)),
            _grant("SELECT", CATALOGUE, role, PLATFORM_SCHEMA),
            sql.SQL("GRANT SELECT ({}) ON {}.region TO {}").format(
                sql.SQL(", ").join(map(sql.Identifier, REGION_COLUMNS)), schema, sql.Identifier(role)
            ),
        ]
    )


def gate_grants(role: str) -> sql.Composed:
    """Return the grants of the gate's login: which regions are served, nothing else."""
    schema, who = sql.Identifier(PLATFORM_SCHEMA), sql.Identifier(role)
    return sql.SQL(
        "GRANT USAGE ON SCHEMA {schema} TO {who}; GRANT SELECT ({columns}) ON {schema}.region TO {who}"
    ).format(schema=schema, who=who, columns=sql.SQL(", ").join(map(sql.Identifier, REGION_COLUMNS)))


def central_grants(role: str) -> sql.Composed:
    """Return the grants of the centre's login on schema `platform`."""
    tables = [t.name for t in platform_tables() if t.name not in {*CENTRAL_APPEND_ONLY, *FIXED}]
    return sql.SQL("; ").join(
        [
            sql.SQL("GRANT USAGE ON SCHEMA {}, extensions TO {}").format(
                sql.Identifier(PLATFORM_SCHEMA), sql.Identifier(role)
            ),
            _grant("SELECT, INSERT, UPDATE, DELETE", tables, role, PLATFORM_SCHEMA),
            _grant("SELECT, INSERT", CENTRAL_APPEND_ONLY, role, PLATFORM_SCHEMA),
            _grant("SELECT", FIXED, role, PLATFORM_SCHEMA),
            _grant("UPDATE (seq, prev_hash, hash)", FIXED, role, PLATFORM_SCHEMA),
        ]
    )


def _grant(
    rights: str, tables: tuple[str, ...] | list[str], role: str, schema: str | None = None
) -> sql.Composed:
    names = [sql.Identifier(schema, t) if schema else sql.Identifier(t) for t in tables]
    return sql.SQL("GRANT {} ON {} TO {}").format(
        sql.SQL(rights),
        sql.SQL(", ").join(names),
        sql.Identifier(role),
    )
