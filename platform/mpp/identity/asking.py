"""What a client asks of the sign-in itself: `prompt`, `max_age` and `acr_values` of OpenID Connect Core 1.0, 3.1.2.1.

One level is known, OWNER: the person has lately given what a change of the account asks for (mpp.citizens.proofs),
which for an account with a password or passkey is more than a code to the telephone.

A sign-in counts as new when it came after the request. So the request goes through the sign-in page with a mark of
when it first came, signed and good for its own nonce; without it who was just asked would be asked for ever.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.core.errors import ConsentRequiredError, LoginRequiredError
from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import func, select

from mpp.database.session import central_read

# What the request carries through the sign-in page, beside its own words.
MARK = "sejak"
# The level as `acr_values` asks for it and the id token's `acr` names it.
OWNER = "urn:mpp:owner"
AGAIN = frozenset({"login", "select_account"})
# Answered to the client by the letter of 3.1.2.6. All else that is wrong with a request is shown to the person.
NOT_NOW = (LoginRequiredError, ConsentRequiredError)


def must_sign_in(words: Mapping[str, str], auth_time: dt.datetime | None, redirect_uri: str) -> bool:
    """Whether the person has to sign in, for the first time or again, before a code is given out.

    `words` are the request's; `auth_time` is when the person last proved who they are, None for nobody. Raises
    InvalidRequestError; LoginRequiredError where the client wants no page and none can be spared; ConsentRequiredError
    where it wants consent asked for here: regions ask for it themselves.
    """
    # Values nobody has defined yet are left alone: so the standard wants it.
    prompts, age = set(words.get("prompt", "").split()), _max_age(words.get("max_age"))
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("'none' stands alone in 'prompt'")
    if "consent" in prompts:
        raise ConsentRequiredError(redirect_uri=redirect_uri)
    if not _enough(auth_time, bool(prompts & AGAIN), age, _first_came(words)):
        if "none" in prompts:
            raise LoginRequiredError(redirect_uri=redirect_uri)
        return True
    return False


def wants_owner(words: Mapping[str, str]) -> bool:
    """Whether the client asks for a proof that the owner is here, where a page may be shown for it."""
    return OWNER in words.get("acr_values", "").split() and "none" not in words.get("prompt", "").split()


def mark(words: Mapping[str, str]) -> str:
    """Return the mark of a request: that of before, or of now by the database's clock, which dates proofs too."""
    if _first_came(words) is not None:
        return words[MARK]
    with central_read() as session:
        now: dt.datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return str(_signer().dumps([words.get("nonce", ""), now.isoformat()]))


def _enough(
    auth_time: dt.datetime | None, again: bool, age: dt.timedelta | None, first_came: dt.datetime | None
) -> bool:
    if auth_time is None:
        return False
    if first_came is not None and auth_time >= first_came:
        return True
    return not again and (age is None or dt.datetime.now(tz=dt.UTC) - auth_time <= age)


def _max_age(text: str | None) -> dt.timedelta | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidRequestError("'max_age' is a number of seconds")
    return dt.timedelta(seconds=int(text))


def _first_came(words: Mapping[str, str]) -> dt.datetime | None:
    try:
        nonce, at = _signer().loads(words.get(MARK, ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return dt.datetime.fromisoformat(at) if nonce == words.get("nonce") else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="oidc: when a request first came")
