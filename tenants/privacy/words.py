"""What screens call the things of a request."""

from __future__ import annotations

from mpp.crypto import disclosure
from mpp.storage.kinds import Kind
from tenants.privacy.models import RequestState

FIELD_WORDS = {
    "holder": "Nama pada nomor antrean",
    "phone": "Nomor HP pada nomor antrean",
    "other": "Hal lain tentang data saya",
}
FILE_WORDS = {Kind.PDF: "PDF", Kind.JPEG: "Foto", Kind.PNG: "Foto", Kind.WEBP: "Foto"}
# For what the desk looks at a person or a document of theirs: the wish itself, or because the owner asks.
WHY_WORDS = {why: disclosure.WHY_WORDS[why] for why in (disclosure.Why.CORRECT, disclosure.Why.ASKED)}
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
