"""Passwords that everybody tries are refused; sentences of one's own are not."""

from __future__ import annotations

import time

import pytest

from mpp.accounts.models import CentralStaff, Role, Staff
from mpp.accounts.passwords import SHORTEST_ALONE, SHORTEST_BESIDE, is_common, shortest, weakness
from mpp.tenancy.region import Region, region_context

NAMES = ("siti.rahma@bukittinggikota.go.id", "Siti Rahma")
BUKITTINGGI = Region(
    1, "13.75", "bukittinggi", "Kota Bukittinggi", "kota", "Sumatera Barat", "region_1", "r1", "Asia/Jakarta"
)


@pytest.mark.parametrize(
    "password",
    [
        "password12345678", "Bismillah12345678", "sayangsayangsayang", "rahasia!rahasia!", "123456789012345678",
        "qwertyuiopasdfghjkl", "bukittinggi-2026-2026", "Sumatera Barat 2026", "siti.rahma@bukittinggikota.go.id",
        "SITI RAHMA 1990 1990", "sitirahma12345678", "indonesia merdeka", "abababababababab", "17081945170819450000",
        "katasandi katasandi 1", "bukittinggi sayang 1",
        # The same in the wide letters of an East Asian keyboard.
        "".join(chr(ord(sign) + 0xFEE0) for sign in "PASSWORD12345678"),
    ],
)  # fmt: skip
def test_what_everybody_tries_is_refused(password: str) -> None:
    with region_context(BUKITTINGGI):
        assert weakness(password, NAMES) is not None


@pytest.mark.parametrize(
    "password",
    [
        "empat kata yang panjang", "kopi pahit di teras biru", "Jam Gadang kemarin hujan", "x8!kQz-2mP@vT4#LrW9",
        "siti memanjat pohon mangga", "ikan hiu makan tomat", "كلمات لا يعرفها غيري",
    ],
)  # fmt: skip
def test_what_is_ones_own_is_taken(password: str) -> None:
    with region_context(BUKITTINGGI):
        assert weakness(password, NAMES) is None


def test_length_hangs_on_the_second_factor() -> None:
    """NIST SP 800-63B-4, 3.1.1.2: 15 where the password is all that is asked."""
    people = [Staff(role=role.value) for role in Role if role is not Role.ADMIN]
    assert {shortest(person) for person in people} == {SHORTEST_ALONE} == {15}
    assert shortest(Staff(role=Role.ADMIN.value)) == shortest(CentralStaff()) == SHORTEST_BESIDE == 12
    assert "15" in (weakness("kopi pahit di", NAMES) or "") and weakness("kopi pahit di", NAMES, 12) is None
    assert "200" in (weakness("kopi pahit " * 30, NAMES) or "")


def test_the_lists_are_there_and_quick() -> None:
    assert is_common("123456") and is_common("bismillah") and is_common("pelayananpublik")
    assert not is_common("") and not is_common("kopi pahit")
    began = time.perf_counter()
    for number in range(100):
        is_common(f"tidak-ada-{number}")
    # A hash of argon2 takes some 30 ms; the list may not be felt beside it.
    assert (time.perf_counter() - began) / 100 < 0.002
