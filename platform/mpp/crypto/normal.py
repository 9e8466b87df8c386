"""One way of writing for each kind of number, so that the same person is found however it was typed."""

from __future__ import annotations

import re

import phonenumbers


def digits(text: str) -> str:
    """Return the digits of a NIK or family-card number."""
    return re.sub(r"\D", "", text)


def phone(text: str) -> str:
    """Return a telephone number as +62…; what is none is returned folded, and then meets nothing."""
    try:
        number = phonenumbers.parse(text, "ID")
    except phonenumbers.NumberParseException:
        return " ".join(text.split())
    written: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written


def words(text: str) -> str:
    """Return text folded for comparison: case and white space do not count."""
    return " ".join(text.split()).casefold()
