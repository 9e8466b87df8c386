"""PDF files: only those that do nothing but be read. They are kept as they came: redrawn, a signature would break."""

from __future__ import annotations

import os
import subprocess
import sys

from mpp.storage.errors import FileRefusedError
from mpp.storage.pdf_reader import REFUSED, SECONDS

WORDS = {
    "active": "PDF ini berisi program atau formulir aktif. Cetak menjadi PDF biasa, lalu kirim lagi.",
    "files": "PDF ini berisi berkas lain di dalamnya. Kirim berkas itu satu per satu.",
    "locked": "PDF ini dikunci kata sandi. Simpan tanpa kata sandi, lalu kirim lagi.",
    "long": "PDF ini terlalu panjang. Kirim hanya halaman yang diminta, paling banyak 300.",
    "broken": "PDF rusak dan tidak bisa dibaca. Simpan ulang, lalu kirim lagi.",
}


def check(data: bytes) -> None:
    """Raise FileRefusedError for a PDF with scripts, actions, files inside, a password, or broken structure."""
    # The parser meets hostile bytes in a process that has nothing: no settings, no keys, little memory and time.
    env = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PATH": os.defpath}
    try:
        done = subprocess.run(  # our own module by a fixed name; the file comes on standard input
            [sys.executable, "-m", "mpp.storage.pdf_reader"],
            input=data, capture_output=True, timeout=SECONDS * 2, check=False, env=env,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise FileRefusedError(WORDS["broken"]) from None
    if done.returncode == REFUSED:
        raise FileRefusedError(WORDS.get(done.stdout.decode(), WORDS["broken"]))
    if done.returncode != 0:
        raise FileRefusedError(WORDS["broken"])
