"""Two people, one form: what was read is compared with what stands now before anything is overwritten."""

from __future__ import annotations

from hashlib import blake2b


class ChangedMeanwhileError(Exception):
    """Somebody else saved this between opening and saving; nothing was overwritten."""

    def __init__(self) -> None:
        super().__init__(
            "Orang lain mengubah data ini sesudah Anda membuka halaman. Isian Anda belum disimpan. "
            "Buka lagi halaman ini di tab lain, bandingkan, lalu simpan ulang."
        )


def fingerprint(*values: object) -> str:
    """Return a short mark of `values`, the same only while they are the same."""
    return blake2b(repr(values).encode(), digest_size=9).hexdigest()


def check_unchanged(seen: str, *values: object) -> None:
    """Raise ChangedMeanwhileError unless `seen` is the fingerprint of `values` as they stand now."""
    if seen != fingerprint(*values):
        raise ChangedMeanwhileError
