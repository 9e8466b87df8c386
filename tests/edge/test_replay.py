"""A recorded morning may be sent twice, by two senders at once, to a hall that knows it or not: it happened once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.edge.morning import Place, prepare, record, replay, state
from tests.support.hall import at, open_always, together


@pytest.fixture
def halls(app: Platform, bukittinggi: Region, banyuwangi: Region) -> dict[Region, Place]:
    """The same two counters and the same block in two regions."""
    found = {}
    for region in (bukittinggi, banyuwangi):
        with at(app, region):
            open_always()
            found[region] = prepare()
    return found


def test_the_morning_has_every_kind_of_act(app: Platform, halls: dict[Region, Place]) -> None:
    """A guard of the tests below: they must not pass because nothing happens."""
    region = next(iter(halls))
    with at(app, region):
        acts = record(halls[region], seed=1)
        state(halls[region])
    kinds = {act.kind for act in acts}
    assert kinds == {
        "take",
        "call",
        "start",
        "complete",
        "no_show",
        "hold",
        "resume",
        "reactivate",
        "transfer",
        "go_on",
        "recall",
        "reclassify",
        "cancel",
    }
    assert len(acts) > 70


def test_sent_again_it_changes_nothing(app: Platform, halls: dict[Region, Place]) -> None:
    region = next(iter(halls))
    place = halls[region]
    with at(app, region):
        acts = record(place, seed=2)
        before = state(place)
        replay(place, acts)
        replay(place, acts)
        assert state(place) == before


@pytest.mark.parametrize("seed", [3, 4])
def test_two_senders_of_a_morning_that_is_known(app: Platform, halls: dict[Region, Place], seed: int) -> None:
    region = next(iter(halls))
    place = halls[region]
    with at(app, region):
        acts = record(place, seed)
        before = state(place)
    jobs: list[Callable[[], None]] = [partial(replay, place, acts)] * 2
    together(app, region, jobs)
    with at(app, region):
        assert state(place) == before


@pytest.mark.parametrize("seed", range(5, 9))
def test_two_senders_to_a_hall_that_knows_nothing_yet(
    app: Platform, halls: dict[Region, Place], seed: int
) -> None:
    """The morning was lived in one hall; sent twice at once to another it comes out the same."""
    first, second = halls
    with at(app, first):
        acts = record(halls[first], seed)
        lived = state(halls[first])
    jobs: list[Callable[[], None]] = [partial(replay, halls[second], acts)] * 2
    together(app, second, jobs)
    with at(app, second):
        assert state(halls[second]) == lived
        replay(halls[second], acts)
        assert state(halls[second]) == lived
