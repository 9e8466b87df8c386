"""Why a profile can't be made or used: one line each, shown as it stands."""

from __future__ import annotations


class PeopleError(Exception):
    """The region refuses; the text says what happened and what to do next."""


class NoProfileError(PeopleError):
    """No living profile with this id in this region."""
