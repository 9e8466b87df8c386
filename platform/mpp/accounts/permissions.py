"""The one table of who may do what, role by action. Blueprints name actions; docs/permissions.md is printed from it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from mpp.accounts.models import Role
from mpp.support.models import Level


class Action(enum.StrEnum):
    """Everything a page or form of the platform is for."""

    VISIT = "visit"
    SEND = "visit.send"
    KIOSK = "kiosk.use"
    CITIZEN = "citizen.own"
    OWN_ACCOUNT = "account.own"
    SERVE = "counter.serve"
    RECEIVE = "reception.receive"
    HELP = "helping.help"
    PHONE_SHOW = "phone.show"
    TODAY_SEE = "today.see"
    SERVICES_SEE = "services.see"
    SERVICES_CHANGE = "services.change"
    HALLS_SEE = "halls.see"
    HALL_CHANGE = "hall.change"
    HALLS_ADD = "halls.add"
    STAFF_SEE = "staff.see"
    STAFF_CHANGE = "staff.change"
    AUDIT_SEE = "audit.see"
    RIGHTS_DECIDE = "rights.decide"
    PORTAL_SEE = "portal.see"
    PORTAL_CHANGE = "portal.change"
    DEVICES_SEE = "devices.see"
    DEVICES_CHANGE = "devices.change"
    SUPPORT_SEE = "support.see"
    SUPPORT_CHANGE = "support.change"
    SUPPORT_OWN = "support.own"
    REGION_MANAGE = "region.manage"
    CENTRE_SEE = "centre.see"
    CENTRE_REGIONS = "centre.regions"
    CENTRE_CATALOGUE = "centre.catalogue"
    CENTRE_STAFF_SEE = "centre.staff_see"
    CENTRE_STAFF_CHANGE = "centre.staff_change"
    CENTRE_SUPPORT = "centre.support"
    CENTRE_ACCOUNT = "centre.account"


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may do one thing. `words` say it in the printed table."""

    words: str
    roles: frozenset[Role] = frozenset()
    public: bool = False
    central: bool = False
    citizen: bool = False
    # The kind of an enrolled machine; then the person signed in, if any, does not count.
    device: str | None = None
    # Whether people limited to one hall or agency may do it too, inside their limits.
    placed: bool = False
    # What somebody of the centre must have been given to do it during a support access; None: never.
    support: Level | None = None


ADMIN = frozenset({Role.ADMIN})
LOOKERS = frozenset({Role.ADMIN, Role.READER})
LOOK, CHANGE = Level.LOOK, Level.CHANGE

