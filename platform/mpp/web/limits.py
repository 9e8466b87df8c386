"""How often anybody may send something: one table of limits per person, machine, phone, form, address and region.

A school sends forty pupils through one address within minutes; a script sends forty forms within a second. So an
address alone gets much, when each form of it brings the small work of mpp.web.bots, and little when it doesn't; a
person who is signed in, a machine of the hall and a browser that has been here before are counted by themselves.
Nothing here counts looking at pages: three hundred phones of one hall ask for their tickets every ten seconds.

Counts lie in Valkey. While it is away each process counts by itself, so that the hall goes on. What is counted under
is a keyed hash: no address and no number of a person is written there.
"""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import ParamSpec

from flask import current_app, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter, RouteLimit
from flask_login import current_user

from mpp.crypto import normal
from mpp.settings import Settings
from mpp.tenancy.region import region_or_none
from mpp.web import bots, known_device
from mpp.web.access import LOOKING
from mpp.web.device import current_device

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
# What is said when the count itself can't be asked for the moment it begins anew.
SECONDS_UNKNOWN = 60
# An address of IPv6 is one of many that a single line has.
BITS_LINE = 64
# Where a view bears the name of its rule.
RULE = "mpp_limit"


class Per(enum.StrEnum):
    """What a limit counts by; always inside one region (or the centre)."""

    VISITOR = "visitor"
    MACHINE = "machine"
    BROWSER = "browser"
    ADDRESS = "address"
    PHONE = "phone"
    FORM = "form"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in so long, by what, and for whom: all, or only forms that brought no work."""

    rate: str
    per: Per
    unproven: bool = False
    # Only answers with these statuses count; none named: each request does.
    only: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """The limits of one act. `keeps`: the page of a refusal holds the form's fields for another try; never a secret."""

    limits: tuple[Limit, ...]
    keeps: bool = False
    methods: tuple[str, ...] = ("POST",)


# Every form that names no rule of its own, whoever sends it.
USUAL = Limit("240 per minute", Per.VISITOR)
TABLE: dict[str, Rule] = {
    "take": Rule(
        (
            Limit("60 per minute; 400 per hour", Per.ADDRESS),
            Limit("12 per minute", Per.ADDRESS, unproven=True),
            Limit("120 per minute", Per.REGION, unproven=True),
            Limit("12 per hour", Per.FORM),
            Limit("10 per hour", Per.PHONE),
        ),
        keeps=True,
    ),
    # A stranger's new account. What a phone may be sent is counted by mpp.citizens, where a stranger can't use up the
    # owner's share.
    "register": Rule(
        (
            Limit("60 per minute; 200 per hour", Per.ADDRESS),
            Limit("6 per minute", Per.ADDRESS, unproven=True),
            Limit("60 per minute", Per.REGION, unproven=True),
            Limit("12 per hour", Per.FORM),
        ),
        keeps=True,
    ),
    # Tries at one account are counted by mpp.accounts.guard; this bounds the work of hashing.
    "sign-in": Rule((Limit("20 per minute", Per.BROWSER),)),
    # A class signs in behind one address; tries at a code are counted with the code.
    "citizen code": Rule((Limit("120 per minute", Per.ADDRESS),)),
    "link": Rule((Limit("30 per minute", Per.ADDRESS),), methods=("GET", "POST")),
    "own password": Rule((Limit("10 per minute", Per.VISITOR),)),
    "own security": Rule((Limit("30 per minute", Per.VISITOR),)),
    # Wrong codes only: a new hall enrols a dozen machines in one afternoon, all behind one address.
    "enrol": Rule((Limit("10 per 15 minutes", Per.ADDRESS, only=(422,)),)),
    # More than people can tap who read what they tap; a child at the screen must not empty the day's numbers.
    "kiosk number": Rule((Limit("20 per minute", Per.MACHINE),)),
    "kiosk check-in": Rule((Limit("30 per minute", Per.MACHINE),)),
    # Regions' servers exchange a code for each person who signs in, all from a few addresses: only refusals count.
    "token": Rule((Limit("60 per minute", Per.ADDRESS, only=(400, 401)),)),
    # Everything about a person in one file; who needs it more often than that has it already.
    "own data": Rule((Limit("30 per hour", Per.VISITOR),)),
    # A desk looks for the person who stands there; nobody goes through a list of NIK.
    "find person": Rule((Limit("20 per hour", Per.VISITOR),)),
    # Guests who prove a telephone or show a ticket; what a phone may be sent is counted by mpp.citizens.
    "own data proof": Rule(
        (Limit("30 per minute; 200 per hour", Per.ADDRESS), Limit("10 per hour", Per.PHONE))
    ),
    # Browsers tell of what a page's policy has stopped.
    "report": Rule((Limit("30 per minute", Per.ADDRESS), Limit("300 per minute", Per.REGION))),
}


