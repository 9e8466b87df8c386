"""A client of the virus scanner clamd: its INSTREAM command over a socket. Nothing is taken that it has not seen."""

from __future__ import annotations

import socket
import struct
from urllib.parse import urlsplit

from mpp.observability import log
from mpp.settings import SettingsError
from mpp.storage.errors import FileRefusedError, ScannerAwayError

PORT = 3310
CHUNK = 64 * 1024
SECONDS_PATIENT = 30.0
SECONDS_TO_CONNECT = 3.0
LONGEST_ANSWER = 4096


class Clamd:
    """A scanner at tcp://host:3310 or unix:///run/clamav/clamd.ctl. Raises SettingsError for any other address."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme == "tcp" and parts.hostname:
            self._address: tuple[str, int] | str = (parts.hostname, parts.port or PORT)
        elif parts.scheme == "unix" and parts.path:
            self._address = parts.path
        else:
            raise SettingsError(f"MPP_CLAMD_URL tidak dikenal: {url} (tcp://host:3310 atau unix:///berkas)")

    def scan(self, data: bytes) -> None:
        """Return when the scanner finds nothing. Raises FileRefusedError for what it finds, ScannerAwayError."""
        try:
            answer = self._ask(data)
        except OSError as error:
            log.error("virus scanner away", error=type(error).__name__)
            raise ScannerAwayError from error
        if answer == "stream: OK":
            return
        if answer.endswith(" FOUND"):
            found = answer.removeprefix("stream: ").removesuffix(" FOUND")
            log.warning("virus found", signature=found)
            raise FileRefusedError("Berkas ini mengandung virus dan tidak disimpan. Periksa perangkat Anda.")
        # "INSTREAM size limit exceeded. ERROR" and the like: it has not seen the whole.
        log.error("virus scanner refused", answer=answer[:120])
        raise ScannerAwayError

    def _ask(self, data: bytes) -> str:
        with self._connect() as connection:
            connection.settimeout(SECONDS_PATIENT)
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), CHUNK):
                chunk = data[start : start + CHUNK]
                connection.sendall(struct.pack("!I", len(chunk)) + chunk)
            connection.sendall(struct.pack("!I", 0))
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
                more = connection.recv(LONGEST_ANSWER)
                if not more:
                    break
                answer += more
        return answer.rstrip(b"\0\n").decode("utf-8", "replace")

    def _connect(self) -> socket.socket:
        if isinstance(self._address, tuple):
            return socket.create_connection(self._address, timeout=SECONDS_TO_CONNECT)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(SECONDS_TO_CONNECT)
            connection.connect(self._address)
        except BaseException:
            connection.close()
            raise
        return connection
