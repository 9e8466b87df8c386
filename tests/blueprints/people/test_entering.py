"""Walking from region to region without typing: the whole way through the pages of both hosts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from mpp.audit import AuditEntry
from mpp.database.session import read, write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.people.consent import VERSION
from tenants.people.models import Profile
from tests.support.citizens import NAME, NIK, PHONE, Walker, make_citizen, sessions_of
from tests.support.client import Browser
from tests.support.hall import at


@pytest.fixture
def siti(app: Platform) -> Walker:
    """A citizen, signed in at the centre."""
    walker = Walker(app, make_citizen(app, nik=NIK))
    walker.sign_in()
    return walker


def profiles(app: Platform, region: Region) -> list[Profile]:
    with at(app, region), read() as session:
        found = list(session.scalars(select(Profile)))
        for profile in found:
            assert profile.phone is None or profile.phone.startswith("+62")
            assert profile.nik is None or len(profile.nik) == 16
        return found


def test_the_first_visit_asks_once_and_the_second_asks_nothing(
    app: Platform, bukittinggi: Region, siti: Walker
) -> None:
    address, page = siti.follow("http://bukittinggi.localhost/warga/masuk?lanjut=/antrean")
    assert urlsplit(address).path == "/warga/persetujuan" and page.status == 200
    assert NAME in page.words() and "UU 27/2022" in page.words()
    assert PHONE not in page.text and NIK not in page.text, "covered"
    assert profiles(app, bukittinggi) == [], "nothing is kept before the consent"
    assert sessions_of(app, siti.citizen_id) == [None]
    done = siti.at("bukittinggi.localhost").submit("/warga/persetujuan", "/warga/persetujuan")
    assert (done.status, done.location) == (303, "/antrean")
    (profile,) = profiles(app, bukittinggi)
    assert (profile.name, profile.phone, profile.nik) == (NAME, "+6281299990101", None)
    assert sessions_of(app, siti.citizen_id) == [None, bukittinggi.id]
    assert NAME in siti.at("bukittinggi.localhost").get("/warga").words()
    # Another browser of the same person, already signed in at the centre: no question any more.
    other = Walker(app, siti.citizen_id)
    other.sign_in()
    address, page = other.follow("http://bukittinggi.localhost/warga/masuk?lanjut=/antrean")
    assert urlsplit(address).path == "/antrean" and page.status == 200
    with at(app, bukittinggi), read() as session:
        log = session.scalars(select(AuditEntry).where(AuditEntry.action == "people.consent")).all()
    assert [entry.subject for entry in log] == [f"profile:{profile.id}"]
    assert NAME not in str([(entry.data, entry.actor_name) for entry in log])


def test_two_regions_know_one_person_by_two_names(
    app: Platform, bukittinggi: Region, banyuwangi: Region, siti: Walker
) -> None:
    assert siti.enter("bukittinggi", nik=True).status == 200
    assert siti.enter("banyuwangi").status == 200
    (here,), (there,) = profiles(app, bukittinggi), profiles(app, banyuwangi)
    assert here.subject != there.subject
    assert (here.nik, there.nik) == (NIK, None), "each region gets what was ticked there"
    assert here.phone == there.phone


def test_keluar_ends_one_region_and_the_centre_ends_all(
    app: Platform, bukittinggi: Region, banyuwangi: Region, siti: Walker
) -> None:
    siti.enter("bukittinggi")
    siti.enter("banyuwangi")
    page = siti.at("bukittinggi.localhost").submit("/warga", "/warga/keluar")
    assert page.location == "/warga/sudah-keluar"
    assert siti.at("bukittinggi.localhost").get("/warga").status == 302
    assert siti.at("banyuwangi.localhost").get("/warga").status == 200
    siti.sign_out_everywhere()
    assert siti.at("banyuwangi.localhost").get("/warga").status == 302
    assert sessions_of(app, siti.citizen_id) == []
    # And the way in leads to the centre's sign-in now.
    first = siti.at("banyuwangi.localhost").get("/warga/masuk")
    assert first.status == 302 and first.location


def test_signed_out_everywhere_while_reading_the_consent(
    app: Platform, bukittinggi: Region, siti: Walker
) -> None:
    siti.follow("http://bukittinggi.localhost/warga/masuk")
    form = siti.at("bukittinggi.localhost").get("/warga/persetujuan")
    assert form.status == 200
    siti.sign_out_everywhere()
    page = siti.at("bukittinggi.localhost").post("/warga/persetujuan", {})
    assert page.status == 400 and "Masuk sekali lagi" in page.words()
    assert profiles(app, bukittinggi) == [] and sessions_of(app, siti.citizen_id) == []


def test_saying_no_keeps_nothing(app: Platform, bukittinggi: Region, siti: Walker) -> None:
    siti.follow("http://bukittinggi.localhost/warga/masuk")
    page = siti.at("bukittinggi.localhost").submit("/warga/persetujuan", "/tolak")
    assert page.location == "/" and profiles(app, bukittinggi) == []
    assert siti.at("bukittinggi.localhost").get("/warga/persetujuan").status == 302, "the token is gone"


def test_a_withdrawn_consent_is_asked_for_again(app: Platform, bukittinggi: Region, siti: Walker) -> None:
    siti.enter("bukittinggi")
    with at(app, bukittinggi), write() as session:
        profile = session.scalars(select(Profile)).one()
        profile.withdrawn_at = profile.consented_at
    assert siti.at("bukittinggi.localhost").get("/warga").location == "/warga/sudah-keluar"
    address, _page = siti.follow("http://bukittinggi.localhost/warga/masuk")
    assert urlsplit(address).path == "/warga/persetujuan"
    siti.at("bukittinggi.localhost").submit("/warga/persetujuan", "/warga/persetujuan")
    (again,) = profiles(app, bukittinggi)
    assert again.living and again.id == profile.id


def test_no_open_redirect(siti: Walker) -> None:
    for target in ("https://jahat.contoh/", "//jahat.contoh", "/\\jahat.contoh"):
        assert siti.enter("bukittinggi", target=target).status == 200
    address, _page = siti.follow("http://bukittinggi.localhost/warga/masuk?lanjut=https://jahat.contoh/")
    assert urlsplit(address).netloc == "bukittinggi.localhost"


def test_a_code_works_once_and_in_its_own_browser_only(app: Platform, siti: Walker) -> None:
    siti.enter("bukittinggi")
    siti.at("bukittinggi.localhost").submit("/warga", "/warga/keluar")
    callback = callback_of(siti, "bukittinggi")
    # A stranger's browser that was sent this address (session fixation, login by somebody else's code).
    stranger = Browser(app, "bukittinggi.localhost")
    page = stranger.get(callback)
    assert page.status == 400 and "jangan lanjutkan" in page.words()
    assert callback.partition("code=")[2][:20] not in page.text
    # At another region's host.
    assert Browser(app, "banyuwangi.localhost").get(callback).status == 400
    assert siti.at("banyuwangi.localhost").get(callback).status == 400
    # The right browser: in; and then never again.
    assert siti.at("bukittinggi.localhost").get(callback).location == "/warga"
    assert siti.at("bukittinggi.localhost").get(callback).status == 400
    assert siti.at("bukittinggi.localhost").get("/warga").status == 200, "and nobody was signed out by it"


def callback_of(siti: Walker, slug: str) -> str:
    """Go in up to the callback, without opening it; return its path and query."""
    first = siti.at(f"{slug}.localhost").get("/warga/masuk")
    asked = urlsplit(first.location or "")
    second = siti.at("localhost").get(f"{asked.path}?{asked.query}")
    assert second.status == 302, second.text[:300]
    back = urlsplit(second.location or "")
    return f"{back.path}?{back.query}"


def test_the_answer_of_another_provider_is_refused(siti: Walker) -> None:
    siti.enter("bukittinggi")
    siti.at("bukittinggi.localhost").submit("/warga", "/warga/keluar")
    callback = callback_of(siti, "bukittinggi")
    path, _, query = callback.partition("?")
    words = {name: values[0] for name, values in parse_qs(query).items()}
    assert words["iss"] == "http://localhost:8000"
    page = siti.at("bukittinggi.localhost").get(
        path, query_string={**words, "iss": "https://masuk.jahat.contoh"}
    )
    assert page.status == 400


def test_signing_in_gives_a_fresh_cookie(siti: Walker) -> None:
    browser = siti.at("bukittinggi.localhost")
    token = browser.token()
    siti.enter("bukittinggi")
    assert browser.post("/warga/keluar", {"csrf_token": token}, csrf=False).status == 400


def test_the_region_of_the_outer_request_comes_back(
    app: Platform, bukittinggi: Region, banyuwangi: Region, siti: Walker
) -> None:
    """Two people at two regions at once would show any mixing of the inner call's context."""
    siti.enter("banyuwangi")
    siti.enter("bukittinggi")
    assert "Bukittinggi" in siti.at("bukittinggi.localhost").get("/warga").words()
    assert len(profiles(app, bukittinggi)) == len(profiles(app, banyuwangi)) == 1


