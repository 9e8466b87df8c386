"""The regional administrator's desk, for admins of the region alone."""

from __future__ import annotations

from mpp.accounts.permissions import Action
from mpp.tenancy.resolver import Scope
from mpp.web.access import ADMIN, Access, audience

HALL, STAFF = Access(Action.HALLS_SEE, Action.HALL_CHANGE), Access(Action.STAFF_SEE, Action.STAFF_CHANGE)
DEVICES = Access(Action.DEVICES_SEE, Action.DEVICES_CHANGE)
SUPPORT = Access(Action.SUPPORT_SEE, Action.SUPPORT_CHANGE)
SERVICE = Access(Action.SERVICES_SEE, Action.SERVICES_CHANGE)
VIEWS = {
    "today": Access(Action.TODAY_SEE), "audit": Access(Action.AUDIT_SEE),
    **dict.fromkeys(
        ("services", "service", "enable_service", "disable_service", "service_change", "decide_change"), SERVICE
    ),
    "new_hall": Access(Action.HALLS_ADD),
    **dict.fromkeys(
        ("halls", "hall", "edit_hall", "hours", "new_agency", "agency", "remove_agency", "closures",
         "remove_closure", "queue_rule", "new_counter", "counter", "counter_state", "counter_end"), HALL,
    ),
    **dict.fromkeys(
        ("staff", "person", "new_staff", "reset_link", "link_again", "link_withdraw", "staff_activity",
         "staff_session_end", "staff_sign_out", "staff_factors"), STAFF,
    ),
    **dict.fromkeys(
        ("devices", "new_device", "device", "device_code", "edit_device", "device_settings", "device_test",
         "device_sound", "print_again", "revoke_device", "sound", "sound_test", "voice", "voice_remove"), DEVICES,
    ),
    **dict.fromkeys(("support", "support_end", "support_consent"), SUPPORT),
}  # fmt: skip
blueprint = audience("admin", __name__, scope=Scope.REGION, access=ADMIN, url_prefix="/admin", views=VIEWS)

from blueprints.admin import (  # noqa: E402,F401  # views register themselves on the blueprint
    agencies,
    audit,
    closures,
    counters,
    devices,
    halls,
    queue_rule,
    services,
    sound,
    staff,
    support,
    today,
)
