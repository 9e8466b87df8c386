"""docs/privacy.md: the record of processing (Pasal 31 UU 27/2022), printed from the list that the platform runs by."""

from __future__ import annotations

from collections.abc import Iterator

from mpp.privacy.kinds import Kind, Whose, all_kinds
from mpp.settings import ROOT

DOCUMENT = ROOT / "docs" / "privacy.md"
HEAD = """# Data pribadi yang disimpan

Dicetak oleh `mpp privacy document --write` dari `mpp/privacy/kinds.py` dan daftar jenis di `mpp/privacy/national.py`,
`mpp/privacy/workplace.py`, dan `tenants/*/records.py`; satu uji menjaga agar sama, dan satu uji menelusuri setiap
tabel: kolom tentang orang yang tidak ada di daftar ini menggagalkannya.

Ini rekaman kegiatan pemrosesan menurut Pasal 31 UU 27/2022. “Kebijakan platform” berarti: bukan kewajiban
undang-undang, dan dapat diubah. Tanggal dan jam memakai zona daerah.
"""


def document() -> str:
    """Return the whole document, as Markdown."""
    parts = [HEAD]
    for whose, title in ((Whose.CITIZEN, "Tentang warga"), (Whose.STAFF, "Tentang petugas")):
        kinds = [kind for kind in all_kinds() if kind.whose is whose]
        parts.append(f"## {title}\n")
        parts += ["| jenis | berapa lama | saat Anda minta dihapus |", "|---|---|---|"]
        parts += [f"| {k.name} | {k.until} | {k.erasure.value} |" for k in kinds]
        parts += ["", *(line for kind in kinds for line in _kind(kind))]
    return "\n".join(parts).rstrip() + "\n"


def _kind(kind: Kind) -> Iterator[str]:
    yield f"### {kind.name}\n"
    yield f"`{kind.key}` · {'pusat' if kind.national else 'daerah'}\n"
    yield f"- untuk: {kind.purpose}"
    yield f"- dasar: {kind.basis}"
    yield f"- dari: {kind.origin}"
    yield f"- penerima: {kind.receivers}"
    ended = f"; pekerjaan `{kind.ended_by}`" if kind.ended_by else ""
    yield f"- disimpan: {kind.until}{ended}. {kind.why} ({kind.source})"
    yield f"- saat diminta dihapus: {kind.erasure.value}. {kind.erasure_words}"
    for table, columns in kind.columns.items():
        yield f"- `{table}`: {', '.join(f'`{column}`' for column in columns)}"
    yield ""
