"""Guessing is slow, and nobody can lock a colleague out."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest

from mpp.accounts.guard import EVERYWHERE, NETWORK, network
from mpp.accounts.models import Staff
from mpp.database.session import write
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.support.client import PASSWORD, Browser, Page
from tests.support.hall import at

Browse = Callable[..., Browser]
OFFICER = "petugas@bukittinggi.contoh"


def guess(
    visitor: Browser, email: str = OFFICER, password: str = "salah-sekali", address: str = "10.9.0.1"
) -> Page:
    """One try, from a network of its own choice."""
    form = {"email": email, "password": password}
    return visitor.post("/masuk", form, environ_overrides={"REMOTE_ADDR": address})


@pytest.fixture(autouse=True)
def no_rate(app: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit per address is counted apart; here it would hide what is tested."""
    from mpp.web.kernel import limiter

    monkeypatch.setattr(limiter, "enabled", False)


def test_a_stranger_is_stopped_and_the_colleague_is_not(browse: Browse, bukittinggi: Region) -> None:
    colleague = browse("bukittinggi", as_="petugas")
    colleague.post("/keluar")
    stranger = browse("bukittinggi")
    for _ in range(NETWORK.tries):
        assert "tidak cocok" in guess(stranger).words()
    assert "Tunggu 15 menit" in guess(stranger, password=PASSWORD).words()
    # The same network, even: the browser that has been here before has its own allowance.
    assert guess(colleague, password=PASSWORD).status == 302


def test_a_crowd_of_networks_slows_strangers_never_a_known_browser(
    browse: Browse, bukittinggi: Region
) -> None:
    colleague = browse("bukittinggi", as_="petugas")
    colleague.post("/keluar")
    stranger = browse("bukittinggi")
    for number in range(EVERYWHERE.tries):
        guess(stranger, address=f"10.{number}.0.1")
    assert "Tunggu 15 menit" in guess(stranger, password=PASSWORD, address="172.16.0.1").words()
    assert guess(colleague, password=PASSWORD).status == 302


def test_a_known_browser_is_known_for_its_own_account_alone(browse: Browse, bukittinggi: Region) -> None:
    colleague = browse("bukittinggi", as_="petugas2")
    colleague.post("/keluar")
    for _ in range(NETWORK.tries):
        guess(colleague)
    assert "Tunggu 15 menit" in guess(colleague, password=PASSWORD).words()
    # And its allowance for its own account is not without end.
    mine = "petugas2@bukittinggi.contoh"
    for _ in range(10):
        guess(colleague, email=mine)
    assert "Tunggu 15 menit" in guess(colleague, email=mine, password=PASSWORD).words()


def test_a_note_of_one_region_is_noise_at_another(
    browse: Browse, bukittinggi: Region, banyuwangi: Region
) -> None:
    here = browse("bukittinggi", as_="petugas")
    note = here.client.get_cookie("kenal", domain="bukittinggi.localhost")
    assert note is not None
    visitor = browse("banyuwangi")
    visitor.client.set_cookie("kenal", note.value, domain="banyuwangi.localhost")
    for _ in range(NETWORK.tries):
        guess(visitor, email=OFFICER)
    assert "Tunggu 15 menit" in guess(visitor, email=OFFICER).words()
    forged = browse("bukittinggi")
    forged.client.set_cookie("kenal", note.value[:-2] + "xx", domain="bukittinggi.localhost")
    for _ in range(NETWORK.tries):
        guess(forged)
    assert "Tunggu 15 menit" in guess(forged, password=PASSWORD).words()


def test_being_refused_tells_nothing_of_who_exists(browse: Browse, bukittinggi: Region) -> None:
    visitor = browse("bukittinggi")
    pages = {email: guess(visitor, email=email) for email in (OFFICER, "tidak-ada@bukittinggi.contoh")}
    texts = {page.words().replace(email, "") for email, page in pages.items()}
    assert len(texts) == 1
    for email in pages:
        for _ in range(NETWORK.tries - 1):
            guess(visitor, email=email)
    texts = {guess(visitor, email=email).words().replace(email, "") for email in pages}
    assert len(texts) == 1 and "Tunggu 15 menit" in texts.pop()


def test_being_refused_takes_as_long_for_an_unknown_account(app: Platform, bukittinggi: Region) -> None:
    """Measured at the service: pages add noise. Medians of interleaved tries lie within a quarter."""
    from mpp.accounts.service import authenticate

    times: dict[str, list[float]] = {
        OFFICER: [],
        "tidak-ada@bukittinggi.contoh": [],
        "kosong@kota.contoh": [],
    }
    with at(app, bukittinggi):
        with write() as session:
            session.add(Staff(email="kosong@kota.contoh", name="Nonaktif", role="officer", password_hash="!"))
        for number in range(18):
            for email, found in times.items():
                began = time.perf_counter()
                with write() as session:
                    address = f"10.{number}.1.1"
                    assert authenticate(session, email, "salah-sekali", address=address, device=None) is None
                found.append(time.perf_counter() - began)
    medians = [statistics.median(found) for found in times.values()]
    assert max(medians) < min(medians) * 1.25, medians


def test_a_hundred_at_once_are_a_hundred_tries(app: Platform, bukittinggi: Region) -> None:
    from mpp.accounts.guard import TooManyTriesError
    from mpp.accounts.service import authenticate
    from tests.support.hall import together

    def attempt() -> str:
        try:
            with write() as session:
                authenticate(session, OFFICER, "salah-sekali", address="10.0.0.1", device=None)
        except TooManyTriesError:
            return "stopped"
        return "checked"

    done = together(app, bukittinggi, [attempt] * 8)
    assert done.count("checked") == NETWORK.tries


@pytest.mark.parametrize(
    ("address", "net"),
    [
        ("203.0.113.77", "203.0.113.0"), ("2001:db8:1:2::5", "2001:db8:1::"), ("::ffff:203.0.113.9", "203.0.113.0"),
        ("", "?"), (None, "?"), ("bukan alamat", "?"),
    ],
)  # fmt: skip
def test_the_network_of_an_address(address: str | None, net: str) -> None:
    assert network(address) == net
