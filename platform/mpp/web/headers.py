"""Security headers of every response. No inline script or style anywhere, so the policy needs no nonce."""

from __future__ import annotations

from flask import Flask, Response, request

from mpp.settings import Settings

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=(), usb=()",
}


def events_origin(settings: Settings, host: str) -> str:
    """Return the origin of the event stream for pages of `host` (with port): its own group of processes."""
    if settings.events_url:
        return settings.events_url
    return f"{settings.scheme}://{host.partition(':')[0]}:{settings.events_port}"


def stream_address(settings: Settings, host: str, path: str) -> str:
    """Return where pages of `host` find a stream; a bare path where one proxy serves pages and streams."""
    return _stream_origin(settings, host) + path


def _stream_origin(settings: Settings, host: str) -> str:
    """Return the streams' origin as pages name it; empty when it is their own."""
    return "" if settings.production and not settings.events_url else events_origin(settings, host)


def init_headers(app: Flask, settings: Settings) -> None:
    """Put the headers on every response of `app`."""

    @app.after_request
    def _secure(response: Response) -> Response:
        for name, value in FIXED.items():
            response.headers.setdefault(name, value)
        stream = _stream_origin(settings, request.host)
        # A file of a person's brings a stricter one of its own.
        response.headers.setdefault(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'none'; "
            f"media-src 'self'; connect-src 'self' {stream}; form-action 'self'; base-uri 'none'; "
            "frame-src 'self'; frame-ancestors 'self'; manifest-src 'self'",
        )
        if settings.production:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
