"""All feeds of this process, and the one subscription that wakes them."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType

import gevent
from redis.client import PubSub
from redis.exceptions import RedisError

from blueprints.events.feed import Feed, Listener
from mpp.observability import log
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing.signal import EVERY_CHANNEL, channel, client

# Four thousand idle listeners take some 200 MB; beyond this a display polls instead.
MOST_LISTENERS = 5000
SECONDS_AWAY = 1.0
_making = threading.Lock()


def hub(app: Platform) -> Hub:
    """Return this process's hub, made with the first listener (after the fork, never before)."""
    with _making:
        if "event-hub" not in app.extensions:
            app.extensions["event-hub"] = Hub(app)
        found: Hub = app.extensions["event-hub"]
        return found


class Hub:
    """Feeds by channel and zone; each lives while somebody listens."""

    def __init__(self, app: Platform) -> None:
        self._app = app
        self._feeds: dict[str, dict[str | None, Feed]] = {}
        self._lock = threading.Lock()
        self._signals = False
        self._closing = False
        self._count = 0
        self._end_on_sigterm()
        if app.settings.valkey_url:
            threading.Thread(target=self._subscribe, daemon=True, name="signals").start()

    def listen(self, region: Region, hall_id: int, zone: str | None = None) -> Listener | None:
        """Return a listener to a hall of `region` or to a zone of it; None when this process is full or ending."""
        name = channel(region, hall_id)
        with self._lock:
            if self._closing or self._count >= MOST_LISTENERS:
                return None
            feeds = self._feeds.setdefault(name, {})
            feed = feeds.get(zone)
            if feed is None:
                feed = feeds[zone] = Feed(self._app, region, hall_id, zone)
                feed.signals = self._signals
                threading.Thread(target=self._watch, args=(name, feed), daemon=True, name=name).start()
            self._count += 1
            return feed.add()

    def leave(self, listener: Listener) -> None:
        """Forget a stream that is over; the last one takes its feed along."""
        with self._lock:
            self._count -= 1
            feed = listener.feed
            feed.remove(listener)
            if not feed.listeners and self._forget(channel(feed.region, feed.hall_id), feed):
                feed.end()

    def close(self) -> None:
        """End every stream: the process is about to stop."""
        with self._lock:
            self._closing = True
            feeds = self._all()
        for feed in feeds:
            feed.end()

    def _watch(self, name: str, feed: Feed) -> None:
        feed.run()
        with self._lock:
            self._forget(name, feed)

    def _all(self) -> list[Feed]:
        return [feed for feeds in self._feeds.values() for feed in feeds.values()]

    def _forget(self, name: str, feed: Feed) -> bool:
        """Take a feed out; False when it was out already, or another one stands in its place."""
        feeds = self._feeds.get(name, {})
        if feeds.get(feed.zone) is not feed:
            return False
        del feeds[feed.zone]
        if not feeds:
            del self._feeds[name]
        return True

    def _subscribe(self) -> None:
        """Keep one subscription to all halls; while it is broken every feed looks by itself."""
        while not self._closing:
            try:
                with (
                    client(self._app.settings.valkey_url, patient=True) as valkey,
                    valkey.pubsub() as messages,
                ):
                    messages.psubscribe(EVERY_CHANNEL)
                    self._follow(messages)
            except (RedisError, OSError) as error:
                if self._signals:
                    log.warning("signals lost, polling", error=type(error).__name__)
                self._tell_feeds(False)
                time.sleep(SECONDS_AWAY)

    def _follow(self, messages: PubSub) -> None:
        while not self._closing:
            message = messages.get_message(timeout=5)
            if message is None:
                continue
            if message["type"] == "psubscribe":
                # Whatever happened while nobody heard: look once.
                self._tell_feeds(True)
            elif message["type"] == "pmessage":
                for feed in list(self._feeds.get(message["channel"].decode(), {}).values()):
                    feed.wake()

    def _tell_feeds(self, signals: bool) -> None:
        with self._lock:
            self._signals = signals
            feeds = self._all()
        for feed in feeds:
            feed.signals = signals
            feed.wake()

    def _end_on_sigterm(self) -> None:
        """Let open streams end at once when the server asks this process to; they never end by themselves."""
        before = signal.getsignal(signal.SIGTERM)
        if not callable(before):
            return

        def end(number: int, frame: FrameType | None) -> None:
            # In a signal's handler nothing may wait, and starting a thread does.
            gevent.spawn(self.close)
            before(number, frame)

        try:
            signal.signal(signal.SIGTERM, end)
        except ValueError:
            # Not the main thread: no server whose end this could be.
            log.info("streams end with their process")
