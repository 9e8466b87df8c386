"""Why a line of paper can't be typed back: one Indonesian line, and the field it belongs to."""

from __future__ import annotations

from tenants.queueing.errors import QueueError


class LineError(QueueError):
    """Something in a line is not possible; `field` names which part."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field
