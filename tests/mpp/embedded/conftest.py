"""Folders for these tests: one that every user may enter, one that only its owner may."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mpp.embedded import privileges


@pytest.fixture
def reachable(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh folder below /tmp that others pass through, with `state` in it as `privileges.STATE`.

    pytest's own `tmp_path` lies in a folder of mode 0700, so for root it is the closed one.
    """
    folder = Path(tempfile.mkdtemp(prefix="mpp-test-"))
    folder.chmod(0o711)
    monkeypatch.setattr(privileges, "STATE", folder / "state")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def closed(reachable: Path) -> Path:
    """A folder of mode 0700 that belongs to us, such as /root."""
    folder = reachable / "closed"
    folder.mkdir(mode=0o700)
    return folder
