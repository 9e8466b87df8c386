"""What a prepared leak leaves on the operator's disk: whom to reach, the notice and the letter."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sqlalchemy.orm import Session

from mpp.privacy.leaks import Concerned, LeakPlace, to_institution, to_person
from mpp.privacy.models import LeakColumns


def write_files(
    session: Session, place: LeakPlace, leak: LeakColumns, found: Concerned, folder: Path
) -> Path:
    """Write the addresses (readable by their owner alone), the notice and the letter; return the folder."""
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    with _private(folder / "alamat.jsonl") as file:
        for address in place.addresses(session, found):
            file.write(json.dumps(address, ensure_ascii=False) + "\n")
    for name, text in (
        ("pemberitahuan.txt", to_person(place, leak) + "\n"),
        ("surat-lembaga.txt", to_institution(place, leak, found)),
    ):
        with _private(folder / name) as file:
            file.write(text)
    return folder


@contextmanager
def _private(path: Path) -> Iterator[TextIO]:
    """A file that nobody but its owner can ever have read."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(number, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        yield file
