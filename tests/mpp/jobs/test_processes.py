"""`mpp worker` and `mpp ticker` as real processes: they do the work, and stop when told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis

from mpp.embedded.valkey import EmbeddedValkey
from mpp.settings import ROOT, Settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.fresh import rows

PATIENCE = 20.0

# The job of every minute may come once more at any moment; it is not counted.
DONE = "SELECT count(*) FROM region_1.outbox WHERE done_at IS NOT NULL AND kind <> 'counters.forgotten'"


@contextmanager
def running(settings: Settings, command: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    values = os.environ | {
        "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}",
        "DATABASE_URL": settings.database_url,
        "VALKEY_URL": settings.valkey_url,
        "MPP_ROLE_PREFIX": settings.role_prefix,
        "MPP_SECRET_KEY": settings.secret_key,
        "MPP_DATA_DIR": str(settings.data_dir),
        "MPP_ENV": "test",
        **env,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "wsgi", command], env=values, cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(found: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while not (result := found()):
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)
    return result


def test_the_clocks_jobs_are_done_and_both_stop_on_request(app: Platform, bukittinggi: Region) -> None:
    settings = app.settings
    Redis.from_url(settings.valkey_url).flushall()
    with running(settings, "worker") as worker, running(settings, "ticker") as ticker:
        until(lambda: rows(settings, DONE)[0][0] >= 3)
        rollups = "SELECT count(*) FROM platform.region_rollup WHERE region_id = 1"
        until(lambda: rows(settings, rollups) == [(2,)])
        for process in (ticker, worker):
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0


def test_both_live_through_a_valkey_that_goes_and_comes_back(app: Platform, tmp_path: Path) -> None:
    settings = app.settings

    def done() -> int:
        found: int = rows(settings, DONE)[0][0]
        return found

    valkey = EmbeddedValkey(tmp_path)
    valkey.start()
    url = valkey.url
    with (
        running(settings, "worker", VALKEY_URL=url) as worker,
        running(settings, "ticker", VALKEY_URL=url) as ticker,
    ):
        until(lambda: done() >= 3)
        valkey.stop()
        # What the worker had in hand when Valkey went is still finished.
        time.sleep(0.5)
        before = done()
        rows(settings, "INSERT INTO region_1.outbox (kind, payload) VALUES ('rollup', '{}') RETURNING id")
        time.sleep(2.5)
        assert (worker.poll(), ticker.poll(), done()) == (None, None, before)
        valkey.start()
        until(lambda: done() > before)
        valkey.stop()
        for process in (ticker, worker):
            process.send_signal(signal.SIGTERM)
        said = [process.communicate(timeout=PATIENCE)[1] for process in (ticker, worker)]
        assert [worker.returncode, ticker.returncode] == [0, 0]
    assert "mpp: Valkey tidak terjangkau; pekerjaan menunggu di basis data" in said[0].splitlines()
    assert "Traceback" not in "".join(said)


def test_a_setting_that_is_missing_is_one_line(settings: Settings) -> None:
    with running(settings, "worker", VALKEY_URL="") as process:
        _out, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
        assert said.splitlines()[-1] == "mpp: VALKEY_URL belum diisi"
