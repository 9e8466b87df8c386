"""The audit of packages never takes silence for a clean bill."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from mpp.settings import ROOT
from tests.support import audit

TODAY = dt.date(2026, 11, 24)
HOLE = {"id": "PYSEC-2099-1", "aliases": ["CVE-2099-1"], "fix_versions": ["9.9"]}
CLEAN: list[dict[str, Any]] = [{"name": "flask", "version": "3.1.3", "vulns": []}]
SILENT: list[dict[str, Any]] = [{"name": "flask", "skip_reason": "not found"}]
KNOWN: list[dict[str, Any]] = [{"name": "jinja2", "version": "2.4.1", "vulns": [HOLE]}]
Answers = dict[tuple[str, bool], list[dict[str, Any]] | None]


def run(monkeypatch: pytest.MonkeyPatch, answers: Answers, *arguments: str) -> int:
    """The audit with these answers, by source and whether it was the probe."""
    monkeypatch.setattr(
        audit, "ask", lambda source, *files: answers.get((source, files[0] not in audit.LOCKS))
    )
    return audit.main(arguments)


@pytest.mark.parametrize(
    ("answers", "words", "soft", "sure"),
    [
        ({("pypi", True): KNOWN, ("pypi", False): CLEAN}, "tidak ada celah yang diketahui pypi", 0, 0),
        ({("osv", True): KNOWN, ("osv", False): CLEAN}, "tidak ada celah yang diketahui osv", 0, 0),
        # The source answers, ends well, and knows nothing: not even what everybody knows.
        ({("pypi", True): SILENT, ("pypi", False): SILENT}, "TIDAK DAPAT DIPERIKSA", 0, 1),
        ({("pypi", True): [], ("pypi", False): CLEAN}, "TIDAK DAPAT DIPERIKSA", 0, 1),
        ({}, "TIDAK DAPAT DIPERIKSA", 0, 1),
        ({("pypi", True): KNOWN, ("pypi", False): None}, "TIDAK DAPAT DIPERIKSA", 0, 1),
        ({("pypi", True): KNOWN, ("pypi", False): []}, "TIDAK SEMUA DAPAT DIPERIKSA", 0, 1),
        ({("pypi", True): KNOWN, ("pypi", False): [*CLEAN, *SILENT]}, "pypi tidak mengenal flask", 0, 1),
        ({("pypi", True): KNOWN, ("pypi", False): KNOWN}, "ADA CELAH: jinja2 2.4.1 PYSEC-2099-1 (9.9)", 1, 1),
        ({("pypi", True): KNOWN, ("pypi", False): [*KNOWN, *SILENT]}, "ADA CELAH", 1, 1),
    ],
)
def test_verdicts(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answers: Answers,
    words: str,
    soft: int,
    sure: int,
) -> None:
    assert run(monkeypatch, answers) == soft
    assert run(monkeypatch, answers, "--sure") == sure
    assert "".join(capsys.readouterr()).count(words) == 2


def test_a_hole_is_accepted_for_a_time_and_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "ACCEPTED", {"CVE-2099-1": ("not reachable from outside", TODAY)})
    assert audit.judge("pypi", KNOWN, TODAY).holes == []
    assert audit.judge("pypi", KNOWN, TODAY + dt.timedelta(days=1)).holes != []
    for why, until in audit.ACCEPTED.values():
        assert why and until


def test_what_cannot_be_asked_says_nothing() -> None:
    """The real program with a source that is none: no line leaves this machine."""
    assert audit.ask("no-such-source", "requirements/base.lock") is None


def test_make_test_says_it_and_make_audit_insists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    test = re.search(r"^test: .*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    alone = re.search(r"^audit: .*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert test and test[1].count("AUDITED") == 2
    assert alone and "--sure" in alone[1] and "||" not in alone[1]
