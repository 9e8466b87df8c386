"""Ids swapped between people: what is somebody else's answers as what is not there, with the same statements sent.

No list by hand: the owner's pages are walked, and every address with an id that only they offer is tried by the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import event

from mpp.accounts.models import Role
from mpp.accounts.permissions import Action
from mpp.accounts.proof_models import PasskeyColumns, StaffPasskey
from mpp.citizens import powers
from mpp.citizens.models import CitizenPasskey
from mpp.database.session import CENTRAL, central_write, db, write
from mpp.tenancy.region import Region
from mpp.web.access import access_of
from mpp.web.flask import Platform
from tests.attack.cast import Account, Member, Person, patient
from tests.attack.crawler import Crawler
from tests.attack.walking import Bounds, Done
from tests.support.client import Browser
from tests.support.hall import at, open_always
from tests.support.staff import add_staff

SERVICE = "ktp-el-baru"
TAKE = f"/antrean/ambil?layanan={SERVICE}"
WIDE = Bounds(pages=8, forms=12)
REFUSED = {403, 404, 410}
# A number that nobody has, as long as any of ours.
NOBODY = "987654321"


@dataclass(frozen=True)
class Target:
    """An address with an id or a code in it, and the pattern of its route."""

    method: str
    path: str
    rule: str

    def elsewhere(self, found: dict[str, str]) -> str:
        """The same address with ids and codes of nothing in place of those in it."""
        path = self.path
        for value in found.values():
            path = path.replace(f"/{value}", f"/{_nothing(value)}")
        return path


def _nothing(value: str) -> str:
    return (
        NOBODY
        if value.isdigit()
        else "".join("Z" if c.isupper() else "7" if c.isdigit() else "z" for c in value)
    )


@pytest.fixture
def people(app: Platform, bukittinggi: Region, banyuwangi: Region) -> Iterator[Platform]:
    for region in (bukittinggi, banyuwangi):
        with at(app, region):
            open_always()
    with patient(app):
        yield app


def targets(member: Member) -> dict[Target, dict[str, str]]:
    """Every address with an argument that a person's own pages offer, and the arguments' values."""
    crawler = Crawler(member, WIDE, 1, Done(pages=_of_everybody(member.app)))
    crawler._walk()
    found: dict[Target, dict[str, str]] = {}
    offered = [("GET", path) for paths in crawler._pages.values() for path in paths]
    offered += [
        ("POST", form.action)
        for forms in crawler._forms.values()
        for _page, form in forms
        if form.method == "POST"
    ]
    for method, path in offered:
        plain = path.partition("?")[0]
        rule, values = member.routes.match(plain, method=method, return_rule=True)
        ids = {name: str(value) for name, value in values.items() if _names_a_thing(rule.rule, name)}
        if ids:
            found[Target(method, plain, rule.rule)] = ids
    return found


def _of_everybody(app: Platform) -> set[str]:
    """Pages that anybody may read and that name nobody's thing: no need to walk there."""
    rules = [rule for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint).look is Action.VISIT]
    things = {rule.endpoint for rule in rules for name in rule.arguments if _names_a_thing(rule.rule, name)}
    return {rule.endpoint for rule in rules} - things


