"""What screens call the things of a request."""

from __future__ import annotations

from tenants.privacy.models import RequestState

FIELD_WORDS = {
    "holder": "Nama pada nomor antrean",
    "phone": "Nomor HP pada nomor antrean",
    "other": "Hal lain tentang data saya",
}
STATE_WORDS = {
    RequestState.OPEN: "Menunggu keputusan",
    RequestState.GRANTED: "Dikabulkan",
    RequestState.REFUSED: "Ditolak",
    RequestState.WITHDRAWN: "Ditarik kembali",
}
STATE_KINDS = {
    RequestState.OPEN: "warning",
    RequestState.GRANTED: "success",
    RequestState.REFUSED: "danger",
    RequestState.WITHDRAWN: "muted",
}
