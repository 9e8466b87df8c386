"""The whole of `mpp up`: check, start servers, prepare, start children, watch, stop.

Users: as root, PostgreSQL and Valkey run as an unprivileged user (see `mpp.embedded.privileges`).
The other children keep the user who called: they need the checkout and its Python, which may lie
where no other user may go.
"""

import contextlib
import errno
import os
import resource
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

from mpp.embedded.errors import EmbeddedError
from mpp.embedded.postgres import EmbeddedPostgres
from mpp.embedded.server import EmbeddedServer
from mpp.embedded.valkey import EmbeddedValkey
from mpp.supervisor import announce, checks, commands, environment
from mpp.supervisor.errors import StopRequested, UpError
from mpp.supervisor.table import Supervisor, rotate

_READY_LIMIT = 120.0  # seconds for pages and event stream to answer, on a slow machine too
_OPEN_FILES = 16384  # one a screen that listens, and some for everything else
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_up(port: int, data_dir: Path, demo: bool) -> int:
    """Run everything until Ctrl-C or SIGTERM.

    Returns the exit code: 0 stopped on request, 1 after one line on stderr.

    Pages listen on 127.0.0.1:`port`, the event stream on `port`+1. `demo`: seed with demo
    accounts.
    """
    _allow_open_files()
    try:
        with _stop_on_signals():
            _run(port, data_dir.expanduser().resolve(), demo)
    except StopRequested:
        announce.say("Semua sudah berhenti. Data tersimpan.")
        return 0
    except (UpError, EmbeddedError) as error:
        announce.complain(str(error))
    except OSError as error:
        announce.complain(_os_problem(error))
    return 1


def _run(port: int, data_dir: Path, demo: bool) -> None:
    started = time.monotonic()
    with checks.locked(data_dir) as after_crash:
        checks.require_ports(port, patient=after_crash)
        checks.require_space(data_dir)
        database_url, valkey_url = os.environ.get("DATABASE_URL"), os.environ.get("VALKEY_URL")
        if database_url:
            checks.require_database(database_url)
        if valkey_url:
            checks.require_valkey(valkey_url)
        log_dir = data_dir / "log"
        log_dir.mkdir(mode=0o700, exist_ok=True)
        for log in log_dir.glob("*.log"):
            rotate(log, 0)  # a cause of failure is looked for in this run's lines only
        supervisor = Supervisor(announce.say)
        try:
            database_url = database_url or _own(EmbeddedPostgres(data_dir), supervisor)
            valkey_url = valkey_url or _own(EmbeddedValkey(data_dir), supervisor)
            env = environment.children_environment(
                os.environ,
                port=port,
                data_dir=data_dir,
                database_url=database_url,
                valkey_url=valkey_url,
            )
            environment.remember(env, data_dir)
            announce.say("Menyiapkan basis data …")
            commands.prepare(env, log_dir, demo=demo, progress=lambda line: announce.say(f"  {line}"))
            accounts = commands.demo_sign_ins(env) if demo else []
            announce.say("Menyalakan layanan …")
            children = commands.children(port, env, log_dir)
            for child in children:
                supervisor.launch(child)
            supervisor.wait_ready(children, _READY_LIMIT)
            announce.say(f"  Semua siap ({announce.seconds(started)} sejak awal)")
            announce.welcome(_centre(env, port), accounts, str(data_dir))
            supervisor.watch()
        except StopRequested:
            announce.say("\nMenghentikan semua …")
            raise
        finally:
            # A second Ctrl-C must not tear the stop apart; it takes at most about eight seconds.
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            supervisor.stop()
            environment.forget(data_dir)


def _allow_open_files() -> None:
    """Let the children hold as many connections as the system allows: the usual 1,024 end at a fifth of the screens."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _own(server: EmbeddedServer, supervisor: Supervisor) -> str:
    """Start an embedded server under `supervisor` and return its address."""
    if server.note:
        announce.say(f"  {server.note}")
    checks.require_space(server.place.path)
    supervisor.adopt(server)  # before the start, so that a Ctrl-C in it stops what was launched
    announce.timed(server.title, server.start)
    return server.url


def _centre(env: Mapping[str, str], port: int) -> str:
    """The centre's public address: behind the operator's own https in production."""
    if env["MPP_ENV"] == "production":
        return f"https://{env.get('MPP_DOMAIN', '')}"
    return f"http://{env['MPP_DOMAIN']}:{port}"


@contextlib.contextmanager
def _stop_on_signals() -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and a closed terminal into StopRequested.

    The handlers before come back afterwards.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise StopRequested

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _os_problem(error: OSError) -> str:
    where = f": {error.filename}" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"Disk penuh{where}. Kosongkan ruang atau pilih folder lain dengan --data-dir."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"Tidak boleh menulis{where}. Pilih folder lain dengan --data-dir."
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return f"Folder tidak dapat dibuat{where}. Pilih folder lain dengan --data-dir."
    return f"{error.strerror or error}{where}"
