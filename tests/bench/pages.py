"""(b) Kept pages against an empty Flask view on the same server; (e) p50 and p95 of each page."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import urllib.request

from mpp.settings import Settings
from tests.bench.report import figure, percentile
from tests.support.live import Live, environment, free_port, gunicorn, wait_for

SECONDS = 4
ROUNDS = 3
EMPTY = "tests.bench.empty:app"
TIMED = (
    "/",
    "/layanan",
    "/layanan/ktp-el-baru",
    "/layanan?q=bikin+ktp+ilang",
    "/instansi",
    "/mpp",
    "/antrean",
    "/antrean/ambil",
    "/masuk",
)


def throughput(port: int, host: str, path: str) -> float:
    """Return requests a second as wrk counts them."""
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("bench: wrk tidak ditemukan (Debian: apt-get install wrk)")
    argv = [
        wrk,
        "-t1",
        "-c16",
        f"-d{SECONDS}s",
        "-H",
        f"Host: {host}",
        "-H",
        "Accept-Encoding: gzip",
        f"http://127.0.0.1:{port}{path}",
    ]
    out = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out, out
    found = re.search(r"Requests/sec:\s+([\d.]+)", out)
    assert found, out
    return float(found[1])


def run(settings: Settings, here: Live, workers: int) -> bool:
    """Print both ratios (best of the rounds' medians, each round inside one minute) and the times of each page."""
    port = free_port()
    env = environment(settings, port, port)
    empty = gunicorn(
        EMPTY,
        port,
        env,
        "--worker-class",
        "gthread",
        "--workers",
        str(workers),
        "--threads",
        "8",
        log=settings.data_dir / "empty.log",
    )
    met = True
    host = f"bukittinggi.localhost:{here.port}"
    try:
        wait_for(f"http://127.0.0.1:{port}/", empty)
        for name, path in (("home_ratio", "/"), ("service_ratio", "/layanan/ktp-el-baru")):
            throughput(here.port, host, path)
            ratios = []
            for _ in range(ROUNDS):
                base = throughput(port, "localhost", "/")
                ratios.append(throughput(here.port, host, path) / base)
            met &= figure("pages", name, percentile(ratios, 0.5), "x", least=0.5)
    finally:
        empty.terminate()
        empty.wait(10)
    for path in TIMED:
        times = [_fetch(here, path) for _ in range(60)]
        name = re.sub(r"\W+", "_", path).strip("_") or "home"
        figure("pages", f"{name}_p50", percentile(times, 0.5) * 1000, "ms")
        figure("pages", f"{name}_p95", percentile(times, 0.95) * 1000, "ms")
    return met


def _fetch(here: Live, path: str) -> float:
    request = urllib.request.Request(
        f"http://127.0.0.1:{here.port}{path}", headers={"Host": f"bukittinggi.localhost:{here.port}"}
    )
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=10) as response:
        response.read()
    return time.perf_counter() - began
