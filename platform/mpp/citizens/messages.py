"""Messages to citizens on their way: the outbox names them by id, the worker opens and sends them.

What is sealed in a message (a code, an address, a notice) is cleared once it is out. Outside production it stays
until the row is deleted, so that who tries the platform can read it on the page.
"""

from __future__ import annotations

import datetime as dt
import enum

from flask import current_app
from sqlalchemy.orm import Session

from mpp import outbox
from mpp.citizens.models import Citizen, CitizenMessage
from mpp.citizens.realm import nation
from mpp.observability import log
from mpp.settings import Settings

JOB = "citizens.message"


class Message(enum.StrEnum):
    """What is told."""

    CODE = "code"
    PHONE_CHANGED = "phone_changed"
    PHONE_WAITS = "phone_waits"
    RECOVERY_WAITS = "recovery_waits"
    PROOF_CHANGED = "proof_changed"
    EMAIL_CHANGED = "email_changed"
    CLOSED = "closed"
    ERASURE_WAITS = "erasure_waits"
    INVITED = "invited"
    LEAK = "leak"


# In plain Indonesian and without a name: whoever holds the telephone reads it on the lock screen.
WORDS = {
    Message.CODE: "Kode MPP Digital Anda: {secret}. Berlaku 5 menit. Petugas tidak pernah menanyakan kode ini.",
    Message.PHONE_CHANGED: "Nomor HP akun MPP Digital Anda sudah diganti. Bukan Anda? Masuk dengan kunci sandi, "
    "kata sandi, atau kode cadangan Anda, lalu ganti kembali.",
    Message.PHONE_WAITS: "Ada yang meminta mengganti nomor HP akun MPP Digital Anda. Berlaku dalam 3 hari. "
    "Bukan Anda? Batalkan: {secret}",
    Message.RECOVERY_WAITS: "Ada yang meminta menghapus kata sandi dan kunci sandi akun MPP Digital Anda. Berlaku "
    "dalam 14 hari. Bukan Anda? Batalkan: {secret}",
    Message.PROOF_CHANGED: "Cara masuk akun MPP Digital Anda diubah. Bukan Anda? Masuk, lalu buka Keamanan.",
    Message.EMAIL_CHANGED: "Alamat surel akun MPP Digital Anda diganti. Bukan Anda? Masuk, lalu buka Keamanan.",
    Message.CLOSED: "Akun MPP Digital Anda sudah ditutup.",
    Message.ERASURE_WAITS: "Ada yang meminta menghapus akun MPP Digital Anda. Berlaku dalam 7 hari. Bukan Anda? Masuk, "
    "buka Data saya, lalu batalkan.",
    Message.INVITED: "Ada undangan keluarga atau surat kuasa untuk nomor ini di MPP Digital. Masuk dengan nomor ini, "
    "lalu buka Keluarga atau Kuasa. Berlaku 14 hari. Tidak kenal? Abaikan saja.",
    # The whole notice: who has no account can read it nowhere else.
    Message.LEAK: "{secret}",
}


def post(session: Session, phone: str, message: Message, secret: str | None = None) -> CitizenMessage:
    """Promise that `phone` is told; return the row. `session` is the centre's, inside its write."""
    return _post(session, CitizenMessage(phone=phone, kind=message.value, secret=secret))


def tell(session: Session, citizen: Citizen, message: Message, secret: str | None = None) -> None:
    """Promise that an account's owner is told, by the number and by e-mail: the number may be in a thief's hands.

    One without either can't be told.
    """
    if citizen.phone is not None:
        post(session, citizen.phone, message, secret)
    if citizen.email is not None:
        _post(session, CitizenMessage(email=citizen.email, kind=message.value, secret=secret))


def _post(session: Session, row: CitizenMessage) -> CitizenMessage:
    session.add(row)
    session.flush()
    with nation():
        outbox.post(session, JOB, message_id=row.id)
    return row


def deliver(session: Session, message_id: int, settings: Settings) -> None:
    """Send one message; one that is out, or gone, is left alone."""
    row = session.get(CitizenMessage, message_id, with_for_update=True, populate_existing=True)
    if row is None or row.sent_at is not None:
        return
    send(row.phone or row.email or "", WORDS[Message(row.kind)].format(secret=row.secret or ""))
    row.sent_at = dt.datetime.now(tz=dt.UTC)
    if settings.production:
        row.secret = None


def send(to: str, words: str) -> None:
    """Hand a message for a number or an e-mail address to the channel.

    The only one now is the worker's console, which says that it was, and no more.
    """
    log.info("message to a citizen", channel="console", characters=len(words), addressed=bool(to))


def shown(row: CitizenMessage) -> str | None:
    """Return what is sealed in a message, for the page to show; None in production."""
    settings: Settings = current_app.settings  # type: ignore[attr-defined]  # our one kind of app
    return None if settings.production else row.secret
