"""Security headers of every response; why each of them is as it is stands in docs/security.md."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request
from markupsafe import Markup

from mpp.settings import Settings
from mpp.tenancy.resolver import Scope
from mpp.web.flask import site
from mpp.web.static import fingerprint, static_url

# What pages use themselves; everything else that browsers know by name is off.
ALLOWED_HERE = ("autoplay", "fullscreen", "geolocation", "publickey-credentials-create", "publickey-credentials-get",
                "screen-wake-lock", "web-share")  # fmt: skip
FORBIDDEN = (
    "accelerometer", "camera", "display-capture", "encrypted-media", "gyroscope", "hid", "idle-detection",
    "local-fonts", "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "serial", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        [*(f"{name}=(self)" for name in ALLOWED_HERE), *(f"{name}=()" for name in FORBIDDEN)]
    ),
}
REPORTS = "/laporan-peramban"
YEAR = 365 * 24 * 3600


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


def script(name: str) -> Markup:
    """Return the tag of one of our modules ("live.js"), with this answer's nonce; pages that are kept have none."""
    # `keep` is set before a kept page is drawn: a nonce that many visitors share would be nobody's secret.
    # So is one that a browser keeps and asks about again: it would never be the same page twice.
    if "keep" in g or "kept_by_browser" in g:
        return Markup('<script type="module" src="{}"></script>').format(static_url(f"js/{name}"))
    tag = '<script type="module" nonce="{}" src="{}"></script>'
    return Markup(tag).format(_nonce(), static_url(f"js/{name}"))  # noqa: S704  # a constant, filled with escaping


def _nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    made: str = g.nonce
    return made


def _policy(settings: Settings) -> str:
    """Return the Content-Security-Policy of the answer at hand."""
    known = site().scope is not Scope.UNKNOWN
    # A host that is not ours may be any text: it is repeated nowhere.
    scripts = f"{request.host}/static/{fingerprint()}/js/" if known else "'self'"
    stream = _stream_origin(settings, request.host) if known else ""
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; font-src 'none'; "
        f"media-src 'self'; connect-src 'self' {stream}; form-action 'self'; base-uri 'none'; frame-src 'self'; "
        "frame-ancestors 'self'; manifest-src 'self'; require-trusted-types-for 'script'; trusted-types mpp; "
        f"report-uri {REPORTS}"
    )
    # Two policies hold both: from our folder of scripts, and named by this very answer.
    return f"{policy}, script-src 'nonce-{g.nonce}'; report-uri {REPORTS}" if "nonce" in g else policy


def init_headers(app: Flask, settings: Settings) -> None:
    """Put the headers on every response of `app`."""
    app.jinja_env.globals["script"] = script

    @app.after_request
    def _secure(response: Response) -> Response:
        for name, value in FIXED.items():
            response.headers.setdefault(name, value)
        # A file of a person's brings a stricter one of its own.
        response.headers.setdefault("Content-Security-Policy", _policy(settings))
        if settings.production:
            # Subdomains of our own domain are ours; those of a region's own domain may be somebody else's.
            ours = f".{request.host.partition(':')[0]}".endswith(f".{settings.domain}")
            response.headers["Strict-Transport-Security"] = (
                f"max-age={YEAR}{'; includeSubDomains' if ours else ''}"
            )
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
