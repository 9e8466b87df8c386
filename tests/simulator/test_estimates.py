"""The estimate is judged on days made of parameters that it was not made with."""

from __future__ import annotations

from tests.simulator.judging import judge
from tests.simulator.parameters import make_hall, parameters

# Halls of the family "unseen" that nobody looked at while the estimate was made (that were "tuned" ones).
HALLS = range(20_000, 20_050)


def test_the_upper_end_covers_four_of_five_and_the_rivals_do_not() -> None:
    verdict = judge("unseen", HALLS)
    print("\n".join(verdict.lines()))
    # Fifty halls say it to within 0.02; `make bench` plays two hundred. The same seeds give the same figures.
    assert verdict.ours.standard_error < 0.025
    assert 0.75 <= verdict.ours.coverage <= 0.85
    assert 0.75 <= verdict.first.coverage <= 0.85
    assert 0.42 <= verdict.ours.below_middle <= 0.58
    for rival in verdict.rivals.values():
        assert rival.coverage < 0.5
        assert rival.error > verdict.ours.error * 1.4


def test_the_unseen_days_really_lie_outside_of_the_tuned_ones() -> None:
    tuned, unseen = parameters()["tuned"], parameters()["unseen"]
    for name, (least, most) in _ranges(tuned):
        assert unseen[name][0] <= least and most <= unseen[name][1], name
        assert unseen[name] != [least, most], name


def test_a_seed_gives_the_same_hall() -> None:
    assert make_hall(7) == make_hall(7) != make_hall(8)


def _ranges(family: dict[str, list[float]]) -> list[tuple[str, tuple[float, float]]]:
    return [(name, (v[0], v[1])) for name, v in family.items() if isinstance(v, list)]
