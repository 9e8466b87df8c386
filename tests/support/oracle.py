"""Who may do what, read off the columns of the table once more: a walk that asked the guard itself would agree with it.

The rules here are those that docs/permissions.md says above its table, not those of the code that lets people in.
"""

from __future__ import annotations

from dataclasses import dataclass

from mpp.accounts.models import Role
from mpp.accounts.permissions import Grant
from mpp.support.models import Level


@dataclass(frozen=True, slots=True)
class Somebody:
    """One of the cast. At most one of `role`, `level`, `device`, `citizen`, `central` is set; none: a stranger."""

    role: Role | None = None
    placed: bool = False
    level: Level | None = None
    device: str | None = None
    citizen: bool = False
    central: bool = False


def stated(grant: Grant, who: Somebody) -> bool:
    """Whether the table gives an act to somebody, limits of place aside."""
    if who.level is not None:
        # "look" reads, "change" does what reading does and more; what anybody may do only where a column says so.
        return grant.support is Level.LOOK or (grant.support is Level.CHANGE and who.level is Level.CHANGE)
    columns = [
        grant.public,
        grant.device is not None and grant.device == who.device,
        grant.citizen and who.citizen,
        grant.central and who.central,
        who.role in grant.roles and (grant.placed or not who.placed),
    ]
    return any(columns)
