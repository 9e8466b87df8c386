"""Fixtures for every test: real servers, a fresh database of two regions, the standing cast."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest
from pytest_socket import socket_allow_hosts

from mpp.database.session import CENTRAL, central_read, db
from mpp.settings import Settings
from mpp.tenancy.models import RegionRecord
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import CITIZENS, Browser
from tests.support.servers import DATABASE, TEMPLATE, create_database, on_template, servers
from tests.support.visitors import chromium, visit  # noqa: F401  # fixtures, found by their names here

CENTRE = "localhost"


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup() -> None:
    """No socket but loopback: a test that reaches out is broken."""
    # Numbers only: a name would be looked up, by every test.
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def settings() -> Iterator[Settings]:
    """Settings of real servers with a template database: the catalogue, two regions, demo accounts."""
    from tenants.registry.prepare import prepare

    with servers() as found:
        create_database(found, TEMPLATE)
        prepare(
            on_template(found), demo=True, slugs=("bukittinggi", "banyuwangi"), progress=lambda _line: None
        )
        create_database(found, DATABASE, TEMPLATE)
        yield found


@pytest.fixture(scope="session")
def shared_app(settings: Settings) -> Platform:
    """The app, built once a process."""
    from wsgi import create_app

    app = create_app(settings)
    app.testing = True
    # What stands for the whole run need not be looked through again and again: a tenth of the processor's time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    return app


@pytest.fixture
def app(settings: Settings, shared_app: Platform) -> Iterator[Platform]:
    """The app on a database of this test's own."""
    with shared_app.app_context():
        db.engine.dispose()
        db.engines[CENTRAL].dispose()
    create_database(settings, DATABASE, TEMPLATE)
    shared_app.resolver.forget()
    # A test may have turned its keys.
    shared_app.extensions["mpp-keyring"].forget()
    # A fresh database counts its content versions anew: what was kept by version is no longer true.
    shared_app.gatekeeper.engine.dispose()
    from mpp.web import pages
    from tenants.portal import site

    pages.store.clear()
    site.forget()
    from tenants.waiting import service as waiting

    waiting.forget()
    from mpp.identity import relying

    # A fresh database has signing keys of its own.
    relying.forget()
    from mpp.web.kernel import limiter

    limiter.reset()
    yield shared_app
    with shared_app.app_context():
        db.engine.dispose()
        db.engines[CENTRAL].dispose()
    shared_app.gatekeeper.engine.dispose()


def _region(app: Platform, slug: str) -> Region:
    with app.app_context(), central_read() as session:
        return session.query(RegionRecord).filter_by(slug=slug).one().as_region()


@pytest.fixture
def bukittinggi(app: Platform) -> Region:
    """Region A of the cast."""
    return _region(app, "bukittinggi")


@pytest.fixture
def banyuwangi(app: Platform) -> Region:
    """Region B of the cast: the neighbour."""
    return _region(app, "banyuwangi")


@pytest.fixture
def browse(app: Platform) -> Callable[..., Browser]:
    """A visitor at a host: browse("bukittinggi") or browse() for the centre; `as_` signs in."""

    def open_(slug: str | None = None, *, as_: str | None = None) -> Browser:
        browser = Browser(app, f"{slug}.localhost" if slug else CENTRE)
        if as_ in CITIZENS and slug:
            from tests.support.citizens import walk_in

            return walk_in(app, CITIZENS[as_], slug)
        if as_ in CITIZENS:
            browser.come_in(CITIZENS[as_])
        elif as_:
            browser.sign_in(as_ if "@" in as_ else f"{as_}@{slug}.contoh")
        return browser

    return open_
