"""What a screen shows of a person's numbers: enough to recognise one's own, too little to use another's."""

from __future__ import annotations

import re

DOT = "•"
NIK_DIGITS = 16
SHOWN_FIRST, SHOWN_LAST = 4, 2


def mask_nik(text: str | None) -> str:
    """Return a NIK or family-card number with its middle covered: 1375••••••••0001. Empty for none."""
    digits = re.sub(r"\D", "", text or "")
    if not digits:
        return ""
    if len(digits) != NIK_DIGITS:
        return DOT * len(digits)
    return f"{digits[:4]}{DOT * 8}{digits[-4:]}"


def mask_phone(text: str | None) -> str:
    """Return a telephone number with its middle covered: 0812-••••-•••12. Empty for none."""
    digits = _dialled(text)
    if not digits:
        return ""
    if len(digits) < SHOWN_FIRST + SHOWN_LAST + 3:
        return DOT * len(digits)
    covered = digits[:SHOWN_FIRST] + DOT * (len(digits) - SHOWN_FIRST - SHOWN_LAST) + digits[-SHOWN_LAST:]
    return _grouped(covered)


def whole_phone(text: str) -> str:
    """Return a telephone number as it is read out: 0812-9999-0012; a foreign one with its +."""
    return _grouped(_dialled(text)) if text.startswith(("+62", "62", "0")) else text


def _dialled(text: str | None) -> str:
    digits = re.sub(r"\D", "", text or "")
    return "0" + digits[2:] if digits.startswith("62") else digits


def _grouped(digits: str) -> str:
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def mask_name(text: str | None) -> str:
    """Return a name of which each word keeps its first letter: S••• R•••. Empty for none."""
    return " ".join(word[0] + DOT * 3 for word in (text or "").split())
