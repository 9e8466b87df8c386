"""What every answer says to the browser; each policy is also lived with by Chromium in tests/browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from werkzeug.test import Client

from mpp.settings import ROOT
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from mpp.web.static import fingerprint
from tests.support.client import Browser, Page

Browse = Callable[..., Browser]
HOST = "bukittinggi.localhost"
NONCE = re.compile(r"script-src 'nonce-([\w-]{20,})'")


def policies(page: Page) -> list[str]:
    return str(page.response.headers["Content-Security-Policy"]).split(", ")


@pytest.mark.parametrize(
    "path", ["/", "/layanan", "/antrean/ambil", "/masuk", "/tidak-ada", "/tema.css", "/healthz"]
)
def test_scripts_come_from_our_own_folder_alone(browse: Browse, bukittinggi: Region, path: str) -> None:
    first = policies(browse("bukittinggi").get(path))[0]
    assert f"script-src {HOST}/static/{fingerprint()}/js/;" in first
    for rule in (
        "default-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'self'", "style-src 'self'",
        "require-trusted-types-for 'script'", "trusted-types mpp", "report-uri /laporan-peramban",
    ):  # fmt: skip
        assert rule in first
    assert (
        "unsafe" not in first and "*" not in first and "http:" not in first.replace("http://bukittinggi", "")
    )


def test_a_page_of_ones_own_names_its_scripts_by_a_nonce(browse: Browse, bukittinggi: Region) -> None:
    visitor, seen = browse("bukittinggi"), set()
    for _twice in range(2):
        page = visitor.get("/masuk")
        nonce = NONCE.search(policies(page)[1])
        assert nonce
        seen.add(nonce[1])
        scripts = page.all("script")
        assert scripts and {script.get("nonce") for script in scripts} == {nonce[1]}
        assert page.response.headers["Cache-Control"] == "private, no-store"
    assert len(seen) == 2


def test_a_kept_page_has_no_nonce_to_share(browse: Browse, bukittinggi: Region) -> None:
    for _twice in range(2):
        page = browse("bukittinggi").get("/layanan")
        assert len(policies(page)) == 1 and "nonce" not in page.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example;script-src *", "x.y.localhost"])
def test_a_host_that_is_not_ours_is_repeated_nowhere(app: Platform, bukittinggi: Region, host: str) -> None:
    answer = app.test_client().get("/", headers={"Host": host})
    assert answer.status_code == 404
    assert host not in str(answer.headers) and "evil.example" not in answer.get_data(as_text=True)


def test_what_else_is_said(browse: Browse, bukittinggi: Region) -> None:
    for slug, path in (("bukittinggi", "/"), ("bukittinggi", "/masuk"), (None, "/"), ("tidak-ada", "/")):
        headers = browse(slug).get(path).response.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert (
            headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
        )
        assert (
            "camera=()" in headers["Permissions-Policy"]
            and "geolocation=(self)" in headers["Permissions-Policy"]
        )
        assert "Access-Control-Allow-Origin" not in headers
        assert "Server" not in headers and "X-Powered-By" not in headers


def test_text_says_its_alphabet(browse: Browse, bukittinggi: Region) -> None:
    for path in (
        "/",
        "/tema.css",
        "/tidak-ada",
        f"/static/{fingerprint()}/css/app.css",
        f"/static/{fingerprint()}/js/app.js",
    ):
        answer = browse("bukittinggi").get(path).response
        answer.close()
        assert answer.headers["Content-Type"].endswith("; charset=utf-8"), path


@pytest.mark.parametrize("who", ["admin", "petugas"])
def test_pages_of_people_are_kept_nowhere(browse: Browse, bukittinggi: Region, who: str) -> None:
    person = browse("bukittinggi", as_=who)
    for path in ("/", "/akun-saya", "/akun-saya/keamanan"):
        assert person.get(path).response.headers["Cache-Control"] == "private, no-store"


@pytest.fixture
def production(app: Platform, build: Callable[..., Platform], bukittinggi: Region) -> Client:
    """A visitor of the platform as it runs in production, behind its proxy."""
    made = build(
        environment="production", behind_proxy=1, domain="mpp.example",
        master_key_file=app.settings.data_dir / "master-key",
    )  # fmt: skip
    return made.test_client()


def _get(client: Client, path: str, host: str = "bukittinggi.mpp.example", **headers: str) -> object:
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.5"} | headers
    return client.get(path, base_url=f"https://{host}", headers=said)


def test_production_stays_on_https(production: Client) -> None:
    for host in ("bukittinggi.mpp.example", "mpp.example", "tidak-ada.mpp.example"):
        answer = _get(production, "/", host)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"  # type: ignore[attr-defined]
    foreign = _get(production, "/", "notmpp.example")
    assert foreign.headers["Strict-Transport-Security"] == "max-age=31536000"  # type: ignore[attr-defined]


def test_every_cookie_of_production_belongs_to_one_host(production: Client) -> None:
    cookies = []
    for path in ("/masuk", "/?bahasa=en", "/?kontras=1", "/?besar=1"):
        cookies += _get(production, path).headers.getlist("Set-Cookie")  # type: ignore[attr-defined]
    assert len({cookie.partition("=")[0] for cookie in cookies}) == 4
    for cookie in cookies:
        rules = {rule.strip().lower() for rule in cookie.split(";")[1:]}
        assert cookie.startswith("__Host-") and {"secure", "httponly", "path=/", "samesite=lax"} <= rules
        assert not any(rule.startswith("domain") for rule in rules)


def test_a_choice_is_read_back_under_its_own_name(production: Client) -> None:
    _get(production, "/layanan?bahasa=en")
    for _kept in range(2):
        assert 'lang="en"' in _get(production, "/layanan").get_data(as_text=True)  # type: ignore[attr-defined]


def test_templates_write_scripts_by_one_macro() -> None:
    """`script()` knows the nonce; a tag by hand would stand still on every page that is not kept."""
    loose = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if re.search(
            r"<(script|style)\b(?![^>]*application/json)|\sstyle=|\son[a-z]+=|javascript:", path.read_text()
        )
    ]
    assert loose == []


def test_one_file_of_ours_makes_html_of_text() -> None:
    """Trusted Types: what browsers enforce where they know it, this holds for the others."""
    sinks = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|parseFromString|createContextualFragment|srcdoc"
        r"|\beval\(|new Function"
    )
    for path in (ROOT / "static/js").glob("*.js"):
        lines = [line for line in path.read_text().splitlines() if sinks.search(line)]
        if path.name == "trusted.js":
            assert len(lines) == 1
        else:
            assert all(
                "await htmlOf(" in line
                or line.strip() == "body.innerHTML = html;"
                or "this.body.innerHTML = html;" in line
                for line in lines
            ), (path.name, lines)


def test_reports_tell_rule_and_route_and_nothing_else(
    browse: Browse, bukittinggi: Region, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    visitor = browse("bukittinggi")
    report = {
        "document-uri": "http://bukittinggi.localhost/antrean/RAHASIA23456?hp=081299990001", "blocked-uri": "https://zq.example/x",
        "effective-directive": "script-src-elem", "script-sample": "alert(1)",
    }  # fmt: skip
    capsys.readouterr()

    def send(body: object, kind: str = "application/csp-report") -> int:
        text = body if isinstance(body, str) else json.dumps(body)
        return visitor.client.post(
            "/laporan-peramban", data=text, content_type=kind, base_url=visitor.base
        ).status_code

    assert send({"csp-report": report}) == 204
    said = "".join(capsys.readouterr())
    assert "script-src-elem" in said and "/antrean/<code>" in said
    assert "RAHASIA" not in said and "zq.example" not in said and "0812" not in said and "alert" not in said
    for nonsense in (
        "",
        "[]",
        "{}",
        "null",
        '{"csp-report": 1}',
        "[" * 5000,
        {"csp-report": report | {"effective-directive": "x\ny"}},
    ):
        assert send(nonsense) == 204
    assert "page policy" not in "".join(capsys.readouterr())
    assert [send({"csp-report": report}) for _ in range(30)][-1] == 429
