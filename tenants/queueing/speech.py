"""How a call is said aloud: which recorded units, in which order.

Pure: the display fetches and joins them, scripts/voice.py records the national ones from the same table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from string import ascii_uppercase
from types import MappingProxyType

# Numbers are said digit by digit, letters by name, counters as numbers ("loket dua puluh tiga").
LABEL = re.compile(r"([A-Z]{1,2})-?([0-9]{1,6})")
BELL = "bel"
LANGUAGES = ("id", "en")
# Counters from here on are said digit by digit.
SPOKEN_BELOW = 100

_ID_DIGITS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
_EN_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_EN_TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_EN_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# The name of a unit is also its file's; the text is what the national voice says.
_PHRASES = {
    "id": {"nomor-antrean": "nomor antrean", "silakan-menuju-loket": "silakan menuju loket"},
    "en": {"queue-number": "queue number", "please-go-to-counter": "please go to counter"},
}
_WORDS = {
    "id": (*_ID_DIGITS, "sepuluh", "sebelas", "belas", "puluh"),
    "en": (*_EN_DIGITS, *_EN_TEENS, *_EN_TENS),
}


def units_for(label: str, counter: int, language: str) -> list[str]:
    """Return the units that say `label` ("A-012") at counter number `counter`, without the bell.

    Raises ValueError for a label, counter or language that can't be said.
    """
    written = LABEL.fullmatch(label)
    if written is None or counter < 1 or language not in LANGUAGES:
        raise ValueError(f"{label} {counter} {language}")
    letters, digits = written.groups()
    number, to_counter = _PHRASES[language]
    return [
        number,
        *letters.lower(),
        *_digits(digits, language),
        to_counter,
        *(_number(counter, language) if counter < SPOKEN_BELOW else _digits(str(counter), language)),
    ]


def sample(language: str) -> list[str]:
    """Return the units of the sound test: "nomor antrean A nol satu dua, silakan menuju loket tiga"."""
    return units_for("A-012", 3, language)


@cache
def spoken_words(language: str) -> Mapping[str, str]:
    """Return every unit of a language with what is said in it; the bell says nothing."""
    letters = {letter.lower(): letter for letter in ascii_uppercase}
    words = {word: word for word in _WORDS[language]}
    return MappingProxyType({BELL: "", **_PHRASES[language], **letters, **words})


def _digits(text: str, language: str) -> list[str]:
    words = _ID_DIGITS if language == "id" else _EN_DIGITS
    return [words[int(digit)] for digit in text]


def _number(value: int, language: str) -> list[str]:
    """A number from 1 to 99 as words."""
    return _indonesian(value) if language == "id" else _english(value)


def _indonesian(value: int) -> list[str]:
    tens, ones = divmod(value, 10)
    if value == 10:
        return ["sepuluh"]
    if value == 11:
        return ["sebelas"]
    if tens == 0:
        return [_ID_DIGITS[ones]]
    if tens == 1:
        return [_ID_DIGITS[ones], "belas"]
    return [_ID_DIGITS[tens], "puluh", *([_ID_DIGITS[ones]] if ones else [])]


def _english(value: int) -> list[str]:
    tens, ones = divmod(value, 10)
    if tens == 0:
        return [_EN_DIGITS[ones]]
    if tens == 1:
        return [_EN_TEENS[ones]]
    return [_EN_TENS[tens - 2], *([_EN_DIGITS[ones]] if ones else [])]
