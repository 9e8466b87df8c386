"""Secrets of a device: the one-time code somebody types, and the signed token its browser keeps."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets

from itsdangerous import BadSignature, Signer

from mpp.tenancy.region import current_region
from mpp.web.flask import platform_app

# No look-alikes, as on tickets: 8 of 30 signs are 39 bits, for 15 minutes and ten tries an address.
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
CODE_LIFE = dt.timedelta(minutes=15)


def new_code() -> str:
    """Return a fresh enrolment code."""
    return "".join(secrets.choice(CODE_SIGNS) for _sign in range(CODE_LENGTH))


def shown_code(code: str) -> str:
    """Return a code as it is read out: "ABCD-EFGH"."""
    return f"{code[:4]}-{code[4:]}"


def code_hash(text: str) -> str:
    """Return the keyed hash of a code as it may have been typed."""
    typed = re.sub(r"[\s-]", "", text).upper()[:64]
    return hmac.new(_key(), f"code:{current_region().id}:{typed}".encode(), hashlib.sha256).hexdigest()


def new_token(device_id: int, epoch: int) -> str:
    """Return a token that only this region takes for this device, until its epoch is raised."""
    return _signer().sign(f"{device_id}.{epoch}.{secrets.token_urlsafe(24)}").decode()


def read_token(token: str) -> tuple[int, int] | None:
    """Return (device id, epoch) of a token that this region has signed, None for anything else."""
    try:
        text = _signer().unsign(token).decode()
    except (BadSignature, UnicodeDecodeError):
        return None
    device_id, epoch, _random = text.split(".", 2)
    return int(device_id), int(epoch)


def token_hash(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _signer() -> Signer:
    # The salt names the region: another region's token is noise here.
    return Signer(_key(), salt=f"device:{current_region().id}", digest_method=hashlib.sha256)


def _key() -> bytes:
    return platform_app().settings.secret_key.encode()
