"""Screens of the hall: one that polls, one that listens to the stream and comes back when it ends."""

from __future__ import annotations

import http.client
import json
import re
import threading

from tests.soak.ledger import Ledger
from tests.soak.people import Hall
from tests.soak.visitor import UnreachedError, Visitor

SECONDS_POLL = 2.0
# A stream gives a sign of life every 15 seconds.
SECONDS_SILENT = 20.0


def polls(port: int, hall: Hall, ledger: Ledger, stop: threading.Event) -> None:
    """Open the display, then ask for the board every two seconds, where the page says it is."""
    visitor = Visitor(port, hall.slug, ledger)
    page = visitor.insist("GET", f"/layar/{hall.hall_slug}")
    found = re.search(r'data-poll="([^"]+)"', page.text)
    assert found, f"{page.status} without a board"
    while not stop.is_set():
        try:
            answer = visitor.ask("GET", found[1])
        except UnreachedError:
            pass
        else:
            if answer.status == 200:
                json.loads(answer.text)
            elif answer.status < 500:
                ledger.break_(f"board of {hall.slug}: {answer.status}")
        stop.wait(SECONDS_POLL)


def listens(port: int, hall: Hall, ledger: Ledger, stop: threading.Event) -> None:
    """Hear the stream; when it breaks, come back after a second."""
    while not stop.is_set():
        try:
            for _board in Boards(port, hall, SECONDS_SILENT):
                ledger.tell(hall.slug)
                if stop.is_set():
                    return
        except (OSError, http.client.HTTPException):
            ledger.answer("stream broken")
        stop.wait(1)


class Boards:
    """The boards that a stream tells, one after the other. Raises OSError when the line breaks or falls silent."""

    def __init__(self, port: int, hall: Hall, silent: float) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=silent)
        try:
            self._line.request(
                "GET", f"/events/hall/{hall.hall_id}", headers={"Host": f"{hall.slug}.localhost"}
            )
            self._answer = self._line.getresponse()
            if self._answer.status != 200:
                raise ConnectionError(f"stream {self._answer.status}")
        except BaseException:
            self._line.close()
            raise

    def __iter__(self) -> Boards:
        return self

    def close(self) -> None:
        """Stop listening."""
        self._answer.close()
        self._line.close()

    def __next__(self) -> dict[str, object]:
        try:
            while line := self._answer.readline():
                if line.startswith(b"data: {"):
                    found: dict[str, object] = json.loads(line.removeprefix(b"data: "))
                    return found
        except BaseException:
            self.close()
            raise
        self.close()
        raise StopIteration
