"""Every number, letter and counter is said with units that exist, in words people say."""

from __future__ import annotations

import re
from itertools import product
from string import ascii_uppercase

import pytest

from mpp.settings import ROOT
from tenants.queueing.speech import BELL, LANGUAGES, spoken_words, units_for

DIGITS = ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"]
COUNTER = {
    1: "satu", 9: "sembilan", 10: "sepuluh", 11: "sebelas", 12: "dua belas", 19: "sembilan belas", 20: "dua puluh",
    21: "dua puluh satu", 30: "tiga puluh", 99: "sembilan puluh sembilan", 100: "satu nol nol", 115: "satu satu lima",
}  # fmt: skip


def said(label: str, counter: int, language: str = "id") -> str:
    words = spoken_words(language)
    return " ".join(words[unit] for unit in units_for(label, counter, language))


def test_the_sentence_of_the_brief() -> None:
    assert said("A-012", 3) == "nomor antrean A nol satu dua silakan menuju loket tiga"
    assert said("A-012", 23, "en") == "queue number A zero one two please go to counter twenty three"


@pytest.mark.parametrize(("number", "words"), COUNTER.items())
def test_counters_are_said_as_numbers(number: int, words: str) -> None:
    assert said("B-001", number).partition("loket ")[2] == words


def test_every_counter_sounds_different_and_reads_back() -> None:
    values = {word: value for value, word in enumerate(DIGITS)}
    heard = set()
    for number in range(1, 100):
        words = said("A-1", number).partition("loket ")[2].split()
        heard.add(tuple(words))
        assert read_back(words, values) == number
    assert len(heard) == 99


def read_back(words: list[str], values: dict[str, int]) -> int:
    if words == ["sepuluh"]:
        return 10
    if words == ["sebelas"]:
        return 11
    if words[-1:] == ["belas"]:
        return 10 + values[words[0]]
    if words[1:2] == ["puluh"]:
        return 10 * values[words[0]] + (values[words[2]] if words[2:] else 0)
    return values[words[0]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_and_counter_has_its_units(language: str) -> None:
    words = spoken_words(language)
    prefixes = [*ascii_uppercase, *map("".join, product(ascii_uppercase, repeat=2))]
    assert len(prefixes) == 26 + 26 * 26
    for prefix in prefixes:
        units = units_for(f"{prefix}-090", 7, language)
        assert set(units) <= set(words)
        assert [words[unit] for unit in units[1 : 1 + len(prefix)]] == list(prefix)
    for number in range(1000):
        assert set(units_for(f"A-{number:03d}", 1, language)) <= set(words)
        if language == "id":
            assert units_for(f"A-{number:03d}", 1, "id")[2:5] == [DIGITS[int(d)] for d in f"{number:03d}"]
    for counter in range(1, 1000):
        assert set(units_for("A-001", counter, language)) <= set(words)


def test_english_counters_sound_different() -> None:
    assert len({tuple(units_for("A-001", counter, "en")) for counter in range(1, 1000)}) == 999


@pytest.mark.parametrize(
    ("label", "counter", "language"),
    [("", 1, "id"), ("A", 1, "id"), ("a-01", 1, "id"), ("ABC-01", 1, "id"), ("A-", 1, "id"), ("A-0x1", 1, "id"),
     ("A-012", 0, "id"), ("A-012", -3, "id"), ("A-012", 1, "jw"), ("A-\u0661", 1, "id"), ("A-012\n", 1, "id")],
)  # fmt: skip
def test_what_can_not_be_said_is_refused(label: str, counter: int, language: str) -> None:
    with pytest.raises(ValueError, match=re.escape(str(counter))):
        units_for(label, counter, language)


def test_every_unit_is_recorded_and_the_set_is_small() -> None:
    total = 0
    for language in LANGUAGES:
        files = {path.stem: path for path in (ROOT / "static/audio" / language).glob("*.ogg")}
        assert set(files) == set(spoken_words(language)) and BELL in files
        for path in files.values():
            assert path.read_bytes().startswith(b"OggS")
            total += path.stat().st_size
    assert total <= 500_000, total
