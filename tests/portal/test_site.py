"""The face of a region: as published, kept by version, and never a reason for a page to fail."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import OperationalError

from mpp.database.session import read, serve, write
from mpp.tenancy.content import touch
from mpp.tenancy.provision import owner
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.portal import site
from tenants.portal.models import PortalVersion
from tests.portal.branding import publish


def test_the_published_face_is_read(app: Platform, bukittinggi: Region) -> None:
    with app.app_context(), serve(bukittinggi):
        view = site.site_view(bukittinggi)
    assert view.name == "MPP Kota Bukittinggi"
    assert view.short_name == "Bukittinggi"
    assert view.color_1 == "#9b1c2e"
    assert view.motif == "gonjong"
    assert view.zone_label == "WIB"
    assert view.theme_url.startswith("/tema.css?v=")


def test_a_change_shows_at_once(app: Platform, bukittinggi: Region) -> None:
    with app.app_context(), serve(bukittinggi):
        before = site.site_view(bukittinggi)
    publish(app, "bukittinggi", name="MPP Jam Gadang", color_1="#123456")
    with app.app_context(), serve(bukittinggi):
        after = site.site_view(bukittinggi)
    assert after.name == "MPP Jam Gadang"
    assert after.theme_url != before.theme_url


def test_two_regions_keep_apart(app: Platform, bukittinggi: Region, banyuwangi: Region) -> None:
    names = []
    for region in (bukittinggi, banyuwangi, bukittinggi):
        with app.app_context(), serve(region):
            names.append(site.site_view(region).name)
    assert names == ["MPP Kota Bukittinggi", "MPP Kabupaten Banyuwangi", "MPP Kota Bukittinggi"]


def test_without_a_published_version_there_are_plain_defaults(app: Platform, bukittinggi: Region) -> None:
    with app.app_context(), serve(bukittinggi):
        with write() as session:
            session.execute(delete(PortalVersion))
            touch(session)
        view = site.site_view(bukittinggi)
    assert view.name == "MPP Kota Bukittinggi"
    assert view.languages == ("id", "en")


def test_a_database_that_is_away_gives_defaults(
    app: Platform, bukittinggi: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object) -> site.SiteView:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(site, "_published", away)
    with app.app_context(), serve(bukittinggi):
        assert site.site_view(bukittinggi).name == "MPP Kota Bukittinggi"


@pytest.mark.parametrize("colour", ["red", "#FFF", "#12345", "url(x)", None, "#123456;"])
def test_a_broken_colour_is_not_shown(bukittinggi: Region, colour: str | None) -> None:
    view = site.site_from(bukittinggi, {"color_1": colour, "languages": ["en", "id"]})
    assert view.color_1 == "#1d4f7a"
    assert view.languages == ("id", "en")


def test_a_line_that_dies_in_its_hands_is_no_trouble_for_the_rest_of_the_page(
    app: Platform, bukittinggi: Region
) -> None:
    site.forget()
    with app.app_context(), serve(bukittinggi):
        with read() as session:
            own = session.scalar(select(func.pg_backend_pid()))
        with owner(app.settings) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (own,))
        assert site.site_view(bukittinggi).name == "MPP Kota Bukittinggi"
        with read() as session:
            assert session.scalar(select(1)) == 1