def _line() -> str:
    """Return the line that the request came over: the address, of IPv6 the network that one customer has."""
    try:
        found = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "?"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.ip_network(f"{found}/{BITS_LINE}", strict=False))
        found = found.ipv4_mapped
    return str(found)


def _machine() -> str:
    device = current_device()
    return f"{device.id}" if device else ""


def _visitor() -> str:
    if current_user.is_authenticated:
        return f"{current_user.kind} {current_user.id}"
    machine = _machine()
    return f"machine {machine}" if machine else _line()


def _phone() -> str:
    typed = request.form.get("hp", "").strip()[:40]
    return normal.phone(typed) if typed else ""


VALUES: dict[Per, Callable[[], str]] = {
    Per.VISITOR: _visitor,
    Per.MACHINE: lambda: _machine() or _line(),
    Per.BROWSER: lambda: known_device.browser() or _line(),
    Per.ADDRESS: _line,
    Per.PHONE: _phone,
    Per.FORM: bots.form_token,
    Per.REGION: lambda: "all",
}


def _key(per: Per) -> str:
    """Return what is counted under: of one region, and readable for nobody."""
    region = region_or_none()
    text = f"{region.id if region else 'central'}:{per}:{VALUES[per]()}"
    secret = str(current_app.secret_key).encode()[:64]
    return blake2b(text.encode(), key=secret, digest_size=12).hexdigest()


limiter = Limiter(
    key_func=lambda: _key(USUAL.per), default_limits=[USUAL.rate], headers_enabled=False,
    default_limits_exempt_when=lambda: request.method in LOOKING,
)  # fmt: skip


def limited(name: str) -> Callable[[View[P]], View[P]]:
    """Return the decorator that holds a view to the rule `name` of the table."""

    def decorate(view: View[P]) -> View[P]:
        for limit in _limits(name):
            view = limit(view)
        setattr(view, RULE, name)
        return view

    return decorate


@cache
def _limits(name: str) -> tuple[RouteLimit, ...]:
    """The limits of a rule, made once: two of one kind on one view would count each request twice."""
    return tuple(_limit(name, TABLE[name], limit) for limit in TABLE[name].limits)


def _limit(name: str, rule: Rule, limit: Limit) -> RouteLimit:
    only = limit.only

    def exempt() -> bool:
        return (limit.unproven and bots.proven()) or not VALUES[limit.per]()

    return limiter.shared_limit(
        limit.rate, scope=f"{name}{' unproven' if limit.unproven else ''}", methods=list(rule.methods),
        key_func=lambda: _key(limit.per), exempt_when=exempt,
        deduct_when=(lambda response: response.status_code in only) if only else None,
    )  # fmt: skip


def rule_of(endpoint: str | None) -> Rule | None:
    """Return the rule that the view of an endpoint names; None for the usual one."""
    name = getattr(current_app.view_functions.get(endpoint or ""), RULE, None)
    return TABLE[name] if name else None


def seconds_left() -> int:
    """Return in how many seconds the limit that has just refused begins anew, at least one."""
    try:
        current = limiter.current_limit
        return max(1, int(current.reset_at - time.time())) if current else SECONDS_UNKNOWN
    except Exception:  # whatever the driver of the counts says: the refusal stands
        return SECONDS_UNKNOWN


def next_try(seconds: int) -> dt.datetime:
    """Return the whole minute from which another try is promised, in UTC."""
    moment = dt.datetime.now(tz=dt.UTC) + dt.timedelta(seconds=seconds + 59)
    return moment.replace(second=0, microsecond=0)


def limit_settings(settings: Settings) -> dict[str, object]:
    """Return how flask-limiter keeps its counts."""
    return {
        "RATELIMIT_STORAGE_URI": settings.valkey_url or "memory://",
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1} if settings.valkey_url else {},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_SWALLOW_ERRORS": True,
    }  # fmt: skip
