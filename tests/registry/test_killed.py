"""kill -9 at any moment of `mpp db prepare`: no half schema is left, and the next run completes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

from mpp.database.registry import region_tables
from mpp.settings import ROOT, Settings
from tests.support.fresh import rows

SLUGS = ("banda-aceh", "bukittinggi", "musi-rawas", "metro", "batam", "tanjungpinang")
SCRIPT = f"""
import functools
from mpp.settings import load_settings
from tenants.registry.prepare import prepare
prepare(load_settings(), demo=True, slugs={SLUGS!r}, progress=functools.partial(print, flush=True))
"""
# Lines until the kill: before anything, in the catalogue, after each region; and then a moment more.
MOMENTS = (0, 0, 1, 2, 3, 4, 5, 6, 7)
LONGEST_MOMENT = 0.12


def start(settings: Settings) -> subprocess.Popen[str]:
    env = os.environ | {
        "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}",
        "DATABASE_URL": settings.database_url,
        "MPP_ROLE_PREFIX": settings.role_prefix,
        "MPP_SECRET_KEY": settings.secret_key,
        "MPP_ENV": "test",
    }
    return subprocess.Popen([sys.executable, "-c", SCRIPT], env=env, stdout=subprocess.PIPE, text=True)


def killed_after(settings: Settings, lines: int, moment: float) -> None:
    with start(settings) as process:
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
    # The server notices a dead client when its statement ends; only then the transaction is gone.
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    end = time.monotonic() + 10
    while rows(settings, others)[0][0] and time.monotonic() < end:
        time.sleep(0.02)


def no_half_schema(settings: Settings) -> int:
    """Assert that every region is either whole or absent; return how many are whole."""
    schemas = {
        name for (name,) in rows(settings, "SELECT nspname FROM pg_namespace WHERE nspname ~ '^region_'")
    }
    if rows(settings, "SELECT to_regclass('platform.region') IS NULL")[0][0]:
        assert not schemas
        return 0
    states = dict(rows(settings, "SELECT schema_name, state FROM platform.region"))
    assert {schema for schema, state in states.items() if state == "active"} == schemas
    tables = {table.name for table in region_tables()} | {"schema_version"}
    for schema in schemas:
        found = rows(settings, "SELECT tablename FROM pg_tables WHERE schemaname = %s", schema)
        assert {name for (name,) in found} == tables
        for table, count in (("schema_version", 1), ("hall", 1), ("content_state", 1), ("staff", 4)):
            assert rows(settings, f"SELECT count(*) FROM {schema}.{table}") == [(count,)]
        role = rows(settings, "SELECT role_name FROM platform.region WHERE schema_name = %s", schema)[0][0]
        assert rows(settings, "SELECT has_table_privilege(%s, %s, 'INSERT')", role, f"{schema}.ticket") == [
            (True,)
        ]
    return len(schemas)


def test_a_killed_run_leaves_whole_regions_only_and_the_next_one_completes(fresh: Settings) -> None:
    seed = random.randrange(10_000)
    chance = random.Random(seed)
    whole = []
    for lines in MOMENTS:
        killed_after(fresh, lines, chance.uniform(0, LONGEST_MOMENT))
        whole.append(no_half_schema(fresh))
    assert whole == sorted(whole), f"seed {seed}: a region was lost: {whole}"
    with start(fresh) as process:
        assert process.wait(60) == 0
    assert no_half_schema(fresh) == len(SLUGS), f"seed {seed}"
    assert rows(fresh, "SELECT count(*), count(DISTINCT code) FROM platform.region") == [(6, 6)]
    assert rows(fresh, "SELECT count(*), max(version) FROM platform.service_standard") == [(46, 1)]
