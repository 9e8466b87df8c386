"""Known holes in what we depend on: `make audit` asks pip-audit for every package of the lock files.

pip-audit says "no known vulnerabilities" and ends well also when its source knows none of the packages. So the
source is first asked for a release whose holes everybody knows: one that doesn't know those is no source. Three
verdicts: clean, holes, and "could not be examined", which is never taken for clean: `make test` says it loudly, first
and last, and goes on (a machine without a line must be able to test); `make audit`, which a release needs, fails.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mpp.settings import ROOT

LOCKS = ("requirements/base.lock", "requirements/dev.lock")
SOURCES = ("pypi", "osv")
# Template injection and sandbox escapes of 2014 to 2019.
PROBE = "jinja2==2.4.1\n"
SECONDS = 900
# Holes that are known and stay for now: id: (why, until when this is looked at again).
ACCEPTED: dict[str, tuple[str, dt.date]] = {}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known: `source` None when nothing could be asked."""

    source: str | None = None
    examined: int = 0
    holes: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def sure(self) -> bool:
        """Whether every package was examined."""
        return self.source is not None and self.examined > 0 and not self.unknown

    def line(self, today: dt.date) -> str:
        """The verdict in one line."""
        if self.holes:
            return f"AUDIT PAKET: ADA CELAH: {'; '.join(self.holes)}"
        if self.source is None:
            return (
                "AUDIT PAKET: TIDAK DAPAT DIPERIKSA: tidak ada sumber celah yang terjangkau dari mesin ini. "
                "Jalankan `make audit` di mesin yang terhubung sebelum rilis."
            )
        if not self.sure:
            return f"AUDIT PAKET: TIDAK SEMUA DAPAT DIPERIKSA: {self.source} tidak mengenal {', '.join(self.unknown)}"
        return f"Audit paket: {self.examined} paket, tidak ada celah yang diketahui {self.source} per {today}"


def ask(source: str, *files: str) -> list[dict[str, Any]] | None:
    """Return what pip-audit says of each package of `files`, None when it has nothing to say."""
    named = [word for file in files for word in ("-r", file)]
    argv = [sys.executable, "-m", "pip_audit", "-s", source, "-f", "json", "--no-deps", "--disable-pip",
            "--timeout", "5", "--progress-spinner", "off", *named]  # fmt: skip
    try:
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError, OSError, subprocess.TimeoutExpired):
        return None
    return found


def examine() -> Verdict:
    """Ask the first source that is one for everything in the lock files."""
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder) / "probe.txt"
        probe.write_text(PROBE, encoding="utf-8")
        for source in SOURCES:
            if not any(package.get("vulns") for package in ask(source, str(probe)) or ()):
                continue
            found = ask(source, *LOCKS)
            if found is not None:
                return judge(source, found)
    return Verdict()


def judge(source: str, found: Sequence[dict[str, Any]], today: dt.date | None = None) -> Verdict:
    """Return the verdict over what a source said of each package."""
    today = today or dt.datetime.now(tz=dt.UTC).date()
    unknown = sorted({p["name"] for p in found if "skip_reason" in p})
    holes = sorted({hole for package in found for hole in _holes(package, today)})
    return Verdict(source, len(found) - len(unknown), holes, unknown)


def _holes(package: dict[str, Any], today: dt.date) -> Iterator[str]:
    for hole in package.get("vulns", ()):
        names = {hole["id"], *hole.get("aliases", ())}
        if any(name in ACCEPTED and ACCEPTED[name][1] >= today for name in names):
            continue
        mended = ", ".join(hole.get("fix_versions", ())) or "belum ada perbaikan"
        yield f"{package['name']} {package.get('version', '')} {hole['id']} ({mended})"


def main(arguments: Sequence[str]) -> int:
    """Print the verdict; 1 for holes, and with `--sure` also when not everything could be examined."""
    verdict = examine()
    print(verdict.line(dt.datetime.now(tz=dt.UTC).date()), file=sys.stderr if verdict.holes else sys.stdout)
    return 1 if verdict.holes or ("--sure" in arguments and not verdict.sure) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
