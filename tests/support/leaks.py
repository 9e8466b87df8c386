"""`mpp breach` as an operator calls it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from mpp.web.flask import Platform
from tenants.privacy.commands import breach
from tests.support.live import environment

WORDS = ["--how", "Salinan cadangan terbaca dari luar", "--handling", "Akses ditutup dan kunci diganti"]


def call(app: Platform, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    """Call it with the settings of the app."""
    for name, value in environment(app.settings, 1, 2).items():
        monkeypatch.setenv(name, value)
    return CliRunner().invoke(breach, list(words))


def window(zone: ZoneInfo, hours: float = 1) -> list[str]:
    """So many hours until now, as options; without an offset, in the place's own time."""
    now = dt.datetime.now(tz=zone)
    since, until = now - dt.timedelta(hours=hours), now + dt.timedelta(minutes=5)
    plain = [moment.replace(tzinfo=None).isoformat(timespec="minutes") for moment in (since, until, now)]
    return ["--from", plain[0], "--until", plain[1], "--known-at", plain[2]]
