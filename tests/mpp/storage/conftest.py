"""A store of files in a folder, and the scanner."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from mpp.settings import Settings
from tests.support.files import Scanner, scanning


@pytest.fixture
def scanner() -> Iterator[Scanner]:
    with scanning() as server:
        yield server


@pytest.fixture
def stored(settings: Settings, tmp_path: Path) -> Settings:
    return dataclasses.replace(settings, storage_url=f"file://{tmp_path}/files")
