"""A hall with a display on its wall: enrolled, in a browser that may sound at once, with ears on what it plays."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from sqlalchemy import func, select

from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.devices import service as devices
from tenants.devices.models import DeviceKind
from tenants.hall.models import Counter, Hall, QueueRule
from tenants.queueing import service
from tenants.queueing.models import Ticket
from tenants.queueing.policies import Officer, new_key
from tenants.queueing.rule import Rule
from tenants.queueing.signal import announce
from tenants.sound.models import HallSound
from tests.support.hall import at, more_counters, seat
from tests.support.live import Live

SERVICE = "ktp-el-baru"
WALL: ViewportSize = {"width": 1920, "height": 1080}
# What the page plays, as the browser's own sound engine is told it; and what the page tells of it.
EARS = """
window.heard = []; window.said = []; window.passed = [];
const { connect } = AudioNode.prototype;
AudioNode.prototype.connect = function (to, ...rest) { this.into = to; return connect.call(this, to, ...rest); };
const { start } = AudioBufferSourceNode.prototype;
AudioBufferSourceNode.prototype.start = function (when, ...rest) {
  heard.push({ when, seconds: this.buffer.duration, volume: this.into.gain.value });
  return start.call(this, when, ...rest);
};
document.addEventListener("announced", ({ detail }) => said.push({ ...detail, starts: heard.length }));
document.addEventListener("passed", ({ detail }) => passed.push(detail));
"""


@dataclass
class Stage:
    """A hall at work, and what its officers do."""

    app: Platform
    region: Region
    here: Live
    desks: list[tuple[int, Officer]] = field(default_factory=list)
    token: str = ""
    device: int = 0
    hall: int = 0

    def set_up(self, counters: int) -> None:
        """Seat officers, give numbers, enrol a display."""
        with at(self.app, self.region):
            self.desks = [(counter, seat(counter)) for counter in more_counters(SERVICE, counters)]
            for number in range(counters + 4):
                service.take_ticket(SERVICE, f"Warga {number}", None, new_key(), "web")
            with read() as session:
                self.hall = session.scalars(select(Hall)).one().id
            device, code = devices.add_device(DeviceKind.DISPLAY, self.hall, "TV lobi")
            _device, self.token = devices.enrol(code)
            self.device = device.id

    def call(self, desk: int) -> Ticket:
        """Call the next person to a desk."""
        with at(self.app, self.region):
            ticket = service.call_next(*self.desks[desk])
            assert ticket
            return ticket

    def recall(self, desk: int, ticket: Ticket) -> None:
        """Call the same person again, however little time has gone."""
        with at(self.app, self.region):
            with write() as session:
                rule = {**asdict(Rule()), "recall_gap_seconds": 0}
                session.add(QueueRule(hall_id=self.hall, **rule))
            service.recall(ticket.id, self.desks[desk][1])

    def start(self, desk: int, ticket: Ticket) -> None:
        """The person has come."""
        with at(self.app, self.region):
            service.start(ticket.id, self.desks[desk][1])

    def sound(self, **values: Any) -> None:
        """Set how the hall sounds."""
        with at(self.app, self.region), write() as session:
            row = session.get(HallSound, self.hall) or HallSound(hall_id=self.hall, volume=80)
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)
            announce(session, self.hall)

    def strip(self, counters: int) -> None:
        """Make the hall have this many counters, in every state a counter has."""
        with at(self.app, self.region):
            with read() as session:
                have = session.scalar(select(func.count()).select_from(Counter)) or 0
                own = len(more_counters(SERVICE, 0)) or len(self.desks)
            more_counters(SERVICE, max(own, len(self.desks)) + max(0, counters - have))
            with write() as session:
                rows = session.scalars(select(Counter).order_by(Counter.number)).all()
                for place, row in enumerate(rows):
                    row.retired_at = None if place < counters else func.now()
                    if row.officer_id is None:
                        row.state = ("open", "paused", "closed", "paused")[place % 4]
                        row.state_note = (None, "Istirahat makan siang", None, "Gangguan sistem")[place % 4]
                announce(session, self.hall)


def screen(
    browser: Browser, stage: Stage, *, enrolled: bool = True, size: ViewportSize = WALL, **options: Any
) -> Page:
    """Open the hall's display in a browser context of its own, with ears."""
    context: BrowserContext = browser.new_context(
        viewport=size, locale="id-ID", timezone_id="America/New_York", **options
    )
    context.add_init_script(EARS)
    if enrolled:
        address = stage.here.url("bukittinggi", "")
        context.add_cookies([{"name": "perangkat", "value": stage.token, "url": address, "httpOnly": True}])
    page = context.new_page()
    page.goto(stage.here.url("bukittinggi", "/layar/utama"))
    expect(page.locator("[data-words]")).to_contain_text("Terhubung")
    return page


def until(page: Page, true: str, seconds: float = 20) -> None:
    """Return once an expression holds on the page, whose own policy forbids to wait inside of it."""
    end = time.monotonic() + seconds
    while not page.evaluate(true):
        assert time.monotonic() < end, f"never: {true}"
        page.wait_for_timeout(50)
