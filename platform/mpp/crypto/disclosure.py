"""Showing a covered value: an act of its own, with a purpose, in the audit log before the value leaves."""

from __future__ import annotations

import enum

from sqlalchemy.orm import Session

from mpp import audit

ACTION = "person.show"


class Why(enum.StrEnum):
    """For what somebody at work may look at a person's covered value. The person reads it in their own data."""

    CALL = "call"
    CHECK = "check"
    CORRECT = "correct"
    ASKED = "asked"


WHY_WORDS = {
    Why.CALL: "Menghubungi warga tentang nomornya",
    Why.CHECK: "Mencocokkan dengan berkas warga di loket",
    Why.CORRECT: "Membetulkan data yang salah",
    Why.ASKED: "Diminta warga yang bersangkutan",
}


class NoPurposeError(Exception):
    """Nobody said what the value is needed for; the text is for the person who asked."""

    def __init__(self) -> None:
        super().__init__("Pilih dahulu untuk apa data ini diperlukan.")


def purpose(text: str) -> Why:
    """Return the purpose that a form sent. Raises NoPurposeError."""
    try:
        return Why(text)
    except ValueError:
        raise NoPurposeError from None


def note(session: Session, *, subject: str, field: str, why: Why) -> None:
    """Write down that a value is being shown to the person at hand; the value itself is never written.

    `subject` is whose ("ticket:3"), `field` which ("phone"). In the transaction that reads the value: when this
    cannot be written, nothing is shown.
    """
    audit.record(session, action=ACTION, subject=subject, data={"field": field, "purpose": why.value})
