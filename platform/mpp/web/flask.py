"""The one Flask class: each request belongs to a site before Flask sees it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, request
from werkzeug.routing import MapAdapter

from mpp.audit import NOBODY_NAME, Actor, actor
from mpp.database.away import AWAY
from mpp.database.roles import gate_url
from mpp.settings import ROOT, Settings
from mpp.tenancy.gate import Gatekeeper
from mpp.tenancy.region import region_context
from mpp.tenancy.resolver import NOWHERE, Resolver, Scope, Site, lookup_region
from mpp.web import pages

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SITE = "mpp.site"
GATE = "mpp.gate"
# Set when not even the host could be looked up, because PostgreSQL is away.
BLIND = "mpp.blind"
# What answers also while a region is suspended.
UNGATED = ("/static/", "/healthz", "/readyz")
# Addresses are built relative to the host at hand; this name never reaches a page.
NO_HOST = "mpp.invalid"
NOBODY = Actor(kind="citizen", id=None, name=NOBODY_NAME)


class PlatformRequest(Request):
    """A request that knows its site."""

    max_form_parts = 200

    @property
    def site(self) -> Site:
        """What this request's host leads to."""
        site: Site = self.environ[SITE]
        return site


class Platform(Flask):
    """One shared app for the centre and every region."""

    request_class = PlatformRequest

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            "mpp", static_folder=None, template_folder=str(ROOT / "templates"), root_path=str(ROOT)
        )
        self.settings = settings
        self.gatekeeper = Gatekeeper(gate_url(settings))
        self.resolver = Resolver(settings.domain, self._lookup)
        # Never redirect for a slash: such a redirect would carry a made-up host.
        self.url_map.strict_slashes = False
        self.url_map.redirect_defaults = False
        self.url_map.merge_slashes = False

    def _lookup(self, label: str | None, host: str) -> Any:
        with self.app_context():
            return lookup_region(label, host)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request inside the region that its host leads to."""
        try:
            site = self.resolver.resolve(environ.get("HTTP_HOST", ""))
        except AWAY:
            site, environ[BLIND] = NOWHERE, True
        environ[SITE] = site
        token = actor.set(NOBODY)
        try:
            with region_context(site.region):
                return self._kept(site, environ, start_response) or super().wsgi_app(environ, start_response)
        finally:
            actor.reset(token)

    def _kept(
        self, site: Site, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes] | None:
        """Answer a plain visitor with a kept page, when there is one."""
        if (
            site.region is None
            or environ["REQUEST_METHOD"] != "GET"
            or environ["PATH_INFO"].startswith(UNGATED)
        ):
            return None
        try:
            environ[GATE] = gate = self.gatekeeper.read(site.region)
        except AWAY:
            # Flask meets the same trouble again and answers it with a page.
            return None
        return pages.front(environ, start_response, site.region, gate, self.config["SESSION_COOKIE_NAME"])

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Route by scope (region, central, unknown), as our own resolver found it."""
        if request is None:
            return self.url_map.bind(NO_HOST, subdomain=Scope.CENTRAL)
        site: Site = request.environ.get(SITE) or Site(Scope.UNKNOWN)
        return self.url_map.bind_to_environ(request.environ, server_name=NO_HOST, subdomain=site.scope)


def platform_app() -> Platform:
    """Return the app at hand."""
    from flask.globals import app_ctx

    found: Platform = app_ctx.app  # type: ignore[assignment]  # there is no other kind of app
    return found


def site() -> Site:
    """Return the site of the request at hand."""
    found: Site = request.environ[SITE]
    return found