def test_a_crowd_signs_in_at_once(app: Platform, bukittinggi: Region, banyuwangi: Region) -> None:
    """More than a server has threads, at two regions: each asks the centre from inside, and none waits for another."""
    crowd = [Walker(app, make_citizen(app, NAME, f"081299990{900 + number}")) for number in range(16)]
    for walker in crowd:
        walker.sign_in()

    def walk(number: int) -> str:
        slug = ("bukittinggi", "banyuwangi")[number % 2]
        return crowd[number].enter(slug).words()

    with ThreadPoolExecutor(16) as pool:
        pages = list(pool.map(walk, range(16)))
    assert all(("Bukittinggi", "Banyuwangi")[n % 2] in words for n, words in enumerate(pages))
    assert len(profiles(app, bukittinggi)) == len(profiles(app, banyuwangi)) == 8
    assert len({p.subject for p in profiles(app, bukittinggi)}) == 8


def test_a_signed_in_page_is_kept_for_nobody(siti: Walker, browse: Callable[..., Browser]) -> None:
    plain = browse("bukittinggi").get("/")
    siti.enter("bukittinggi")
    mine = siti.at("bukittinggi.localhost").get("/")
    assert NAME in mine.words() and "no-store" in mine.response.headers["Cache-Control"]
    again = browse("bukittinggi").get("/")
    assert again.text == plain.text and NAME not in again.text
    assert "/warga/masuk?lanjut=/" in again.text and "Set-Cookie" not in again.response.headers


