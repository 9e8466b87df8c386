"""A receipt printer of the hall, as far as a network can tell: a port that takes what is sent."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import threading


class FakePrinter:
    """Records what printers get."""

    def __init__(self) -> None:
        self.slips: list[bytes] = []
        for port in range(9100, 9110):
            try:
                self.server = socket.create_server(("127.0.0.1", port))
            except OSError:
                continue
            self.port = port
            break
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self.server.accept()
            except OSError:
                return
            got = b""
            with line:
                while chunk := line.recv(4096):
                    got += chunk
            self.slips.append(got)

    def off(self) -> None:
        """Switch it off: a socket closed while it waits in accept() would go on listening."""
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()

    def wait(self, count: int) -> list[bytes]:
        until = dt.datetime.now(tz=dt.UTC) + dt.timedelta(seconds=3)
        while len(self.slips) < count and dt.datetime.now(tz=dt.UTC) < until:
            threading.Event().wait(0.02)
        return self.slips
