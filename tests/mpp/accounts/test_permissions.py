"""The command that prints who may do what."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from mpp.accounts.models import Role
from mpp.accounts.permissions import GRANTS, Action, may
from mpp.web.permission_table import DOCUMENT


def test_the_command_prints_the_document() -> None:
    from wsgi import main

    result = CliRunner().invoke(main, ["permissions"])
    assert result.exit_code == 0 and result.output == DOCUMENT.read_text()


def test_every_act_has_somebody_and_its_words() -> None:
    for action in Action:
        grant = GRANTS[action]
        somebody = (
            grant.public or grant.roles or grant.central or grant.citizen or grant.support or grant.device
        )
        assert grant.words and somebody, action


@pytest.mark.parametrize("role", Role)
def test_people_of_a_place_do_nothing_beyond_it(role: Role) -> None:
    limited = type("User", (), {"kind": "staff", "role": role, "limited": True})()
    everywhere = type("User", (), {"kind": "staff", "role": role, "limited": False})()
    for action in Action:
        assert may(everywhere, action) or not may(limited, action)
        if action in {Action.STAFF_CHANGE, Action.PORTAL_CHANGE, Action.SERVICES_CHANGE, Action.HALLS_ADD}:
            assert not may(limited, action)
