"""What a schema consists of, read from pg_catalog, so that two schemas can be compared word for word."""

from __future__ import annotations

from typing import Any

import psycopg

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
       pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %s"
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = %s::regnamespace
"""
# Alembic's own table is no model.
VERSION_TABLE = "schema_version"


def fingerprint(connection: psycopg.Connection[Any], schema: str) -> set[tuple[Any, ...]]:
    """Return columns, indexes and constraints of a schema, without its name in them."""
    found: set[tuple[Any, ...]] = set()
    for kind, query in (("column", COLUMNS), ("index", INDEXES), ("constraint", CONSTRAINTS)):
        for row in connection.execute(query, (schema,)):
            plain = tuple(p.replace(f"{schema}.", "") if isinstance(p, str) else p for p in row)
            if VERSION_TABLE not in str(plain[0]):
                found.add((kind, *plain))
    return found
