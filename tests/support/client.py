"""A browser without a browser: keeps cookies of one host, fills forms, and lints every page it fetches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

import flask
import pyotp
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select
from werkzeug.test import TestResponse

from mpp.accounts.realm import realm
from mpp.accounts.totp import DEMO_SECRET
from mpp.database.session import serve
from mpp.tenancy.region import region_context
from mpp.web.flask import SITE, Platform
from tests.support.lint import parse, problems
from tests.support.proof import work

PASSWORD = "contoh-sandi-2026"
# The demo citizens, by the names under which tests call them.
CITIZENS = {"warga": "0812-9999-0001", "warga2": "0812-9999-0002"}


@dataclass
class Page:
    """An answer: status, headers, text, and the document when it is a page."""

    status: int
    location: str | None
    text: str
    response: TestResponse
    document: Element | None

    def words(self) -> str:
        """The text a reader sees, white space folded."""
        assert self.document is not None
        body = self.document.find("body")
        return re.sub(r"\s+", " ", "".join((body if body is not None else self.document).itertext())).strip()

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Elements of a tag with these attributes."""
        assert self.document is not None
        return [
            e
            for e in self.document.iter(tag)
            if all(e.get(k.rstrip("_")) == v for k, v in attributes.items())
        ]

    def links(self) -> list[str]:
        """Targets of every link."""
        return [e.get("href") or "" for e in self.all("a")]

    def form(self, action: str | None = None) -> Element:
        """The POST form with this action (a suffix), or the only one."""
        forms = [f for f in self.all("form") if (f.get("method") or "").lower() == "post"]
        if action is not None:
            forms = [f for f in forms if (f.get("action") or "").endswith(action)]
        # Neither signing out nor a passkey, which needs a device.
        others = ("/keluar", "/kunci-sandi")
        forms = [f for f in forms if action is not None or not (f.get("action") or "").endswith(others)]
        assert forms, f"no form {action!r}"
        return forms[0]


class Browser:
    """A visitor at one host."""

    def __init__(self, app: Platform, host: str) -> None:
        self.app = app
        self.host = host
        self.base = f"http://{host}"
        self.client = app.test_client()

    def get(self, path: str, **options: Any) -> Page:
        """Fetch a page."""
        return self._page(self.client.get(path, base_url=self.base, **options))

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, csrf: bool = True, **options: Any
    ) -> Page:
        """Send a form's fields, with a token of this session unless told not to."""
        fields = dict(data or {})
        if csrf:
            fields["csrf_token"] = self.token()
        return self._page(self.client.post(path, data=fields, base_url=self.base, **options))

    def submit(self, path: str, action: str | None = None, **fields: Any) -> Page:
        """Open `path`, fill its POST form as it stands, change `fields`, and send it."""
        form = self.get(path).form(action)
        values = dict(_values(form)) | fields
        if "lahir" in values and not values.get("bukti"):
            values["bukti"] = work(values["lahir"])
        return self._page(self.client.post(form.get("action") or path, data=values, base_url=self.base))

    def sign_in(self, email: str, password: str = PASSWORD) -> Page:
        """Sign in by what its pages would send, with the second factor where the account has one.

        The pages themselves are left to their own tests: half of all tests begin with this.
        """
        page = self.post("/masuk", {"email": email, "password": password})
        assert page.status == 302, page.text[:400]
        if page.location == "/masuk/kode":
            page = self.post("/masuk/kode", {"code": self.app_code(email)})
            assert page.status == 302, page.words()
        return page

    def come_in(self, phone: str, to: str | None = None) -> Page:
        """Sign in (or begin to register) as a citizen at the centre, by a code to `phone`."""
        page = self.submit(
            f"/akun/masuk?lanjut={quote(to)}" if to else "/akun/masuk", "/akun/masuk", hp=phone
        )
        assert page.location == "/akun/kode", page.words()
        return self.submit("/akun/kode", "/akun/kode", code=shown_code(self.get("/akun/kode")))

    def app_code(self, email: str) -> str:
        """The code that a demo account's app shows now; tests sign in faster than codes change, so none is spent."""
        site = self.app.resolver.resolve(self.host)
        at_site = serve(site.region) if site.region else nullcontext()
        with self.app.app_context(), at_site, realm().write() as session:
            account = session.scalars(select(realm().account).where(realm().bears(email))).one()
            session.get_one(realm().totp, account.id).last_step = 0
        return pyotp.TOTP(DEMO_SECRET).now()

    def token(self) -> str:
        """A CSRF token of this session."""
        site = self.app.resolver.resolve(self.host)
        with (
            region_context(site.region),
            self.client.session_transaction(base_url=self.base) as stored,
            self.app.test_request_context(base_url=self.base, environ_overrides={SITE: site}),
        ):
            flask.session.update(stored)
            token: str = generate_csrf()
            stored["csrf_token"] = flask.session["csrf_token"]
        return token

    def _page(self, response: TestResponse) -> Page:
        text = (
            response.get_data(as_text=True)
            if (response.mimetype or "").startswith(("text/", "application/j"))
            else ""
        )
        document = None
        if response.mimetype == "text/html" and text:
            document = parse(text)
            whole = "<html" in text[:400].lower()
            if whole or response.status_code == 200:
                wrong = problems(document, fragment=not whole)
                if response.status_code not in range(300, 400):
                    assert not wrong, f"{response.request.path}: {wrong}"
        return Page(response.status_code, response.headers.get("Location"), text, response, document)


def shown_code(page: Page) -> str:
    """The one-time code that a page shows outside production."""
    return next("".join(e.itertext()) for e in page.all("strong") if e.get("data-demo-code") is not None)


def _values(form: Element) -> Iterator[tuple[str, Any]]:
    """The values a form would send as it stands."""
    for field in form.iter():
        name, kind = field.get("name"), field.get("type")
        if not name or field.get("disabled") is not None:
            continue
        if field.tag == "textarea":
            yield name, field.text or ""
        elif field.tag == "select":
            chosen = [o.get("value") or "" for o in field.iter("option") if o.get("selected") is not None]
            options = [o.get("value") or "" for o in field.iter("option")]
            if field.get("multiple") is not None:
                yield name, chosen
            elif options:
                yield name, (chosen or options)[0]
        elif field.tag == "input" and kind in {"checkbox", "radio"}:
            if field.get("checked") is not None:
                yield name, field.get("value") or "on"
        elif field.tag == "input" and kind not in {"submit", "button", "file", "image"}:
            yield name, field.get("value") or ""
