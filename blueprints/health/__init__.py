"""Liveness and readiness, for anybody and on every host."""

from __future__ import annotations

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from mpp.database.session import central_read
from mpp.observability import log
from mpp.tenancy.models import RegionRecord
from mpp.web.access import ANYBODY, audience

blueprint = audience("health", __name__, scope=None, access=ANYBODY)


@blueprint.get("/healthz")
def alive() -> Response:
    """Return 200 while the process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Return 200 when PostgreSQL answers, 503 when it does not; never why, that stands in the log."""
    try:
        with central_read() as session:
            session.execute(select(RegionRecord.id).limit(1))
    except Exception as error:
        log.warning("not ready", error=type(error).__name__)
        return jsonify(status="menunggu"), 503
    return jsonify(status="ok")
