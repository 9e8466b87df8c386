"""`mpp worker` and `mpp ticker`: both stop on SIGTERM or Ctrl-C after the work at hand."""

from __future__ import annotations

import signal
import sys
import threading

import click

from mpp.jobs.handlers import load
from mpp.jobs.run import app
from mpp.jobs.ticker import Ticker
from mpp.jobs.worker import work
from mpp.observability import configure_logs
from mpp.settings import SettingsError, load_settings


def say(line: str) -> None:
    """One line for the operator, at once."""
    click.echo(f"mpp: {line}", err=True)


@click.command()
def worker() -> None:
    """Kerjakan antrean pekerjaan latar."""
    work(_start(), say)


@click.command()
def ticker() -> None:
    """Antar pekerjaan yang jatuh tempo dan mulai pekerjaan berkala; satu yang memimpin."""
    _start()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Ticker(app(), say).run(stop)


def _start() -> str:
    """Read settings, load jobs and make the app; returns the address of Valkey. One line when that can't be."""
    try:
        settings = load_settings()
        if not settings.valkey_url:
            raise SettingsError("VALKEY_URL belum diisi")
        configure_logs(json=settings.production)
        load()
        app()
    except SettingsError as error:
        sys.exit(f"mpp: {error}")
    return settings.valkey_url
