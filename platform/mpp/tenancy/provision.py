"""Installing the platform's schema and provisioning regions: idempotent, resumable, one transaction each.

Everything here runs with the owner's connection (`DATABASE_URL`), in the command line or the worker only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, create_engine, make_url
from sqlalchemy.orm import Session

from mpp.audit import chain
from mpp.crypto.keyring import keyring_of, using
from mpp.database.fence import opening
from mpp.database.models import PLATFORM_SCHEMA
from mpp.database.roles import app_role, central_role, gate_role, password, reader_role, region_role
from mpp.settings import Settings
from mpp.tenancy import grants
from mpp.tenancy.migrate import head, render, revision_of, schema_script
from mpp.tenancy.models import RegionRecord, RegionState
from mpp.tenancy.region import Region, region_context

Owner = psycopg.Connection[tuple[str]]
Seed = Callable[[Session, Region], None]


# A process that hangs in the middle of a transaction holds others up for so long and no longer: who waits gives up
# first, and asks again.
LOGIN_SETTINGS = {
    "search_path": "",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}


@contextmanager
def owner(settings: Settings) -> Iterator[Owner]:
    """The owner's connection, in autocommit: transactions are explicit blocks."""
    url = make_url(settings.database_url).set(drivername="postgresql")
    with psycopg.connect(
        url.render_as_string(hide_password=False), autocommit=True, connect_timeout=5
    ) as connection:
        yield connection


def install(settings: Settings) -> None:
    """Create or bring up to date schema `platform`, the login roles and what PUBLIC must not do."""
    with owner(settings) as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('install', 0))")
        connection.execute(
            "CREATE SCHEMA IF NOT EXISTS platform; CREATE SCHEMA IF NOT EXISTS extensions;"
            " CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA extensions"
        )
        _login_roles(connection, settings)
        start, end = revision_of(connection, PLATFORM_SCHEMA), head("platform")
        if start != end:
            connection.execute("SET LOCAL search_path TO platform, extensions")
            connection.execute(render("platform", start, end).encode())
        connection.execute(grants.reader_grants(reader_role(settings)))
        connection.execute(grants.central_grants(central_role(settings)))
        connection.execute(grants.gate_grants(gate_role(settings)))


def _login_roles(connection: Owner, settings: Settings) -> None:
    """Two logins and a group; and no way for SQL inside a statement to become another role."""
    _role(connection, reader_role(settings), sql.SQL("NOLOGIN"))
    for role in (app_role(settings), central_role(settings), gate_role(settings)):
        secret = sql.SQL("LOGIN NOINHERIT PASSWORD {}").format(sql.Literal(password(settings, role)))
        _role(connection, role, secret)
        for setting, value in LOGIN_SETTINGS.items():
            change = sql.SQL("ALTER ROLE {} SET {} = {}")
            connection.execute(
                change.format(sql.Identifier(role), sql.Identifier(setting), sql.Literal(value))
            )
    database = sql.Identifier(connection.info.dbname)
    connection.execute(
        sql.SQL(
            "REVOKE ALL ON DATABASE {db} FROM PUBLIC; GRANT CONNECT ON DATABASE {db} TO {app}, {central}, {gate};"
            " REVOKE CREATE ON SCHEMA public FROM PUBLIC; REVOKE USAGE ON SCHEMA public FROM PUBLIC;"
            " REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC;"
            " REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC"
        ).format(
            db=database,
            app=sql.Identifier(app_role(settings)),
            central=sql.Identifier(central_role(settings)),
            gate=sql.Identifier(gate_role(settings)),
        )
    )


def _role(connection: Owner, role: str, options: sql.Composable) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    verb = sql.SQL("ALTER ROLE {} {}") if exists else sql.SQL("CREATE ROLE {} {}")
    connection.execute(verb.format(sql.Identifier(role), options))


@contextmanager
def owner_session(settings: Settings) -> Iterator[Session]:
    """A session of the owner on schema `platform`; commits at the end."""
    with (
        owner_engine(settings) as engine,
        Session(engine, expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


def register(session: Session, settings: Settings, **facts: object) -> RegionRecord:
    """Return the record of the region with this code, made now when it is new."""
    record = session.query(RegionRecord).filter_by(code=facts["code"]).one_or_none()
    if record is None:
        # Schema and role are opaque and carry the id, which only the insert tells.
        record = RegionRecord(schema_name=f"new_{facts['slug']}", role_name=f"new_{facts['slug']}", **facts)
        session.add(record)
        session.flush()
        record.schema_name = f"region_{record.id}"
        record.role_name = region_role(settings, record.id)
        session.flush()
    return record


def provision(settings: Settings, record: RegionRecord, seed: Seed) -> None:
    """Give a registered region its role, schema, grants and seed, and make it active.

    All of it is one transaction: killed at any moment, it leaves a registered region that a second run
    completes. A region that is provisioned already only gets its seed (which is idempotent) again.
    """
    region = record.as_region()
    # Apart from the transaction below, which may write sealed values already.
    keyring = keyring_of(settings)
    keyring.ensure(region.id)
    with using(keyring), owner_engine(settings) as engine, engine.connect() as connection, connection.begin():
        raw = _raw(connection)
        raw.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"mig:{region.schema}",))
        if revision_of(raw, region.schema) is None:
            _create_schema(raw, settings, region)
        with _inside(connection, region) as session:
            seed(session, region)
        raw.execute("RESET ROLE")
        raw.execute(
            "UPDATE platform.region SET state = %s, state_changed_at = now(), schema_revision = %s"
            " WHERE id = %s AND state = %s",
            (RegionState.ACTIVE, head("tenant"), region.id, RegionState.REGISTERED),
        )


@contextmanager
def owner_engine(settings: Settings) -> Iterator[Engine]:
    """The owner's engine, closed at the end."""
    engine = create_engine(settings.database_url, hide_parameters=True)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def inside(engine: Engine, region: Region) -> Iterator[Session]:
    """A session of the owner that acts as the region's role in its schema; commits at the end."""
    with engine.connect() as connection, connection.begin(), _inside(connection, region) as session:
        yield session


@contextmanager
def _inside(connection: Connection, region: Region) -> Iterator[Session]:
    """Serve `region` in the connection's transaction, which its opener ends."""
    _raw(connection).execute(opening(region).removeprefix("BEGIN; ").encode())
    with region_context(region), Session(bind=connection, expire_on_commit=False) as session:
        yield session
        session.flush()
        chain(session)


def _raw(connection: Connection) -> Owner:
    """Return psycopg's own connection: several statements in one string, one round trip."""
    return connection.connection.dbapi_connection  # type: ignore[return-value]  # SQLAlchemy types it as Any driver's


def _create_schema(connection: Owner, settings: Settings, region: Region) -> None:
    """One round trip of DDL from the cached script; the region's role owns nothing."""
    role, schema = sql.Identifier(region.role), sql.Identifier(region.schema)
    _role(connection, region.role, sql.SQL("NOLOGIN"))
    connection.execute(
        sql.SQL(
            "GRANT {reader} TO {role}; GRANT {role} TO {app}; CREATE SCHEMA {schema};"
            " GRANT USAGE ON SCHEMA {schema} TO {role}, {gate}; SET LOCAL search_path TO {schema}"
        ).format(
            reader=sql.Identifier(reader_role(settings)), role=role, schema=schema,
            app=sql.Identifier(app_role(settings)), gate=sql.Identifier(gate_role(settings)),
        )
    )  # fmt: skip
    connection.execute(schema_script().encode())
    connection.execute(grants.region_grants(region.role))
    connection.execute("INSERT INTO content_state (id) VALUES (1)")