GRANTS: dict[Action, Grant] = {
    Action.VISIT: Grant(
        "read the portal, follow a number, reach a sign-in page, sign out", public=True, support=LOOK
    ),
    # Not during a support access, of whatever level: who comes to help is nobody's guest there.
    Action.SEND: Grant(
        "send a form that is open to anybody: take and give back a number, ask for one's own data, sign in",
        public=True,
    ),
    Action.KIOSK: Grant("give numbers at a self-service machine", device="kiosk"),
    Action.CITIZEN: Grant("everything that is one's own: account, data, family, tickets", citizen=True),
    Action.OWN_ACCOUNT: Grant("own password, second factor and sessions", roles=frozenset(Role), placed=True),
    Action.SERVE: Grant(
        "sit at a counter, call and serve; officers at counters given to them by name, agency officers at those "
        "of their agency",
        roles=frozenset({Role.ADMIN, Role.OFFICER, Role.AGENCY_OFFICER}),
        placed=True,
    ),
    Action.RECEIVE: Grant(
        "give numbers at the desk and print them, note who has come, look numbers up, take people back, answer calls "
        "for help, print and type back paper",
        roles=frozenset({Role.ADMIN, Role.RECEPTIONIST}),
        placed=True,
    ),
    Action.PHONE_SHOW: Grant(
        "see a person's telephone number, each time with a purpose that is written down; officers of whom their own "
        "counter has called",
        roles=frozenset({Role.ADMIN, Role.OFFICER, Role.AGENCY_OFFICER, Role.RECEPTIONIST}),
        placed=True,
    ),
    Action.HELP: Grant(
        "fill in for a person who is there and agrees, in a mode that is seen and logged",
        roles=frozenset(Role) - {Role.READER},
        placed=True,
    ),
    Action.TODAY_SEE: Grant("see the day's numbers", roles=LOOKERS, placed=True, support=LOOK),
    Action.SERVICES_SEE: Grant(
        "see the region's services and their local terms", roles=LOOKERS, placed=True, support=LOOK
    ),
    Action.SERVICES_CHANGE: Grant("change services and their local terms", roles=ADMIN, support=CHANGE),
    Action.HALLS_SEE: Grant(
        "see halls, counters, hours and the queue rule", roles=LOOKERS, placed=True, support=LOOK
    ),
    Action.HALL_CHANGE: Grant(
        "change one hall: hours, closures, agencies, counters, the queue rule",
        roles=ADMIN,
        placed=True,
        support=CHANGE,
    ),
    Action.HALLS_ADD: Grant("add a hall", roles=ADMIN, support=CHANGE),
    Action.STAFF_SEE: Grant("see the staff, their sessions and open invitations", roles=ADMIN, support=LOOK),
    Action.STAFF_CHANGE: Grant("invite, change, sign out and shut out staff", roles=ADMIN),
    Action.AUDIT_SEE: Grant("read the audit log", roles=ADMIN, support=LOOK),
    Action.RIGHTS_DECIDE: Grant("decide what people ask about their own data", roles=ADMIN),
    Action.PORTAL_SEE: Grant("see the portal's look, drafts and announcements", roles=LOOKERS, support=LOOK),
    Action.PORTAL_CHANGE: Grant("change the portal's look and announcements", roles=ADMIN, support=CHANGE),
    Action.DEVICES_SEE: Grant("see kiosks, displays and the sound of the halls", roles=ADMIN, support=LOOK),
    Action.DEVICES_CHANGE: Grant("let machines in and out, change them and the sound", roles=ADMIN),
    Action.SUPPORT_SEE: Grant(
        "see who of the centre was in the region, why, and on which pages", roles=ADMIN, support=LOOK
    ),
    Action.SUPPORT_CHANGE: Grant(
        "end a support access at once, allow changes by support or not", roles=ADMIN
    ),
    Action.SUPPORT_OWN: Grant(
        "leave the region again (somebody of the centre, by support access)", support=LOOK
    ),
    Action.REGION_MANAGE: Grant("everything else of the region's desk", roles=ADMIN),
    Action.CENTRE_SEE: Grant("see regions, the national catalogue and the centre's log", central=True),
    Action.CENTRE_REGIONS: Grant("add, suspend and name regions", central=True),
    Action.CENTRE_CATALOGUE: Grant("change the national catalogue", central=True),
    Action.CENTRE_STAFF_SEE: Grant(
        "see the centre's people, their sessions and open invitations", central=True
    ),
    Action.CENTRE_STAFF_CHANGE: Grant("invite, sign out and shut out the centre's people", central=True),
    Action.CENTRE_SUPPORT: Grant("ask for support access to a region, enter and end it", central=True),
    Action.CENTRE_ACCOUNT: Grant("own password, second factor and sessions at the centre", central=True),
}


def may(user: object, action: Action) -> bool:
    """Whether `user` (a person as Flask-Login knows it, or a machine) may do `action`, limits of place aside."""
    grant = GRANTS[action]
    kind = getattr(user, "kind", None)
    if grant.public:
        return kind != "support" or grant.support is not None
    if grant.device is not None:
        return bool(kind == grant.device)
    if grant.central:
        return bool(kind == "central")
    if grant.citizen:
        return bool(kind == "citizen")
    if kind == "support":
        return grant.support is not None and getattr(user, "level", None) in {grant.support, CHANGE}
    if kind != "staff" or getattr(user, "role", None) not in grant.roles:
        return False
    return grant.placed or not getattr(user, "limited", False)
