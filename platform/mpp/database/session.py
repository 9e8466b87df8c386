"""Sessions: one for the region being served, one for the centre; who may commit, and when it is over.

A page reads inside `read()`, a service function changes state inside `write()`. Both use the session of the
current app context and region, so that one request sees one state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, has_app_context
from flask.globals import app_ctx
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, SessionTransaction, scoped_session, sessionmaker

from mpp.database.away import AWAY, drop_dead
from mpp.database.fence import fence
from mpp.database.roles import app_url, central_url
from mpp.settings import Settings
from mpp.tenancy.region import Region, WrongRegionError, current_region, region_context, region_or_none

CENTRAL = "central"


class _EndedSession(Session):
    """A session whose end never fails."""

    def close(self) -> None:
        """Give back what it holds. Where PostgreSQL has gone, it has rolled back by itself.

        A failure here would turn an answer that is ready into an error, and leave a broken session to the next.
        """
        try:
            super().close()
        except AWAY:
            super().close()


class RegionSession(_EndedSession):
    """A session that serves exactly one region, whatever model it is asked for."""

    def __init__(self, **options: Any) -> None:
        options.pop("db", None)
        super().__init__(**options)
        self.region_id = current_region().id

    def get_bind(self, *_args: Any, **_kwargs: Any) -> Engine:
        """Return the fenced engine, after making sure the region has not changed under this session."""
        if current_region().id != self.region_id:
            raise WrongRegionError(f"session of region {self.region_id} used in {current_region().id}")
        return db.engine


class CentralSession(_EndedSession):
    """A session on schema `platform` with the centre's own login."""

    def get_bind(self, *_args: Any, **_kwargs: Any) -> Engine:
        """Return the centre's engine."""
        return db.engines[CENTRAL]


def _context() -> int:
    return id(app_ctx._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001  # the object behind the proxy


def _context_and_region() -> tuple[int, int]:
    region = region_or_none()
    return _context(), region.id if region else 0


# Models stand on our own Base; Flask-SQLAlchemy keeps engines and sessions.
db = SQLAlchemy(
    session_options={"class_": RegionSession, "scopefunc": _context_and_region, "expire_on_commit": False},
)


_central = scoped_session(sessionmaker(class_=CentralSession, expire_on_commit=False), scopefunc=_context)


def init_database(app: Flask, settings: Settings, *, pool_size: int = 10) -> None:
    """Give `app` its two engines: the fenced one for regions and the centre's own."""
    # prepare_threshold=None: prepared plans gain nothing when regions alternate, and fail while regions
    # stand on different revisions.
    options = {
        "connect_args": {"prepare_threshold": None, "connect_timeout": 5},
        "pool_size": pool_size,
        "max_overflow": 10,
        # drop_dead sees a line that has died, without a round trip.
        "pool_pre_ping": False,
        # An error must not carry a person's data into a log.
        "hide_parameters": True,
        "pool_timeout": 10,
    }
    app.config["SQLALCHEMY_DATABASE_URI"] = app_url(settings)
    app.config["SQLALCHEMY_BINDS"] = {CENTRAL: {"url": central_url(settings), **options, "pool_size": 4}}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        fence(db.engine)
        for engine in db.engines.values():
            drop_dead(engine)

    @app.teardown_appcontext
    def _close_central(_error: BaseException | None) -> None:
        _central.remove()


@contextmanager
def serve(region: Region) -> Iterator[None]:
    """Serve `region` inside the block and give its session back at the end."""
    with region_context(region):
        try:
            yield
        finally:
            if has_app_context():
                db.session.remove()


@contextmanager
def read() -> Iterator[Session]:
    """A session on the region being served, for reading. The transaction ends with the request or `write()`."""
    yield db.session()


@contextmanager
def write() -> Iterator[Session]:
    """A session on the region being served; commits at the end, rolls back on any error."""
    yield from _owned(db.session())


@contextmanager
def apart() -> Iterator[Session]:
    """A session on another connection beside the one at hand: what it commits stays, whatever becomes of the other."""
    with RegionSession(expire_on_commit=False) as session:
        yield from _owned(session)


@contextmanager
def central_read() -> Iterator[Session]:
    """A session on schema `platform` with the centre's own login, for reading."""
    yield _central()


@contextmanager
def central_write() -> Iterator[Session]:
    """A session on schema `platform`; commits at the end, rolls back on any error."""
    yield from _owned(_central())


def _owned(session: Session) -> Iterator[Session]:
    """Own the transaction: the one place that commits."""
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        session.info.pop("after_commit", None)
        raise


def after_commit(session: Session, action: Callable[[], None]) -> None:
    """Run `action` once this transaction has committed; forget it when it rolls back.

    Only for wake-up calls that may get lost; what must happen goes through the outbox.
    """
    session.info.setdefault("after_commit", []).append(action)


@event.listens_for(Session, "after_commit")
def _run_after_commit(session: Session) -> None:
    for action in session.info.pop("after_commit", ()):
        action()


@event.listens_for(Session, "after_soft_rollback")
def _forget_after_commit(session: Session, _previous: SessionTransaction) -> None:
    session.info.pop("after_commit", None)
