"""Names, numbers and addresses as people really bear them."""

from __future__ import annotations

import pytest

from mpp.accounts.service import AccountError
from mpp.citizens.person import clean_email, clean_name, clean_number, clean_phone, nik_doubts


@pytest.mark.parametrize(
    "name",
    [
        "Suharto",
        "Ma'ruf",
        "Dt. Rajo Endah, S.Kom.",
        "H. Ahmad bin Umar",
        "Sutan M. Said",
        "Nur'aini A/P",
        "Siti-Ani",
        "Éka",
    ],
)
def test_names_that_people_bear_are_taken(name: str) -> None:
    assert clean_name(name) == name


def test_names_stand_on_one_line() -> None:
    assert clean_name("  Siti\n  Aminah ") == "Siti Aminah"
    assert clean_name("Ma\u2019ruf") == "Ma'ruf"


@pytest.mark.parametrize(
    "name", ["", " ", "'", "<b>x</b>", "R2D2", "a" * 101, "Si\x00ti", "Si\u202eti", None]
)
def test_what_no_name_holds_is_refused(name: str | None) -> None:
    with pytest.raises(AccountError):
        clean_name(name)


@pytest.mark.parametrize(
    "text", ["0812-9999-0012", "62 812 9999 0012", "+62 81299990012", "(0812) 9999.0012"]
)
def test_one_number_however_it_is_written(text: str) -> None:
    assert clean_phone(text) == "+6281299990012"


@pytest.mark.parametrize("text", ["", None, "0752 21333", "112", "0812", "abc", "0812-9999-0012-0012"])
def test_what_is_no_mobile_number_is_refused(text: str | None) -> None:
    with pytest.raises(AccountError):
        clean_phone(text)


@pytest.mark.parametrize(
    ("nik", "doubts"),
    [
        ("1375011505900001", 0), ("1375015505900001", 0), ("1375012902000001", 0), ("", 0), (None, 0),
        ("9971011505900001", 1), ("1375013002850001", 1), ("1375017105850001", 0), ("1375017205850001", 1),
        ("1375011513850001", 1), ("1375011505900000", 1), ("1300011505900001", 1), ("13750115059000", 1),
        ("9999999999990000", 3),
    ],
)  # fmt: skip
def test_odd_niks_are_doubted(nik: str | None, doubts: int) -> None:
    assert len(nik_doubts(nik)) == doubts


def test_a_nik_is_compared_with_the_year_of_birth_where_one_is_known() -> None:
    assert nik_doubts("1375011505900001", 1990) == []
    assert len(nik_doubts("1375011505900001", 1991)) == 1


def test_numbers_are_digits() -> None:
    assert clean_number("1375 0115.0590-0001") == "1375011505900001"
    assert clean_number("  ") is None
    for text in ("13x", "1" * 21, "\u0661" * 16):
        with pytest.raises(AccountError):
            clean_number(text)


def test_addresses() -> None:
    assert clean_email(" adi@surel.contoh ") == "adi@surel.contoh"
    assert clean_email("") is None
    for text in ("adi", "a@b", "a b@c.id", "a@-c.id", "<a@c.id>", "a@c..id"):
        with pytest.raises(AccountError):
            clean_email(text)
