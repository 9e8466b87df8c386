"""The one table of who may do what, role by action. Blueprints name actions; docs/permissions.md is printed from it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from mpp.accounts.models import Role


class Action(enum.StrEnum):
    """Everything a page or form of the platform is for."""

    VISIT = "visit"
    KIOSK = "kiosk.use"
    OWN_ACCOUNT = "account.own"
    SERVE = "counter.serve"
    RECEIVE = "reception.receive"
    PHONE_SHOW = "phone.show"
    TODAY_SEE = "today.see"
    ALERT_ANSWER = "alert.answer"
    SERVICES_SEE = "services.see"
    SERVICES_CHANGE = "services.change"
    HALLS_SEE = "halls.see"
    HALL_CHANGE = "hall.change"
    HALLS_ADD = "halls.add"
    STAFF_SEE = "staff.see"
    STAFF_CHANGE = "staff.change"
    AUDIT_SEE = "audit.see"
    PORTAL_SEE = "portal.see"
    PORTAL_CHANGE = "portal.change"
    REGION_MANAGE = "region.manage"
    DEVICES = "devices.change"
    VOICE = "voice.change"
    CENTRE_SEE = "centre.see"
    CENTRE_REGIONS = "centre.regions"
    CENTRE_CATALOGUE = "centre.catalogue"
    CENTRE_ACCOUNT = "centre.account"


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may do one thing. `words` say it in the printed table."""

    words: str
    roles: frozenset[Role] = frozenset()
    public: bool = False
    central: bool = False
    # The kind of an enrolled machine; then the person signed in, if any, does not count.
    device: str | None = None
    # Whether people limited to one hall or agency may do it too, inside their limits.
    placed: bool = False


ADMIN = frozenset({Role.ADMIN})
LOOKERS = frozenset({Role.ADMIN, Role.READER})

GRANTS: dict[Action, Grant] = {
    Action.VISIT: Grant("read the portal, take and follow a number, reach a sign-in page", public=True),
    Action.KIOSK: Grant("give numbers at a self-service machine", device="kiosk"),
    Action.OWN_ACCOUNT: Grant("own password, second factor and sessions", roles=frozenset(Role), placed=True),
    Action.SERVE: Grant(
        "sit at a counter, call and serve; officers at counters given to them by name, agency officers at those "
        "of their agency",
        roles=frozenset({Role.ADMIN, Role.OFFICER, Role.AGENCY_OFFICER}),
        placed=True,
    ),
    Action.RECEIVE: Grant(
        "give numbers at the desk, look numbers up, take people back, answer calls for help, print and type back paper",
        roles=frozenset({Role.ADMIN, Role.RECEPTIONIST}),
        placed=True,
    ),
    Action.PHONE_SHOW: Grant(
        "see a person's telephone number, each time with a purpose that is written down; officers of whom their own "
        "counter has called",
        roles=frozenset({Role.ADMIN, Role.OFFICER, Role.AGENCY_OFFICER, Role.RECEPTIONIST}),
        placed=True,
    ),
    Action.TODAY_SEE: Grant("see the day's numbers", roles=LOOKERS, placed=True),
    Action.ALERT_ANSWER: Grant("answer a call for help from a counter", roles=ADMIN, placed=True),
    Action.SERVICES_SEE: Grant("see the region's services and their local terms", roles=LOOKERS, placed=True),
    Action.SERVICES_CHANGE: Grant("change services and their local terms", roles=ADMIN),
    Action.HALLS_SEE: Grant("see halls, counters, hours and the queue rule", roles=LOOKERS, placed=True),
    Action.HALL_CHANGE: Grant(
        "change one hall: hours, closures, agencies, counters, the queue rule", roles=ADMIN, placed=True
    ),
    Action.HALLS_ADD: Grant("add a hall", roles=ADMIN),
    Action.STAFF_SEE: Grant("see the staff, their sessions and open invitations", roles=ADMIN),
    Action.STAFF_CHANGE: Grant("invite, change, sign out and shut out staff", roles=ADMIN),
    Action.AUDIT_SEE: Grant("read the audit log", roles=ADMIN),
    Action.PORTAL_SEE: Grant("see the portal's look, drafts and announcements", roles=LOOKERS),
    Action.PORTAL_CHANGE: Grant("change the portal's look and announcements", roles=ADMIN),
    Action.DEVICES: Grant("enrol, set up, try and shut out kiosks, displays and printers", roles=ADMIN),
    Action.VOICE: Grant("replace the voice that calls numbers", roles=ADMIN),
    Action.REGION_MANAGE: Grant("everything else of the region's desk", roles=ADMIN),
    Action.CENTRE_SEE: Grant("see regions, the national catalogue and the centre's log", central=True),
    Action.CENTRE_REGIONS: Grant("add, suspend and name regions", central=True),
    Action.CENTRE_CATALOGUE: Grant("change the national catalogue", central=True),
    Action.CENTRE_ACCOUNT: Grant("own password, second factor and sessions at the centre", central=True),
}


def may(user: object, action: Action) -> bool:
    """Whether `user` (a person as Flask-Login knows it, or a machine) may do `action`, limits of place aside."""
    grant = GRANTS[action]
    if grant.public:
        return True
    kind = getattr(user, "kind", None)
    if grant.device is not None:
        return bool(kind == grant.device)
    if grant.central:
        return bool(kind == "central")
    if kind != "staff" or getattr(user, "role", None) not in grant.roles:
        return False
    return grant.placed or not getattr(user, "limited", False)
