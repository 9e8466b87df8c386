"""Why the queue refuses something: one Indonesian line each, shown as it stands."""

from __future__ import annotations

import datetime as dt


class QueueError(Exception):
    """The queue refuses; the text says what happened and what to do next."""


class NotFoundError(QueueError):
    """No such ticket, counter or service in this region."""


class NotOfferedError(QueueError):
    """No number may be taken for this service now. `opens_at` is when the next one may, if known."""

    def __init__(self, message: str, opens_at: dt.datetime | None = None) -> None:
        super().__init__(message)
        self.opens_at = opens_at


class QuotaReachedError(NotOfferedError):
    """Today's tickets of this service are given out."""


class FormReusedError(QueueError):
    """The idempotency key is malformed or has already made a ticket of another service."""


class KeyTakenError(QueueError):
    """The idempotency key made a ticket while this transaction ran; its number must be given back."""


class OwnedError(QueueError):
    """The ticket belongs to another person's account."""


class BadHolderError(QueueError):
    """The name or initials can't be used."""


class BadPhoneError(QueueError):
    """The text is no telephone number."""


class IllegalMoveError(QueueError):
    """The ticket or counter is not in a state that allows this."""


class NotYourCounterError(QueueError):
    """The officer does not sit at this counter, or may not."""


class CounterTakenError(NotYourCounterError):
    """Another officer sits there: taking over must be said."""


class TooSoonError(QueueError):
    """Recalled within the minimum gap."""


class TooOftenError(QueueError):
    """Recalled as often as the hall allows."""


class NoReasonError(QueueError):
    """The act needs a reason; `field` names where it is said."""

    def __init__(self, message: str, field: str = "reason") -> None:
        super().__init__(message)
        self.field = field


class RuleValueError(QueueError):
    """A value of the rule is out of range; `field` names it."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


class LeaseError(QueueError):
    """The number does not belong to this device's block, or is used already."""
