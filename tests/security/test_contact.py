"""Whom to tell of a hole: named by the operator, served on every host, invented by nobody."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest

from mpp.settings import ROOT, SettingsError, load_settings
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import Browser

FILE = "/.well-known/security.txt"


def test_without_a_contact_there_is_no_file(browse: Callable[..., Browser], bukittinggi: Region) -> None:
    assert browse("bukittinggi").get(FILE).status == 404


def test_every_host_names_the_operators_contact(build: Callable[..., Platform], bukittinggi: Region) -> None:
    made = build(security_contact="mailto:keamanan@contoh.go.id")
    for host in ("bukittinggi.localhost", "localhost", "tidak-ada.localhost"):
        answer = made.test_client().get(FILE, base_url=f"http://{host}")
        lines = dict(line.split(": ", 1) for line in answer.get_data(as_text=True).splitlines())
        assert answer.status_code == 200 and answer.mimetype == "text/plain"
        assert lines["Contact"] == "mailto:keamanan@contoh.go.id"
        left = dt.datetime.fromisoformat(lines["Expires"]) - dt.datetime.now(tz=dt.UTC)
        assert dt.timedelta(days=100) < left < dt.timedelta(days=365)
        assert lines["Canonical"].endswith(FILE) and "tidak-ada" not in lines["Canonical"]


@pytest.mark.parametrize(
    "text", ["keamanan@contoh.go.id", "http://contoh.go.id", "mailto:", "mailto:a@b\nExpires: x"]
)
def test_a_contact_is_an_address_that_opens(text: str) -> None:
    with pytest.raises(SettingsError, match="MPP_SECURITY_CONTACT"):
        load_settings({"MPP_ENV": "test", "MPP_SECURITY_CONTACT": text})
    assert load_settings({"MPP_ENV": "test", "MPP_SECURITY_CONTACT": ""}).security_contact is None
    for good in ("mailto:keamanan@contoh.go.id", "https://contoh.go.id/lapor"):
        assert load_settings({"MPP_ENV": "test", "MPP_SECURITY_CONTACT": good}).security_contact == good


def test_the_page_for_finders_invents_nobody() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    assert FILE in text and "MPP_SECURITY_CONTACT" in text
    assert not re.search(r"[\w.]+@[\w.]+|https?://|\+62|\b08\d", text)
