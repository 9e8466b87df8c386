"""Accounts of made-up people, for tests of what accounts do with each other."""

from __future__ import annotations

from mpp.citizens.sessions import start
from mpp.database.session import central_write
from mpp.web.flask import Platform
from tests.support.citizens import make_citizen

PHONES = {"Siti Contoh": "081299990101", "Budi Contoh": "081299990102", "Orang Asing": "081299990103"}


def account(app: Platform, name: str) -> int:
    """Make an account with the name's telephone; return its id."""
    return make_citizen(app, name, PHONES[name])


def browser_of(app: Platform, citizen_id: int) -> int:
    """Return the session of a browser in which the person has just proved who they are."""
    with app.app_context(), central_write() as session:
        return start(session, citizen_id, agent=None, address="127.0.0.1")[0]
