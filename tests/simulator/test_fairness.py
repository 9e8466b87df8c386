"""Under the default rule nobody starves, whoever they are, on any simulated day.

The bound: once somebody has been passed over, later people are called before them for `max_overtake` minutes at most
(the cap on priority calls in a row aside, which holds a priority person back for one call of somebody else). From
then on only those who began to wait earlier come first, and no more of these can come.
"""

from __future__ import annotations

from tenants.queueing.rule import NOBODY, Rule, order
from tests.simulator.day import CLASSES, play
from tests.simulator.fairness import many_days
from tests.simulator.parameters import make_hall

# `make bench` plays a thousand.
DAYS = 150


def test_no_class_starves_on_any_day() -> None:
    found = many_days(DAYS, seed=40_000)
    assert found.days == DAYS
    assert set(found.people) == {*CLASSES, "booked", "walk_in"}
    for name, people in found.people.items():
        later = sorted(found.later[name])
        unserved, by_arrival = found.left[name] / people, found.left_first_come[name] / people
        middle, rare = later[len(later) // 2] / 60, later[int(len(later) * 0.99)] / 60
        print(
            f"{name:>10}: {people} people, against first-come {middle:+.0f} min in the middle, {rare:+.0f} min for "
            f"1 of 100, {later[-1] / 60:+.0f} min at worst; not reached before closing {unserved:.3f} "
            f"({by_arrival:.3f}); overtaken for {found.overtaken[name] / 60:.1f} min at most"
        )
        # Whom the day leaves over is left over by the length of the line, not by who they are.
        assert unserved <= by_arrival + 0.02, name
        assert middle <= 1, name
        assert found.overtaken[name] <= Rule().max_overtake * 60, name
        assert rare <= 2 * Rule().max_overtake + 5, name
    assert found.passed_late == 0, "nobody is passed over for longer than the rule allows"


def test_without_its_memory_the_rule_would_let_people_be_passed_over_for_long() -> None:
    def forgetful(people, rule, now, streak, _horizons):  # type: ignore[no-untyped-def]
        return order(people, rule, now, streak, NOBODY)

    late = 0
    for seed in range(40_000, 40_020):
        day = play(make_hall(seed), 0, by=forgetful)
        late += sum(visit.passed_late for visit in day.visits.values())
    assert late > 0, "else the bound above says nothing"
