"""What a visitor chose for the screen: language, contrast, text size. Kept in one plain cookie each."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, g, request

from mpp import i18n

COOKIES = {"bahasa": 1, "kontras": 1, "besar": 1}
YEAR = 365 * 24 * 3600
# Browsers hold a cookie of this prefix to the very host that set it: no neighbour's page can set it for us.
HOST_ONLY = "__Host-"


@dataclass(frozen=True, slots=True)
class Preferences:
    """How this visitor reads."""

    language: str = i18n.SOURCE
    contrast: bool = False
    large: bool = False

    @property
    def languages(self) -> list[tuple[str, str]]:
        """The languages on offer, as (code, own name)."""
        return [(c.code, c.name) for c in i18n.catalogues().values() if c.covers is None]


def preferences() -> Preferences:
    """Return the preferences of the request at hand."""
    found: Preferences = g.preferences
    return found


def init_preferences(app: Flask, *, secure: bool) -> None:
    """Read preferences before each request; keep those that came as ?bahasa=, ?kontras=, ?besar=."""
    prefix = HOST_ONLY if secure else ""

    @app.before_request
    def _read() -> None:
        wanted = {
            name: request.args.get(name) or request.cookies.get(prefix + name) or "" for name in COOKIES
        }
        code = wanted["bahasa"] if wanted["bahasa"] in i18n.catalogues() else i18n.SOURCE
        g.preferences = Preferences(code, wanted["kontras"] == "1", wanted["besar"] == "1")
        i18n.language.set(code)

    @app.after_request
    def _keep(response: Response) -> Response:
        for name in COOKIES:
            value = request.args.get(name)
            if value is not None and (value in {"0", "1"} or value in i18n.catalogues()):
                response.set_cookie(
                    prefix + name, value, max_age=YEAR, samesite="Lax", secure=secure, httponly=True
                )
        return response
