"""What somebody agrees to who signs in at a region for the first time: its wording, and the version that was shown.

Source of the duties: UU 27/2022 tentang Pelindungan Data Pribadi, Pasal 5-13 (rights of the person), 20 (bases of
processing, among them consent), 21 (what must be told before it).
"""

from __future__ import annotations

from dataclasses import dataclass

from mpp.i18n import gettext as _

# A new wording gets a new version; whoever agreed to an older one is asked again.
VERSION = "2026-11"
SOURCE = "UU 27/2022"


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of data that the region gets, and for what."""

    icon: str
    what: str
    why: str


def items() -> list[Item]:
    """Return what the region always gets."""
    return [
        Item("user", _("Nama lengkap"), _("Agar petugas tahu siapa yang dilayani.")),
        Item("phone", _("Nomor HP"), _("Untuk mengabari Anda tentang antrean dan urusan Anda.")),
        Item(
            "ticket",
            _("Catatan urusan Anda di sini"),
            _("Nomor antrean yang Anda ambil saat masuk, agar bisa Anda buka lagi."),
        ),
    ]


def never() -> list[str]:
    """Return what the region does not get, though somebody may fear it."""
    return [
        _("Kata sandi dan kode masuk Anda."),
        _("Daerah lain yang Anda datangi, dan urusan Anda di sana."),
        _("Nomor akun nasional Anda: daerah ini mengenal Anda dengan tanda yang hanya berlaku di sini."),
    ]
