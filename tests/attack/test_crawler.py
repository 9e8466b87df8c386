"""The crawl as every role, small and always the same; `make attack` sends everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tests.attack.cast import members, patient
from tests.attack.crowd import OUT_OF_REACH, crawl
from tests.attack.openapi import DESCRIBED
from tests.attack.walking import Bounds
from tests.support.hall import at, open_always

SEED = 4
SUITE = Bounds(pages=1, forms=1, fields=6, payloads=2, seconds=60, turns=2)
# Requests for each of the cast. A region's share its forms among more people.
REQUESTS = {"region": 100, "centre": 230}
# Some forms need a neighbour's act first; the whole crawl (make attack) goes on until there is one.
LEAST_REACHED = 0.7


@pytest.fixture
def answering(app: Platform) -> Iterator[Platform]:
    """The app as it runs: an error is answered, not raised."""
    with patient(app):
        yield app


@pytest.mark.parametrize("where", REQUESTS)
def test_nothing_that_anybody_sends_breaks_out(answering: Platform, bukittinggi: Region, where: str) -> None:
    with at(answering, bukittinggi):
        open_always()
    cast = [m for m in members(answering, bukittinggi) if (m.region is None) == (where == "centre")]
    bounds = replace(SUITE, requests=REQUESTS[where])
    found = crawl(answering, cast, bounds, SEED, share=True, say=print)
    print(f"{found.reached:.2f} reached, not: {sorted(found.shallow)}")
    assert not found.faults, "\n".join(sorted(set(found.faults)))
    assert found.reached >= LEAST_REACHED, sorted(found.shallow)
    # Whoever comes within reach after all is taken off the list of those that can't.
    assert found.deep.isdisjoint(OUT_OF_REACH) and set(OUT_OF_REACH) <= set(answering.view_functions)
    assert found.json <= set(DESCRIBED), "JSON routes that tests/attack/openapi.py does not describe"
