"""Everything a request of the platform passes, put together in order."""

from __future__ import annotations

import math

from flask import Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException, TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix

from mpp import i18n
from mpp.accounts.login import init_login
from mpp.crypto.keyring import EXTENSION, keyring_of
from mpp.database.away import AWAY
from mpp.database.session import init_database
from mpp.observability import init_request_log, log
from mpp.settings import Settings
from mpp.storage.service import EXTENSION as FILES
from mpp.storage.service import files_of
from mpp.tenancy.region import region_or_none
from mpp.tenancy.resolver import Scope
from mpp.web import pages, preferences, static
from mpp.web.flask import BLIND, GATE, Platform, platform_app, site
from mpp.web.form_data import init_form_data
from mpp.web.headers import init_headers
from mpp.web.intake import init_intake
from mpp.web.limits import limit_settings, limiter, next_try, rule_of, seconds_left
from mpp.web.sessions import init_sessions

csrf = CSRFProtect()

# What a stranger reads when something is refused: what happened and what to do next.
ERRORS = {
    400: ("Permintaan tidak lengkap", "Muat ulang halaman, lalu coba lagi. Isian Anda belum tersimpan."),
    401: ("Anda perlu masuk", "Masuk dengan akun Anda, lalu ulangi."),
    403: ("Halaman ini bukan untuk Anda", "Masuk dengan akun yang berwenang, atau kembali ke beranda."),
    404: ("Halaman tidak ditemukan", "Periksa alamatnya, atau cari layanan dari beranda."),
    405: ("Cara ini tidak didukung", "Kembali ke halaman sebelumnya dan coba lagi."),
    413: ("Berkas terlalu besar", "Pilih berkas yang lebih kecil. Batas besarnya tertulis di formulir."),
    429: ("Terlalu banyak percobaan", "Terlalu banyak kiriman dari sini dalam waktu singkat."),
    500: ("Ada gangguan pada sistem", "Gangguan sudah tercatat. Coba lagi beberapa saat lagi."),
    503: ("Layanan sedang tidak tersedia", "Coba lagi beberapa saat lagi."),
}

# PostgreSQL is back within seconds after a restart: scripts try again by this, pages reload by themselves.
SECONDS_AWAY = 2
SECONDS_RELOAD = 10


def create_platform(settings: Settings) -> Platform:
    """Return the bare platform: hosts, database, sessions, login, CSRF, limits, headers; no page yet."""
    app = Platform(settings)
    app.secret_key = settings.secret_key
    app.config.update(
        MAX_CONTENT_LENGTH=4 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        **limit_settings(settings),
    )
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.behind_proxy, x_proto=settings.behind_proxy)  # type: ignore[method-assign]  # Flask's documented way
    init_sessions(app, secure=settings.production)
    init_database(app, settings)
    app.extensions[EXTENSION] = keyring_of(settings)
    app.extensions[FILES] = files_of(settings)
    pages.init_pages(app)
    init_request_log(app)
    preferences.init_preferences(app, secure=settings.production)
    app.before_request(_gate)
    init_intake(app)
    init_form_data()
    csrf.init_app(app)
    _init_limits(app)
    init_login(app)
    init_headers(app, settings)
    _init_templates(app)
    _init_errors(app)
    app.register_blueprint(static.blueprint)
    return app


def _gate() -> ResponseReturnValue | None:
    """A region that is not active answers 503 and says whom to ask; health and static files go on."""
    if request.blueprint in {"health", "security", "static"}:
        return None
    if request.environ.get(BLIND):
        return _away()
    region = site().region
    if region is None:
        return None
    g.gate = request.environ.get(GATE) or platform_app().gatekeeper.read(region)
    if g.gate.open:
        return None
    return render_template("errors/suspended.html", region=region, contact=g.gate.contact), 503


def _away() -> ResponseReturnValue:
    """The page while PostgreSQL is away: calm, of no region, and made without asking for anything."""
    app = platform_app()
    page = app.jinja_env.get_template("errors/away.html").render(
        prefs=g.get("preferences") or preferences.Preferences(),
        centre_url=_centre_url(app),
        reload=SECONDS_RELOAD if request.method in {"GET", "HEAD"} else None,
    )
    return page, 503, {"Retry-After": str(SECONDS_AWAY)}


def _centre_url(app: Platform) -> str:
    return f"{app.settings.scheme}://{app.settings.domain}{app.settings.public_port}/"


def _init_templates(app: Platform) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.globals.update(_=i18n.gettext, static_url=static.static_url)
    app.jinja_env.filters.update(
        rupiah=i18n.rupiah, tanggal=i18n.full_date, tanggal_pendek=i18n.short_date, jam=i18n.clock
    )

    @app.context_processor
    def _context() -> dict[str, object]:
        return {
            "prefs": g.get("preferences") or preferences.Preferences(),
            "region": region_or_none(),
            "centre_url": _centre_url(app),
        }


def _show(code: int, detail: str | None = None) -> ResponseReturnValue:
    """The page of an error; also a region's own face may need PostgreSQL."""
    try:
        return _drawn(code, detail)
    except AWAY:
        return _away()


def _drawn(code: int, detail: str | None) -> ResponseReturnValue:
    title, body = ERRORS.get(code, ERRORS[500])
    nowhere = code == 404 and site().scope is Scope.UNKNOWN
    name = "errors/unknown_host.html" if nowhere else "errors/error.html"
    return render_template(name, code=code, title=title, body=detail or body), code


def _too_often() -> ResponseReturnValue:
    """The page of a limit: when to try again, with the form's own fields where they may be kept for it."""
    title, body = ERRORS[429]
    rule, seconds = rule_of(request.endpoint), seconds_left()
    fields = list(request.form.items(multi=True)) if rule and rule.keeps else []
    page = render_template(
        "errors/often.html", code=429, title=title, body=body, minutes=math.ceil(seconds / 60), when=next_try(seconds),
        again=[(name, value) for name, value in fields if name != "csrf_token"],
    )  # fmt: skip
    return page, 429


def _init_limits(app: Platform) -> None:
    limiter.init_app(app)

    @app.errorhandler(TooManyRequests)
    def _often(_error: TooManyRequests) -> ResponseReturnValue:
        return _too_often()

    @app.after_request
    def _when(response: Response) -> Response:
        if response.status_code == 429:
            response.headers.setdefault("Retry-After", str(seconds_left()))
        return response


def _init_errors(app: Platform) -> None:
    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> ResponseReturnValue:
        if error.response is not None:
            return error.response
        return _show(error.code or 500)

    @app.errorhandler(CSRFError)
    def _csrf(_error: CSRFError) -> ResponseReturnValue:
        return _show(400, "Halaman ini sudah terlalu lama terbuka. Muat ulang, lalu kirim lagi.")

    def _weather(error: Exception) -> ResponseReturnValue:
        log.warning("database away", error=type(getattr(error, "orig", None) or error).__name__)
        return _away()

    for error in AWAY:
        app.register_error_handler(error, _weather)

    @app.errorhandler(Exception)
    def _crash(error: Exception) -> ResponseReturnValue:
        if app.testing:
            raise error
        log.error("crash", exc_info=error)
        return _show(500)
