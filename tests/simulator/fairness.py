"""Does anybody starve: what the rule does to each kind of person on many simulated days."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from tenants.queueing.rule import Rule
from tests.simulator.day import Day, first_come, play
from tests.simulator.parameters import make_hall

DAYS_A_HALL = 5


@dataclass(slots=True)
class Fairness:
    """By class (four priority classes, booked, walk_in). Seconds, the worst of all days."""

    days: int = 0
    people: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    # How much later than by pure first-come on the very same day, for those called under both rules.
    later: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    waited: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    # The longest visit of any day.
    longest_visit: float = 0.0
    # The longest that anybody was being overtaken, by class: from the first call of a later person to the last.
    overtaken: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    # Calls of later people after the rule's bound had passed.
    passed_late: int = 0
    # Never called before closing: by the rule, and by first-come.
    left: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    left_first_come: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, day: Day, other: Day) -> None:
        self.days += 1
        for visit in day.visits.values():
            name = visit.wave or visit.person.kind
            self.people[name] += 1
            self.passed_late += visit.passed_late
            self.overtaken[name] = max(self.overtaken[name], visit.passed_for)
            same = other.visits[visit.person.id]
            self.left[name] += visit.called is None
            self.left_first_come[name] += same.called is None
            if visit.called is not None:
                self.waited[name].append(visit.called - visit.came)
                self.longest_visit = max(self.longest_visit, (visit.ended or 0) - visit.called)
                if same.called is not None:
                    self.later[name].append(visit.called - same.called)


def many_days(days: int, seed: int = 0, rule: Rule | None = None, family: str = "unseen") -> Fairness:
    """Play `days` days, five in each hall, and look at everybody."""
    found = Fairness()
    for number in range(days):
        hall = make_hall(seed + number // DAYS_A_HALL, family, rule)
        found.add(play(hall, number % DAYS_A_HALL), play(hall, number % DAYS_A_HALL, by=first_come))
    return found
