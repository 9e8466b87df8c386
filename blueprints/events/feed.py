"""One hall's board, fetched once a change and handed to all who listen in this process."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from mpp.database.session import read, serve
from mpp.observability import log
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.lobby.board import board, hall_by_id

SECONDS_BEAT = 15
# What no signal tells (an announcement, a running text) shows after this long.
SECONDS_SURE = 30
# Without signals the database is asked this often.
SECONDS_POLL = 2
# Calls that come in a burst are fetched together; well under the second that a display may lag.
SECONDS_BURST = 0.05


@dataclass(frozen=True, slots=True)
class State:
    """A board ready to be sent."""

    version: str
    data: str


class Listener:
    """One open stream. Only the newest state waits for it: a slow reader skips, and never fills memory."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self._next: queue.Queue[State | None] = queue.Queue(maxsize=1)
        self._lock = threading.Lock()

    def push(self, state: State | None) -> None:
        """Put `state` in place of what has not been sent yet; None ends the stream."""
        with self._lock:
            with contextlib.suppress(queue.Empty):
                self._next.get_nowait()
            self._next.put_nowait(state)

    def stream(self) -> Iterator[str]:
        """Yield events until the feed ends. Runs outside of any request: holds no connection, no transaction."""
        yield "retry: 2000\n\n"
        while True:
            try:
                state = self._next.get(timeout=SECONDS_BEAT)
            except queue.Empty:
                yield _beat()
                continue
            if state is None:
                return
            # The time goes before: a hall that stood still has a state of long ago, and the page judges by its
            # clock which calls in it are news.
            yield f"{_beat()}id: {state.version}\ndata: {state.data}\n\n"


def _beat() -> str:
    """An event and not a comment: the page sees that the line lives, and what time it is."""
    return f"event: beat\ndata: {time.time_ns() // 1_000_000}\n\n"


class Feed:
    """Watches one hall of one region, or one zone of it, while somebody listens."""

    def __init__(self, app: Platform, region: Region, hall_id: int, zone: str | None = None) -> None:
        self.region = region
        self.hall_id = hall_id
        self.zone = zone
        self.signals = False
        self._app = app
        self._listeners: set[Listener] = set()
        self._latest: State | None = None
        self._changed = threading.Event()
        self._ended = False
        self._lock = threading.Lock()

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def add(self) -> Listener:
        """Return a new listener, which gets the state as it is now."""
        listener = Listener(self)
        with self._lock:
            self._listeners.add(listener)
            if self._latest or self._ended:
                listener.push(self._latest)
        return listener

    def remove(self, listener: Listener) -> None:
        """Forget a listener whose stream is over."""
        with self._lock:
            self._listeners.discard(listener)

    def wake(self) -> None:
        """Say that something may have changed."""
        self._changed.set()

    def end(self) -> None:
        """End every stream of this feed."""
        self._ended = True
        self._tell(None)
        self.wake()

    def run(self) -> None:
        """Fetch and tell until nobody listens or the region is suspended."""
        while not self._ended:
            self._changed.clear()
            pause = SECONDS_SURE if self.signals else SECONDS_POLL
            try:
                state = self._fetch()
            except Exception as error:  # whatever broke, those who listen keep the last state
                log.warning("board not fetched", region=self.region.slug, error=type(error).__name__)
                pause = SECONDS_POLL
            else:
                if state is None:
                    self.end()
                elif state.version != (self._latest.version if self._latest else None):
                    self._tell(state)
            if self._changed.wait(pause):
                time.sleep(SECONDS_BURST)

    def _fetch(self) -> State | None:
        """The board now; None when the region is suspended or the hall is gone."""
        with self._app.app_context(), serve(self.region):
            if not self._app.gatekeeper.read(self.region).open:
                return None
            with read() as session:
                hall = hall_by_id(session, self.hall_id)
                if hall is None:
                    return None
                shown = board(session, hall, self.zone)
            return State(shown.version, shown.as_json())

    def _tell(self, state: State | None) -> None:
        with self._lock:
            self._latest = state
            for listener in self._listeners:
                listener.push(state)
