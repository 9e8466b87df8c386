"""docs/security.md: every requirement of ASVS 5.0.0 levels 1 and 2 has a row, every test it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from mpp.settings import ROOT

# Sections of ASVS 5.0.0 and the last number in each that belongs to level 1 or 2; what is left out is level 3.
LAST = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4,
    "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4,
    "17.3": 2,
}  # fmt: skip
ROW = re.compile(r"^\| (\d+\.\d+\.\d+[^|]*) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NUMBERS = re.compile(r"(\d+\.\d+)\.(\d+)(?:-\1\.(\d+))?")
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
REASON = re.compile(r"\b(doc|code|operator|none|short|mypy)\b")


def rows() -> list[tuple[list[str], str]]:
    found = []
    for numbers, _what, proof in ROW.findall((ROOT / "docs/security.md").read_text()):
        meant = [
            f"{section}.{n}"
            for section, first, last in NUMBERS.findall(numbers)
            for n in range(int(first), int(last or first) + 1)
        ]
        found.append((meant, proof))
    return found


@cache
def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_no_requirement_is_missing_and_none_stands_twice() -> None:
    wanted = [f"{section}.{n}" for section, last in LAST.items() for n in range(1, last + 1)]
    assert len(wanted) == 253
    listed = [number for numbers, _proof in rows() for number in numbers]
    assert sorted(set(wanted) - set(listed)) == []
    assert sorted(number for number in set(listed) if listed.count(number) > 1) == []
    assert len(listed) == 253


def test_every_row_has_its_test_or_its_reason() -> None:
    assert [
        numbers for numbers, proof in rows() if not NAMED.search(proof) and not REASON.search(proof)
    ] == []


def test_every_test_that_is_named_exists() -> None:
    text = (ROOT / "docs/security.md").read_text()
    named = NAMED.findall(text)
    assert len(named) > 150
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / "tests" / path).exists() or name not in names_in(ROOT / "tests" / path)
    ]
    assert sorted(set(missing)) == []
