"""Alembic's environment for both histories: `platform` (one schema) and `tenant` (a schema per region).

The product itself never runs `alembic upgrade` on a region: mpp.tenancy.migrate renders a revision to SQL once,
through the offline branch here, and sends it to each schema in one round trip.
"""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import create_engine, text

from mpp.database.models import PLATFORM_SCHEMA
from mpp.database.registry import metadata

config = context.config
BRANCH = config.config_ini_section
PLATFORM = BRANCH == "platform"


def _belongs(obj: Any, _name: str | None, kind: str, _reflected: bool, _compare: Any) -> bool:
    table = obj if kind == "table" else getattr(obj, "table", None)
    return table is None or (table.schema == PLATFORM_SCHEMA) == PLATFORM


def _render(kind: str, obj: Any, _context: Any) -> str | bool:
    """A revision names database types only: a library of ours may change, a revision may not."""
    if kind == "type" and type(obj).__module__.startswith("sqlalchemy_utils."):
        return f"sa.String(length={obj.impl.length})"
    if kind == "type" and type(obj).__module__.startswith("mpp.crypto."):
        return "sa.LargeBinary()"
    return False


OPTIONS: dict[str, Any] = {
    "target_metadata": metadata(),
    "include_object": _belongs,
    "render_item": _render,
    "include_schemas": PLATFORM,
    "version_table": "schema_version",
    "version_table_schema": PLATFORM_SCHEMA if PLATFORM else None,
    "compare_server_default": False,
}

if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql",
        literal_binds=True,
        transactional_ddl=False,
        **OPTIONS,
    )
    context.run_migrations()
else:
    # Development only (autogenerate): the schema is named on the command line, -x url=… -x schema=…
    arguments = context.get_x_argument(as_dictionary=True)
    engine = create_engine(arguments["url"])
    with engine.connect() as connection:
        if not PLATFORM:
            connection.execute(
                text("SELECT pg_catalog.set_config('search_path', :s, false)"),
                {"s": arguments["schema"]},
            )
            connection.dialect.default_schema_name = arguments["schema"]
            connection.commit()
        context.configure(connection=connection, **OPTIONS)
        with context.begin_transaction():
            context.run_migrations()
