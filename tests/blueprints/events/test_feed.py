"""What a listener of a feed is sent, without a process of its own."""

from __future__ import annotations

import time

from blueprints.events.feed import Feed, State
from mpp.tenancy.region import Region
from mpp.web.flask import Platform


def test_the_time_goes_before_every_state(app: Platform, bukittinggi: Region) -> None:
    """A hall that stood still has a state of long ago: whoever listens anew gets the hour of now with it."""
    feed = Feed(app, bukittinggi, 1)
    feed._latest = State("7-abc", '{"now":1}')
    began = time.time_ns() // 1_000_000
    sent = feed.add().stream()
    assert next(sent) == "retry: 2000\n\n"
    beat, state = next(sent).removesuffix("\n\n").split("\n\n")
    assert beat.startswith("event: beat\ndata: ") and int(beat.rpartition(" ")[2]) >= began
    assert state == 'id: 7-abc\ndata: {"now":1}'