def test_the_nik_is_given_later_by_a_consent_of_its_own(
    app: Platform, bukittinggi: Region, banyuwangi: Region, siti: Walker
) -> None:
    siti.enter("bukittinggi")
    siti.enter("banyuwangi")
    here = siti.at("bukittinggi.localhost")
    assert "tidak diberikan kepada daerah ini" in here.get("/warga").words()
    here.post("/warga/nik")
    assert "Centang dahulu" in here.get("/warga").words() and profiles(app, bukittinggi)[0].nik is None
    assert here.submit("/warga", "/warga/nik", setuju="ya").location == "/warga#data"
    assert (profiles(app, bukittinggi)[0].nik, profiles(app, banyuwangi)[0].nik) == (NIK, None)
    page = here.get("/warga")
    assert NIK not in page.text and "Berikan NIK" not in page.words()
    with at(app, bukittinggi), read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "people.nik")).one()
        assert entry.data == {"version": VERSION} and entry.subject.startswith("profile:")


def test_an_account_without_a_nik_has_none_to_give(app: Platform, bukittinggi: Region) -> None:
    budi = Walker(app, make_citizen(app, "Budi Contoh", "081299990102"))
    budi.sign_in()
    budi.enter("bukittinggi")
    here = budi.at("bukittinggi.localhost")
    here.submit("/warga", "/warga/nik", setuju="ya")
    assert "belum berisi NIK" in here.get("/warga").words() and profiles(app, bukittinggi)[0].nik is None
