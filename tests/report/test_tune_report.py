"""What tuning found, for people."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from tonnage.advise.levers import Lever
from tonnage.advise.replay import Elasticity
from tonnage.advise.tune import Confirmed, Design, Tuning
from tonnage.report.tune_report import print_tuning, tuning_json
from tonnage.workload import Change

LOWER = Change(component="Web", setting="TargetValue", before=70, after=50, policy="Scaling", caveat="mind the gap")


def a_design(usd: float, spent: float, *changes: Change, zone: float = 0.5) -> Design:
    return Design(
        changes=changes,
        usd=usd,
        affordable=True,
        tuned=spent,
        later=spent,
        spikes=2 * spent,
        elasticities=(),
        activities=3,
        confirmed=Confirmed(peak=spent, zone_lost=zone),
    )


def a_tuning(now: Design, *front: Design, best: Design | None) -> Tuning:
    return Tuning(
        now=now,
        front=front,
        best=best,
        levers=(Lever(name="Scaling TargetValue", options=((LOWER,), ()), now=1),),
        tried=9,
        refused=1,
        tuned_s=86_400.0,
        later_s=86_400.0,
    )


def printed(tuning: Tuning) -> str:
    out = io.StringIO()
    print_tuning("shop", tuning, Console(file=out, width=120, highlight=False), diff="--- a\n+++ b\n")
    return out.getvalue()


def test_the_best_is_marked_with_what_it_asks_for() -> None:
    better = a_design(120.0, 0.4, LOWER)
    text = printed(a_tuning(a_design(100.0, 3.0), better, best=better))
    assert "→ 1" in text
    assert "80 %" in text
    assert "Design 1 meets every objective in all that was tried, for +20 $ a month." in text.replace("\u00a0", " ")
    assert "mind the gap" in text
    assert "1 designs contradict themselves" in text
    assert "+++ b" in text


@pytest.mark.parametrize(
    ("now", "other", "chosen", "said"),
    [
        (0.5, None, False, "keep what is there"),
        (3.0, None, False, "what misses is not the scaling"),
        (3.0, 2.0, True, "No design meets everything; 1 comes nearest"),
    ],
)
def test_what_there_is_to_say(now: float, other: float | None, chosen: bool, said: str) -> None:
    front = () if other is None else (a_design(120.0, other, LOWER),)
    assert said in printed(a_tuning(a_design(100.0, now / 2), *front, best=front[0] if chosen else None))


def test_elasticity_is_shown_of_the_worst_group() -> None:
    none = np.zeros(0)
    first = Elasticity(
        fleet="Web/fleet",
        needed=none,
        supplied=none,
        too_few=0.02,
        too_many=0.46,
        time_too_few=0.1,
        time_too_many=0.5,
        instability=0.01,
        instance_hours=119.0,
    )
    second = replace(first, fleet="Api/fleet", too_many=0.6, instance_hours=10.0)
    text = printed(a_tuning(replace(a_design(1.0, 0.5), elasticities=(first, second)), best=None))
    row = next(line for line in text.splitlines() if line.startswith("  now") and "129" in line)
    assert [part for part in row.split() if part != "%"] == ["now", "2", "60", "10", "50", "1", "129"]


def test_endless_budgets_are_null_in_json() -> None:
    worst = a_design(1.0, float("inf"))
    found = json.loads(tuning_json("shop", 1, a_tuning(worst, worst, best=None), "", ["a note"]))
    assert found["now"]["budget_spent"]["history"] is None
    assert found["notes"] == ["a note"]
    assert found["levers"][0]["options"] == [["Scaling TargetValue 70 → 50"], []]
