"""Somebody of the centre in a region: asked for, granted and handed over as people do it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from tests.support.client import Browser, Page

CENTRE = "pusat@panrb.contoh"
REASON = "Admin meminta bantuan menata ulang loket gedung utama."


def ask(centre: Browser, slug: str = "bukittinggi", *, as_: str = CENTRE, **fields: str) -> str:
    """Ask for access to a region and give the second factor again; return the address of the access's page."""
    path = f"/pusat/daerah/{slug}/akses"
    page = centre.submit(path, path, **{"reason": REASON, "minutes": "15", "level": "look"} | fields)
    assert page.status == 302 and page.location, page.words()
    done = centre.submit(page.location, page.location, code=centre.app_code(as_))
    assert done.status == 302, done.words()
    return page.location


def walk_over(centre: Browser, region: Browser, address: str) -> Page:
    """Follow the way over from the access's page; return what the region's host answers in the end."""
    way = next(link for link in centre.get(address).links() if "/dukungan/mulai/" in link)
    to_centre = region.get(urlsplit(way).path)
    assert to_centre.location
    back = centre.get(_path(to_centre.location))
    assert back.location, back.words()
    return region.get(_path(back.location))


def supporter(browse: Callable[..., Browser], slug: str = "bukittinggi", **fields: str) -> Browser:
    """Return the browser of somebody of the centre who has just entered a region."""
    centre, region = browse(as_=CENTRE), browse(slug)
    page = walk_over(centre, region, ask(centre, slug, **fields))
    assert page.location == "/admin", page.words()
    return region


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
