"""Addresses, methods, headers and sizes that no browser of ours sends."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import unquote

import pytest

from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from mpp.web.sign_in import safe_target
from tests.support.client import PASSWORD, Browser

Browse = Callable[..., Browser]
CALM = {301, 302, 303, 400, 404, 405, 413, 414}
TRICKS = (
        "//evil.example/", "//evil.example/%2e%2e", "/%2e%2e/%2e%2e/etc/passwd", "/static/x/../../wsgi.py",
        "/static/x/%2e%2e/%2e%2e/wsgi.py", "/static/x/..%2f..%2fwsgi.py", "/static/x//etc/passwd",
        "/static/x/....//....//wsgi.py", "/static/x/..\\..\\wsgi.py", "/layanan/%00", "/layanan/a%00b",
        "/antrean/%00%00%00%00%00%00%00%00%00%00", "/antrean?kode=%00", "/layanan?q=a%00b", "/berkas/%00", "/%ff%fe",
        "/layanan/%ed%a0%80", "/layanan/" + "a" * 5000, "/layanan?q=" + "a" * 5000, "/;/admin", "/admin;x=1",
        "/./admin", "/layar/%2e%2e/keadaan", "/antrean/<script>", "/layanan/%0d%0aSet-Cookie:%20x=1", "/ADMIN",
        "/layanan?q=%f0%9f%92%a9", "/layanan?q=%e2%80%ae", "/instansi/..%252f..%252f", "/tema.css/x", "/\\evil.example",
)  # fmt: skip


def test_tricks_with_addresses_lead_nowhere(app: Platform, bukittinggi: Region) -> None:
    for path in TRICKS:
        address, _mark, query = path.partition("?")
        # As a server hands it on: the client of the tests would read "//evil.example" as a host.
        raw = {"PATH_INFO": unquote(address, "latin-1"), "QUERY_STRING": query}
        answer = app.test_client().get("/", base_url="http://bukittinggi.localhost", environ_overrides=raw)
        text = answer.get_data(as_text=True)
        answer.close()
        assert answer.status_code in CALM or (answer.status_code == 200 and path.startswith("/layanan?q=")), (
            path
        )
        assert "x=1" not in answer.headers.get("Set-Cookie", "") and "evil" not in answer.headers.get(
            "Location", ""
        )
        assert "create_app" not in text and "root:x:0" not in text


def test_a_nul_in_a_form_comes_no_further(browse: Browse, bukittinggi: Region) -> None:
    visitor = browse("bukittinggi")
    for path in ("/masuk", "/antrean/ambil", "/perangkat", "/tautan"):
        for fields in ({"email": "a\0b@x.contoh"}, {"nama": "a\0", "code": "\0"}, {"x\0": "1"}):
            assert visitor.post(path, fields).status == 400


DISGUISES = (
    {"X-HTTP-Method-Override": "DELETE"}, {"X-HTTP-Method": "POST"}, {"X-Method-Override": "POST"},
    {"X-Original-URL": "/admin"}, {"X-Rewrite-URL": "/admin"}, {"X-Forwarded-Prefix": "/admin"},
    {"X-Forwarded-Host": "evil.example"}, {"X-Host": "evil.example"}, {"Forwarded": "host=evil.example"},
)  # fmt: skip


def test_no_header_changes_method_address_or_host(browse: Browse, bukittinggi: Region) -> None:
    visitor = browse("bukittinggi")
    plain = visitor.get("/masuk")
    for headers in DISGUISES:
        sent = visitor.get("/masuk", headers=headers)
        assert sent.status == 200 and sent.words() == plain.words() and "evil.example" not in sent.text
    assert visitor.get("/masuk?_method=DELETE").status == 200
    assert visitor.post("/keluar", {"_method": "GET"}).status == 302


def test_other_methods_are_not_known(browse: Browse, bukittinggi: Region) -> None:
    visitor = browse("bukittinggi")
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "X"):
        for path in ("/", "/masuk", "/antrean/ambil", "/admin"):
            answer = visitor.client.open(path, method=method, base_url=visitor.base)
            assert answer.status_code in {400, 405}


AWAY = (
        "//evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example",
        "/x\r\nLocation: https://evil.example", "http:evil.example", "javascript:alert(1)", "data:text/html,x",
        "//evil.example\\@bukittinggi.localhost", "evil.example", "/%0d%0aSet-Cookie:x=1",
    "///evil.example", "/\t/evil.example", " //evil.example", "////evil.example/%2f..", "/\x00/x",
        "//bukittinggi.localhost@evil.example", "/.//evil.example\\", "?//evil.example",
)  # fmt: skip


def test_no_way_back_leads_to_another_host(browse: Browse, bukittinggi: Region) -> None:
    for target in AWAY:
        found = safe_target(target, "/aman")
        assert found == "/aman" or (found.startswith("/") and not found.startswith(("//", "/\\"))), found
        assert not any(ord(letter) < 32 for letter in found)
    for target in (
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/x\r\nLocation: https://evil.example",
    ):
        fields = {"email": "petugas@bukittinggi.contoh", "password": PASSWORD, "lanjut": target}
        page = browse("bukittinggi").post("/masuk", fields)
        assert page.status == 302 and page.location == "/loket"


def test_a_way_back_on_this_host_is_kept(browse: Browse, bukittinggi: Region) -> None:
    fields = {"email": "petugas@bukittinggi.contoh", "password": PASSWORD, "lanjut": "/loket/pilih?x=%2F%2Fa"}
    assert browse("bukittinggi").post("/masuk", fields).location == "/loket/pilih?x=%2F%2Fa"


def test_a_body_has_its_size(browse: Browse, bukittinggi: Region) -> None:
    visitor = browse("bukittinggi")
    token = visitor.token()
    long_field = visitor.post("/masuk", {"email": "a" * 600_000, "csrf_token": token}, csrf=False)
    assert long_field.status == 413 and "terlalu besar" in long_field.words()
    part = b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n'
    many = visitor.client.post(
        "/masuk", base_url=visitor.base, content_type="multipart/form-data; boundary=x",
        data=b"".join(part % n for n in range(300)) + b"--x--\r\n",
    )  # fmt: skip
    assert many.status_code == 413
    head = b'--x\r\nContent-Disposition: form-data; name="logo_file"; filename="a.png"\r\n\r\n'
    heavy = visitor.client.post(
        "/masuk", base_url=visitor.base, content_type="multipart/form-data; boundary=x",
        data=head + b"0" * (4 * 1024 * 1024) + b"\r\n--x--\r\n",
    )  # fmt: skip
    assert heavy.status_code == 413


def test_a_length_that_lies_is_no_way_around(app: Platform, bukittinggi: Region) -> None:
    """A server that has read the body itself says where it ends; the limit counts what is really there."""
    answer = app.test_client().post(
        "/masuk", base_url="http://bukittinggi.localhost", content_type="application/x-www-form-urlencoded",
        input_stream=io.BytesIO(b"email=" + b"a" * (5 * 1024 * 1024)),
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )  # fmt: skip
    assert answer.status_code in {400, 413}


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml", "multipart/form-data"])
def test_a_form_in_another_dress_is_no_form(browse: Browse, bukittinggi: Region, kind: str) -> None:
    """A page elsewhere may send text/plain without asking; it is never read as a form."""
    visitor = browse("bukittinggi")
    body = b'{"csrf_token": "x", "email": "petugas@bukittinggi.contoh"}'
    answer = visitor.client.post("/masuk", data=body, content_type=kind, base_url=visitor.base)
    assert answer.status_code == 400


def test_hosts_that_are_not_ours(app: Platform, bukittinggi: Region) -> None:
    for host in (
        "", "evil.example", "bukittinggi.localhost.evil.example", "bukittinggi.localhost@evil.example",
        "localhost:80:90", "localhost:x", "localhost:", "[::1]", "localhost/evil.example", "evil.example#.localhost",
    ):  # fmt: skip
        answer = app.test_client().get("/masuk", headers={"Host": host})
        assert answer.status_code == 404, host
        assert "evil.example" not in str(answer.headers) + answer.get_data(as_text=True)
