"""What must hold before anything starts. Each failure is one line: what, where, what to do."""

import contextlib
import fcntl
import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

from mpp.embedded.privileges import make_folder
from mpp.embedded.process import port_is_free
from mpp.supervisor.errors import UpError

NEEDED_BYTES = 300_000_000
_UNCLEAN_GRACE = 10.0  # seconds that the children of a killed run get to free their ports


@contextlib.contextmanager
def locked(data_dir: Path) -> Iterator[bool]:
    """Hold `data_dir` for this process alone; yields True when the run before did not end cleanly.

    The kernel frees the lock with the process, also after kill -9. UpError when another run holds
    it.
    """
    make_folder(data_dir)
    with (data_dir / "lock").open("a+", encoding="ascii") as file:
        os.fchmod(file.fileno(), 0o600)
        file.seek(0)
        before = file.read().strip()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UpError(
                f"Folder data {data_dir} sedang dipakai `mpp up` lain (proses "
                f"{before or 'tidak dikenal'}). "
                "Hentikan dahulu, atau pilih folder lain dengan --data-dir."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield before != ""
        finally:
            file.truncate(0)  # skipped only by kill -9 or a power cut


def require_ports(port: int, *, patient: bool) -> None:
    """UpError when `port` (pages) or `port`+1 (event stream) is taken.

    `patient`: wait for a killed run's children.
    """
    end = time.monotonic() + (_UNCLEAN_GRACE if patient else 0)
    for number, use in ((port, "halaman"), (port + 1, "aliran kabar layar")):
        while not port_is_free(number):
            if time.monotonic() > end:
                raise UpError(_port_problem(number, use, port))
            time.sleep(0.2)


def _port_problem(number: int, use: str, port: int) -> str:
    if number < 1024 and os.geteuid() != 0:
        return f"Porta {number} hanya boleh dipakai root. Pilih porta lain, misalnya: mpp up --port 8000"
    other = port + 10 if port < 65000 else 8000
    return (
        f"Porta {number} (untuk {use}) sudah dipakai program lain. "
        f"Pilih porta lain, misalnya: mpp up --port {other}"
    )


def require_space(*folders: Path, needed: int = NEEDED_BYTES) -> None:
    """UpError when the disk of one of `folders` has less than `needed` bytes left."""
    for folder in folders:
        free = shutil.disk_usage(folder).free
        if free < needed:
            raise UpError(
                f"Disk penuh: {folder} tinggal {free // 1_000_000} MB, perlu {needed // 1_000_000} "
                "MB. "
                "Kosongkan ruang atau pilih folder lain dengan --data-dir."
            )


def require_database(url: str) -> None:
    """UpError when the PostgreSQL of DATABASE_URL can't be used within five seconds."""
    try:
        with psycopg.connect(plain_address(url), connect_timeout=5) as connection:
            connection.execute("SELECT 1")
    except (psycopg.Error, ValueError) as error:
        raise UpError(
            f"DATABASE_URL tidak terjangkau: {without_password(url)} ({_short(error)}). "
            "Perbaiki alamatnya, atau kosongkan agar PostgreSQL bawaan dipakai."
        ) from error


def require_valkey(url: str) -> None:
    """UpError when the Valkey or Redis of VALKEY_URL can't be used within five seconds."""
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5)
        try:
            client.ping()
        finally:
            client.close()
    except (redis.RedisError, ValueError, OSError) as error:
        raise UpError(
            f"VALKEY_URL tidak terjangkau: {without_password(url)} ({_short(error)}). "
            "Perbaiki alamatnya, atau kosongkan agar Valkey bawaan dipakai."
        ) from error


def plain_address(url: str) -> str:
    """A SQLAlchemy address as libpq reads it: without the driver's name."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}{mark}{rest}"


def without_password(url: str) -> str:
    """`url` fit for a screen: user, host, port and name only.

    Never a password, nor what stands after "?".
    """
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(alamat tidak terbaca)"
    if not parts.hostname:
        return (
            "(alamat tidak terbaca)" if parts.netloc or not parts.scheme else f"{parts.scheme}://{parts.path}"
        )
    user = f"{parts.username}@" if parts.username else ""
    return f"{parts.scheme}://{user}{parts.hostname}{port}{parts.path}"


def _short(error: BaseException) -> str:
    """The last line of an error, where the drivers put the cause.

    A refused connection in plain words.
    """
    text = str(error)
    if "refused" in text:
        return "sambungan ditolak, server tidak berjalan di situ"
    if "timeout" in text.lower() or isinstance(error, socket.timeout):
        return "tidak menjawab dalam 5 detik"
    if "name or service not known" in text.lower() or "name resolution" in text.lower():
        return "nama server tidak dikenal"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else type(error).__name__
