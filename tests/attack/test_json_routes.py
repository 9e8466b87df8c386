"""Every JSON route under generated requests, as each of the cast: documented codes, types and shapes, never a 500."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from jsonschema_rs import ValidationError, validate
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.openapi import from_dict

from mpp.tenancy.region import Region
from mpp.tenancy.resolver import Scope
from mpp.web.flask import Platform
from tests.attack.cast import Member, members, patient
from tests.attack.openapi import DESCRIBED, document
from tests.support.citizens import NIK, Walker, make_citizen
from tests.support.desk import Desk
from tests.support.hall import at, open_always

SEED = 4
# For each route and each of the cast: few in every run, many where there is time.
FEW, MANY = 3, 100
load_all_checks()
CHECKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
)
WHO = (
    "stranger", "citizen", "kiosk", "display", "officer", "admin", "stranger at the centre", "citizen at the centre",
    "central",
)  # fmt: skip


@pytest.fixture
def cast(app: Platform, bukittinggi: Region) -> Iterator[list[Member]]:
    with at(app, bukittinggi):
        open_always()
    with patient(app):
        yield [member for member in members(app, bukittinggi) if member.name in WHO]


@pytest.fixture
def desk(app: Platform, bukittinggi: Region) -> Desk:
    """A region's server at the centre, and a citizen who is signed in there."""
    person = Walker(app, make_citizen(app, nik=NIK))
    person.sign_in()
    return Desk(app, bukittinggi, person)


@pytest.mark.parametrize("examples", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
def test_json_routes_keep_their_word(app: Platform, cast: list[Member], desk: Desk, examples: int) -> None:
    # A region's server asks about a person with a token; nobody else has one.
    bearer = desk.trade(desk.code()).get_json()["access_token"]
    asked: set[str] = set()
    wrong: list[str] = []
    for member in cast:
        member.enter()
        schema = from_dict(document(app, Scope.REGION if member.region else Scope.CENTRAL))
        for operation in _operations(schema):
            name = operation.definition.raw["operationId"]
            asked.add(name)
            shown = bearer if name == "oidc.userinfo" and member.name.startswith("citizen") else None
            faults = _broken(app, member, operation, examples, shown)
            wrong += [f"{member.name} {name}: {fault}" for fault in faults]
    assert not wrong, "\n".join(wrong)
    there = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert asked == set(DESCRIBED) & there


def test_a_whole_exchange_keeps_its_word(desk: Desk) -> None:
    """What no generated request reaches: a code that is good, and what its token tells."""
    token = desk.trade(desk.code())
    assert token.status_code == 200
    _fits("oidc.token", token.get_json())
    told = desk.userinfo(token.get_json()["access_token"])
    assert told.status_code == 200 and set(told.get_json()) == {"sub", "name", "phone_number", "nik"}
    _fits("oidc.userinfo", told.get_json())
    bare = desk.userinfo(desk.trade(desk.code(scope="openid")).get_json()["access_token"])
    assert set(bare.get_json()) == {"sub"}
    _fits("oidc.userinfo", bare.get_json())
    with pytest.raises(ValidationError):
        _fits("oidc.userinfo", told.get_json() | {"address": "Jalan Uji"})


def _fits(endpoint: str, answer: object) -> None:
    schema = DESCRIBED[endpoint].answers[200]
    assert schema is not None
    validate(schema, answer)


def test_a_route_that_breaks_its_word_is_found(
    app: Platform, cast: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = from_dict(document(app, Scope.REGION))
    operation = next(found for found in _operations(schema) if found.path == "/healthz")
    assert _broken(app, cast[0], operation, FEW) == []
    for answer in ({"status": "aneh"}, ({"status": "ok"}, 202), ("ok", 200), ({"status": "ok"}, 500)):
        monkeypatch.setitem(app.view_functions, "health.alive", lambda answer=answer: answer)
        assert _broken(app, cast[0], operation, FEW), answer


def _operations(schema: Any) -> Iterator[Any]:
    for result in schema.get_all_operations():
        yield result.ok()


def _broken(
    app: Platform, member: Member, operation: Any, examples: int, bearer: str | None = None
) -> list[str]:
    """Send generated requests; return the words that the route did not keep, each once. `bearer` is a good token."""
    found: list[str] = []
    token = member.token()

    @seed(SEED)
    @settings(
        max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        headers = {"X-CSRFToken": token, "Accept": "application/json"}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        answer = case.call(base_url=member.base, session=member.client, headers=headers, app=app)
        try:
            case.validate_response(answer, checks=CHECKED)
        except FailureGroup as group:
            found.extend(f"{answer.status_code} {one.title}: {one.message[:200]}" for one in group.exceptions)
        if bearer and answer.status_code != 200:
            found.append(f"{answer.status_code} with a token that is good")

    send()
    return sorted(set(found))
