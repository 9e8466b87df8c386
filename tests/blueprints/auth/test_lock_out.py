"""Guessing is slow, and nobody can lock a colleague out."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest

from mpp.accounts import guard
from mpp.accounts.guard import CODE, CODE_EVERYWHERE, DEVICE, EVERYWHERE, NETWORK, WORKED, network
from mpp.accounts.models import Staff
from mpp.database.session import write
from mpp.tenancy.region import Region
from mpp.web import bots
from mpp.web.bots import zeros
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
    """Measured at the service: pages add noise. The processor's own time, which neighbours don't lengthen.

    The quarter of the tries that was least disturbed lies within a quarter of each other's.
    """
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
                began = time.process_time()
                with write() as session:
                    address = f"10.{number}.1.1"
                    assert authenticate(session, email, "salah-sekali", address=address, device=None) is None
                found.append(time.process_time() - began)
    spent = [statistics.quantiles(found, n=4)[0] for found in times.values()]
    assert max(spent) < min(spent) * 1.25, spent


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


def harder(page: Page) -> dict[str, str]:
    """What a browser sends along once it has done the work that a refusal asks for."""
    (mark,), (work,) = page.all("input", name="lahir"), page.all("input", name="bukti")
    number, born = 0, mark.get("value") or ""
    while zeros(born, str(number)) < int(work.get("data-proof") or 0):
        number += 1
    return {"lahir": born, "bukti": str(number)}


def again(visitor: Browser, password: str, work: dict[str, str], email: str = OFFICER) -> Page:
    """A try with the work."""
    overrides = {"REMOTE_ADDR": "10.9.0.1"}
    form = {"email": email, "password": password, **work}
    return visitor.post("/masuk", form, environ_overrides=overrides)


@pytest.fixture
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work of a few bits, the real work all the same."""
    monkeypatch.setattr(bots, "BITS_HARDER", 8)


@pytest.mark.usefixtures("easy")
def test_a_colleague_at_the_same_counter_locks_nobody_out(browse: Browse, bukittinggi: Region) -> None:
    """Who sits there next uses up the tries of who has signed in at this computer before."""
    counter = browse("bukittinggi", as_="petugas")
    counter.post("/keluar")
    for _ in range(DEVICE.tries):
        guess(counter)
    used_up = guess(counter, password=PASSWORD)
    assert used_up.status == 422 and "tulis kata sandi sekali lagi" in used_up.words()
    work = harder(used_up)
    assert again(counter, PASSWORD, work).status == 302


@pytest.mark.usefixtures("easy")
def test_a_computer_that_is_new_to_the_officer_is_no_trap_either(browse: Browse, bukittinggi: Region) -> None:
    stranger = browse("bukittinggi")
    for _ in range(NETWORK.tries):
        guess(stranger)
    officer = browse("bukittinggi")
    assert again(officer, PASSWORD, harder(guess(officer, password=PASSWORD))).status == 302


@pytest.mark.usefixtures("easy")
def test_guessing_with_the_work_is_bounded(
    browse: Browse, bukittinggi: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "WORKED", guard.Allowance(3, WORKED.span))
    stranger = browse("bukittinggi")
    for _ in range(NETWORK.tries):
        page = guess(stranger)
    page = guess(stranger)
    work = harder(page)
    assert "tidak cocok" in again(stranger, "salah-sekali", work).words()
    # Each work is good for one try, and an easier one for none.
    assert "Tunggu 15 menit" in again(stranger, PASSWORD, work).words()
    assert "Tunggu 15 menit" in again(stranger, PASSWORD, work | {"bukti": "1"}).words()
    for _ in range(2):
        again(stranger, "salah-sekali", harder(guess(stranger)))
    refused = again(stranger, PASSWORD, harder(guess(stranger)))
    assert "Tunggu 15 menit" in refused.words() and not refused.all("input", name="bukti")


def test_who_knows_only_the_password_keeps_nobodys_codes_spent(browse: Browse, bukittinggi: Region) -> None:
    admin = browse("bukittinggi", as_="admin")
    admin.post("/keluar")
    thief = browse("bukittinggi")
    for _ in range(CODE.tries + 1):
        form = {"email": "admin@bukittinggi.contoh", "password": PASSWORD}
        assert thief.submit("/masuk", "/masuk", **form).location == "/masuk/kode"
        page = thief.post("/masuk/kode", {"code": "000000"})
    assert "Terlalu banyak percobaan" in page.words()
    # The owner's own browser, behind the very same address, has codes of its own.
    admin.sign_in("admin@bukittinggi.contoh")
    assert admin.get("/admin").status == 200


def test_codes_are_guessed_from_many_networks_no_faster(app: Platform, bukittinggi: Region) -> None:
    from mpp.accounts.factors import check_code

    with at(app, bukittinggi):
        for number in range(CODE_EVERYWHERE.tries):
            assert not check_code(1, "000000", address=f"10.{number}.0.1")
        with pytest.raises(guard.TooManyTriesError):
            check_code(1, "000000", address="172.16.0.1")
        assert not check_code(1, "000000", device="dikenal")