def _names_a_thing(rule: str, name: str) -> bool:
    """Whether an argument names a row: a number, a code or a token; not a word of ours or a page of the catalogue."""
    return (
        f"int:{name}>" in rule
        or re.search(rf"<int\([^)]*\):{name}>", rule) is not None
        or name in {"code", "token"}
    )


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements that both engines send."""
    sent: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    with ExitStack() as stack:
        for engine in (db.engine, db.engines[CENTRAL]):
            event.listen(engine, "before_cursor_execute", note)
            stack.callback(event.remove, engine, "before_cursor_execute", note)
        yield sent


def face(text: str) -> str:
    """A page without what differs from one visit to the next."""
    return re.sub(r'(value|nonce|content|data-[\w-]+|href|src|action)="[^"]*"|\d+', "", text)


def answers(member: Member, method: str, path: str) -> tuple[int, str, int]:
    """Status, face and number of statements of an answer."""
    with member.app.app_context(), counting() as every:
        page = member.browser.get(path) if method == "GET" else member.browser.post(path, {"untuk": "call"})
    # Once a minute, whatever the page, the session notes that somebody is at the screen.
    sent = [statement for statement in every if "seen_at=" not in statement]
    return page.status, face(page.text), len(sent)


def swapped(owner: Member, other: Member) -> tuple[int, list[str]]:
    """Try all that only the owner is offered as the other; how many were tried, and what went wrong."""
    mine, theirs = targets(owner), targets(other)
    common = {target.path for target in theirs}
    wrong: list[str] = []
    tried = [(target, ids) for target, ids in mine.items() if target.path not in common]
    for target, ids in tried:
        nowhere = target.elsewhere(ids)
        # Once unheard: what is kept in memory after a first look must not tell the two apart.
        answers(other, target.method, nowhere)
        absent = answers(other, target.method, nowhere)
        found = answers(other, target.method, target.path)
        name = f"{target.method} {target.rule}"
        # A question that comes before (the password again) is asked for any id alike.
        if found[0] not in REFUSED and found != absent:
            wrong.append(f"{name}: {other.name} got {found[0]} for {owner.name}'s")
        if found[:2] != absent[:2]:
            wrong.append(f"{name}: not yours is {found[0]}, not there is {absent[0]}")
        if found[2] != absent[2]:
            wrong.append(f"{name}: {found[2]} statements for not yours, {absent[2]} for not there")
    still = targets(owner)
    wrong += [f"{target.rule}: gone after the other's try" for target, _ids in tried if target not in still]
    return len(tried), wrong


def _passkey(kind: type[StaffPasskey | CitizenPasskey], account: int) -> PasskeyColumns:
    return kind(
        account_id=account, credential_id=f"{kind.__tablename__}{account}".encode(), public_key=b"-", sign_count=0,
        rp_id="localhost", name="HP",
    )  # fmt: skip


def citizen(app: Platform, region: Region | None, name: str) -> Person:
    """A citizen with all that can be had: a passkey, a second browser, a child, a power of attorney, a number."""
    person = Person(app, name, region)
    person.enter()
    walker = person.walker
    with app.app_context(), central_write() as session:
        session.add(_passkey(CitizenPasskey, walker.citizen_id))
    centre = walker.at("localhost")
    # Another browser of the same person.
    hosts, walker.hosts = walker.hosts, {}
    walker.sign_in()
    walker.hosts = hosts
    child = {
        "name": "Anak Contoh",
        "relation": "anak",
        "birth_year": "2018",
        "nik": "9975030101180001",
        "own": "tidak",
        "stated": "y",
    }
    assert centre.submit("/akun/keluarga/tambah", "/keluarga/tambah", **child).status == 303
    today = powers.today()
    power = {
        "name": "Wakil Contoh", "phone": "0812-9999-6001", "what": "pilih", "services": [SERVICE], "region": "",
        "starts_on": today.isoformat(), "ends_on": powers.latest_end(today).isoformat(),
        "reason": "Sakit", "agreed": "y",
    }  # fmt: skip
    assert centre.post("/akun/kuasa/beri", power).status == 303
    if region:
        assert person.browser.submit(TAKE, "/antrean/ambil", nama="Uji", hp="").status == 303
    return person


def staff(app: Platform, region: Region, role: Role, number: int) -> Member:
    """Somebody of the staff with a passkey and a second browser."""
    email = f"tukar{number}-{role}@{region.slug}.contoh"
    account = Account(add_staff(app, region, email, role.value), email, role, {})
    Browser(app, f"{region.slug}.localhost").sign_in(email)
    member = Member(app, f"{role} {number}", region, account)
    member.enter()
    # Afterwards: with it, signing in would ask for the device.
    with at(app, region), write() as session:
        session.add(_passkey(StaffPasskey, account.id))
    return member


def test_between_two_citizens_at_the_centre(people: Platform) -> None:
    tried, wrong = swapped(citizen(people, None, "one"), citizen(people, None, "other"))
    assert not wrong, "\n".join(wrong)
    assert tried >= 5


def test_between_two_citizens_of_one_region(people: Platform, bukittinggi: Region) -> None:
    _tried, wrong = swapped(citizen(people, bukittinggi, "one"), citizen(people, bukittinggi, "other"))
    # A ticket's code is the key to it, for whoever holds the slip: docs/permissions.md, `visit`.
    assert [line for line in wrong if "/antrean/<code>" not in line] == []


def test_between_regions_a_code_leads_nowhere(
    people: Platform, bukittinggi: Region, banyuwangi: Region
) -> None:
    tried, wrong = swapped(citizen(people, bukittinggi, "one"), citizen(people, banyuwangi, "other"))
    assert not wrong, "\n".join(wrong)
    assert tried >= 1


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.OFFICER])
def test_between_two_of_the_staff(people: Platform, bukittinggi: Region, role: Role) -> None:
    """Admins are left out: another's account is theirs to change (`staff.change`)."""
    tried, wrong = swapped(staff(people, bukittinggi, role, 1), staff(people, bukittinggi, role, 2))
    assert not wrong, "\n".join(wrong)
    assert tried >= 1
