"""Logs: one line an event, JSON in production, always with region and request id, never with personal data."""

from __future__ import annotations

import logging
import sys
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request

from mpp.audit import NOBODY_NAME, Actor, actor
from mpp.tenancy.region import region_or_none

log = structlog.get_logger("mpp")


def _add_region(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    region = region_or_none()
    event["region"] = region.slug if region else "pusat"
    event.setdefault("request_id", actor.get().request_id)
    return event


def configure_logs(*, json: bool) -> None:
    """Send structured lines to standard error."""
    # Plain tracebacks only: the pretty ones print local variables, and with them secrets and people's data.
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = structlog.processors.JSONRenderer() if json else plain
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_region,
            *([structlog.processors.format_exc_info] if json else []),
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
