"""What a file is, judged by its bytes. The sender's name and type for it are never looked at."""

from __future__ import annotations

import enum

from mpp.storage.errors import FileRefusedError

MOST_BYTES = 10 * 1024 * 1024


class Kind(enum.StrEnum):
    """The kinds that are taken, by their media type."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"

    @property
    def ending(self) -> str:
        """The ending of a file name of this kind."""
        return {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}[self]


def sniff(data: bytes) -> Kind:
    """Return the kind of a file by its signature. Raises FileRefusedError for any other, empty or too large."""
    if not data:
        raise FileRefusedError("Berkas itu kosong. Pilih berkas lain.")
    if len(data) > MOST_BYTES:
        raise FileRefusedError(f"Berkas terlalu besar. Pilih berkas paling besar {MOST_BYTES // 2**20} MB.")
    if data.startswith(b"%PDF-"):
        return Kind.PDF
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind.WEBP
    raise FileRefusedError("Jenis berkas ini tidak diterima. Kirim foto (JPEG, PNG, WebP) atau PDF.")
