"""The platform's own programs as `mpp up` runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from mpp.embedded.process import open_log, spawn
from mpp.supervisor.errors import UpError
from mpp.supervisor.service import CommandService, answers
from mpp.supervisor.table import FOR_OPERATOR, last_line, telling_line


def mpp(*arguments: str) -> list[str]:
    """Our command line in this very interpreter, wherever the terminal stands."""
    beside = Path(sys.executable).parent / "mpp"
    if beside.is_file():
        return [sys.executable, str(beside), *arguments]
    return [sys.executable, "-m", "wsgi", *arguments]


def children(port: int, env: Mapping[str, str], log_dir: Path) -> list[CommandService]:
    """The four children in starting order: worker, ticker, event stream (`port`+1), pages (`port`).

    Pages and streams never share a server: a thread server stops at its thread count of open
    streams.
    """
    host = env.get("MPP_DOMAIN", "localhost")
    gunicorn = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--log-level", "warning"]
    pages = [
        *(*gunicorn, "wsgi:app()", "--bind", f"127.0.0.1:{port}"),
        *(
            "--worker-class",
            "gthread",
            "--workers",
            "2",
            "--threads",
            "8",
            # Imported once, before the fork: a page worker that dies has its successor at once.
            "--preload",
            "--graceful-timeout",
            "4",
        ),
    ]
    # Open streams never end by themselves, so a longer wait would only delay the stop. More connections than a process
    # has listeners: whoever is one too many is told so, and polls, instead of waiting at the door.
    events = [
        *(*gunicorn, "wsgi:events_app()", "--bind", f"127.0.0.1:{port + 1}"),
        *("--worker-class", "gevent", "--workers", "1", "--graceful-timeout", "3"),
        *("--worker-connections", "6000"),
    ]
    return [
        CommandService("worker", mpp("worker"), env=env, log_dir=log_dir),
        CommandService("ticker", mpp("ticker"), env=env, log_dir=log_dir),
        CommandService(
            "events",
            events,
            env=env,
            log_dir=log_dir,
            ready=lambda: answers(port + 1, "/healthz", host),
        ),
        CommandService("web", pages, env=env, log_dir=log_dir, ready=lambda: answers(port, "/readyz", host)),
    ]


def prepare(env: Mapping[str, str], log_dir: Path, *, demo: bool, progress: Callable[[str], None]) -> None:
    """Migrate and provision by `mpp db prepare`; each line it prints goes to `progress`.

    UpError with its last line when it fails. Interrupted at any moment it can simply run again.
    """
    argv = mpp("db", "prepare", *([] if demo else ["--no-demo"]))
    log = log_dir / "prepare.log"
    reading, writing = os.pipe()
    try:
        process = spawn(argv, log=writing, env=env)
    finally:
        os.close(writing)
    descriptor = open_log(log)
    try:
        with os.fdopen(reading, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                os.write(descriptor, line.encode())
                if line.startswith("Traceback"):
                    break  # the rest is for the log; the last line of it is the cause
                if line.strip() and not line.startswith(FOR_OPERATOR):
                    progress(line.rstrip())
            for line in lines:
                os.write(descriptor, line.encode())
        code = process.wait()
    finally:
        os.close(descriptor)
        if process.poll() is None:
            process.terminate()
            process.wait()
    if code != 0:
        raise UpError(f"Penyiapan basis data gagal: {last_line(log)}. Catatan: {log}")


def demo_sign_ins(env: Mapping[str, str]) -> list[dict[str, str]]:
    """The demo accounts by `mpp demo sign-ins --json`; UpError with its last line when it fails."""
    done = subprocess.run(  # noqa: S603  # our own command line with fixed words
        mpp("demo", "sign-ins", "--json"),
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise UpError(f"Akun contoh tidak terbaca: {telling_line(done.stderr)}")
    accounts: list[dict[str, str]] = json.loads(done.stdout)
    return accounts
