"""Logs: one line an event, JSON in production, always with region and request id, never with personal data."""

from __future__ import annotations

import logging
import sys
import time
import traceback
import uuid
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog
from flask import Flask, Response, g, request
from jinja2 import UndefinedError
from psycopg import Error as DriverError

from mpp.audit import NOBODY_NAME, Actor, actor
from mpp.tenancy.region import region_or_none

log = structlog.get_logger("mpp")


def _add_region(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    region = region_or_none()
    event["region"] = region.slug if region else "pusat"
    event.setdefault("request_id", actor.get().request_id)
    return event


# An error raised while another is handled brings that one along, and so on.
MOST_CAUSES = 5
# What these say is of our code alone; the words of any other error may repeat what somebody typed.
HARMLESS = (AttributeError, NameError, ImportError, UndefinedError)
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def told(exc_info: ExcInfo) -> str:
    """Return a traceback without local variables and without an error's own words, which may hold a person's data.

    PostgreSQL's errors keep their SQLSTATE, table and constraint: "Failing row contains (…)" stands in their words.
    """
    error: BaseException | None = exc_info[1]
    parts: list[str] = []
    while error is not None and len(parts) < MOST_CAUSES:
        frames = "".join(traceback.format_tb(error.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{_named(error)}\n")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(reversed(parts))


def _named(error: BaseException) -> str:
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, HARMLESS):
        return f"{kind}: {error}"
    if isinstance(error, DriverError):
        told_by_server = (error.sqlstate, error.diag.table_name, error.diag.constraint_name)
        return " ".join((kind, *(word for word in told_by_server if word)))
    return kind


def _write_told(stream: TextIO, exc_info: ExcInfo) -> None:
    stream.write("\n" + told(exc_info))


def configure_logs(*, json: bool) -> None:
    """Send structured lines to standard error."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=_write_told)
    renderer: Any = structlog.processors.JSONRenderer() if json else plain
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_region,
            *([structlog.processors.ExceptionRenderer(told)] if json else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def init_request_log(app: Flask) -> None:
    """Give each request an id and a line with its route (never its path: that may hold a ticket's code)."""

    @app.before_request
    def _begin() -> None:
        g.request_id = uuid.uuid4().hex[:16]
        g.began = time.perf_counter()
        actor.set(Actor("citizen", None, NOBODY_NAME, g.request_id))

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if request.endpoint != "static.file":
            log.info(
                "request", route=str(request.url_rule), method=request.method, status=response.status_code,
                ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
            )  # fmt: skip
        return response
