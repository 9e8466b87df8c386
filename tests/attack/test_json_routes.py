"""Every JSON route under generated requests, as each of the cast: documented codes, types and shapes, never a 500."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.openapi import from_dict

from mpp.tenancy.region import Region
from mpp.tenancy.resolver import Scope
from mpp.web.flask import Platform
from tests.attack.cast import Member, members, patient
from tests.attack.openapi import DESCRIBED, document
from tests.support.hall import at, open_always

SEED = 4
EXAMPLES = 3
load_all_checks()
CHECKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
)
WHO = ("stranger", "kiosk", "display", "officer", "admin", "stranger at the centre", "central")


@pytest.fixture
def cast(app: Platform, bukittinggi: Region) -> Iterator[list[Member]]:
    with at(app, bukittinggi):
        open_always()
    with patient(app):
        yield [member for member in members(app, bukittinggi) if member.name in WHO]


def test_json_routes_keep_their_word(app: Platform, cast: list[Member]) -> None:
    asked: set[str] = set()
    wrong: list[str] = []
    for member in cast:
        member.enter()
        schema = from_dict(document(app, Scope.REGION if member.region else Scope.CENTRAL))
        for operation in _operations(schema):
            name = operation.definition.raw["operationId"]
            asked.add(name)
            wrong += [f"{member.name} {name}: {fault}" for fault in _broken(app, member, operation)]
    assert not wrong, "\n".join(wrong)
    there = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert asked == set(DESCRIBED) & there


def test_a_route_that_breaks_its_word_is_found(
    app: Platform, cast: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = from_dict(document(app, Scope.REGION))
    operation = next(found for found in _operations(schema) if found.path == "/healthz")
    assert _broken(app, cast[0], operation) == []
    for answer in ({"status": "aneh"}, ({"status": "ok"}, 202), ("ok", 200), ({"status": "ok"}, 500)):
        monkeypatch.setitem(app.view_functions, "health.alive", lambda answer=answer: answer)
        assert _broken(app, cast[0], operation), answer


def _operations(schema: Any) -> Iterator[Any]:
    for result in schema.get_all_operations():
        yield result.ok()


def _broken(app: Platform, member: Member, operation: Any) -> list[str]:
    """Send generated requests; return the words that the route did not keep, each once."""
    found: list[str] = []
    token = member.token()

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        headers = {"X-CSRFToken": token, "Accept": "application/json"}
        answer = case.call(base_url=member.base, session=member.client, headers=headers, app=app)
        try:
            case.validate_response(answer, checks=CHECKED)
        except FailureGroup as group:
            found.extend(f"{answer.status_code} {one.title}: {one.message[:200]}" for one in group.exceptions)

    send()
    return sorted(set(found))
