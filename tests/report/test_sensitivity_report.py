"""The sensitivity report: the sentence, the table, the JSON."""

import io
import json
from dataclasses import replace

from rich.console import Console

from tonnage.advise.assumptions import Assumption
from tonnage.advise.sensitivity import Factor, Sensitivity
from tonnage.report.sensitivity_report import print_sensitivity, sensitivity_json, sentence
from tonnage.workload import Scenario, assumed


def a_factor(name: str, effect: float, met: tuple[bool, bool], **more: object) -> Factor:
    quantity = assumed(0.02, "s", "test", low=0.01, high=0.04)
    assumption = Assumption(component="Web", name=name, where="call", meaning="CPU.", quantity=quantity)
    return Factor(
        assumption=assumption,
        effect=effect,
        confidence=0.1,
        depends=0.0,
        capacity=0.7,
        met=met,
        **more,  # type: ignore[arg-type]
    )


RESULT = Sensitivity(
    factors=(
        a_factor("cpu", 0.6931, (True, False), total=(0.8, 0.05)),
        replace(a_factor("workers", 0.2, (True, True)), depends=0.5),
        replace(a_factor("backlog", 0.0, (True, True)), capacity=0.0),
    ),
    met=True,
    designs=52,
    scenario=Scenario(name="today's peak"),
)


def test_the_sentence_names_what_decides() -> None:
    assert sentence(RESULT) == "Of 3 assumed quantities 1 turns the verdict alone: measure Web cpu first."
    none = replace(RESULT, factors=RESULT.factors[1:])
    assert sentence(none) == "Of 2 assumed quantities none turns the verdict by itself within its range."
    one = replace(RESULT, factors=RESULT.factors[2:])
    assert sentence(one).startswith("Of the one assumed quantity none turns")


def test_quantities_stand_by_effect_and_the_rest_is_counted() -> None:
    out = io.StringIO()
    print_sensitivity("shop", RESULT, Console(file=out, width=100, highlight=False))
    lines = out.getvalue().replace("\u00a0", " ").splitlines()
    (cpu,) = [line for line in lines if line.startswith("  Web cpu")]
    assert "20 ms, 10 ms–40 ms" in cpu
    assert "× 2.00" in cpu
    assert "× 2.01" in cpu
    assert "holds, misses" in cpu
    assert "0.80 ± 0.05" in cpu
    assert any("Web workers" in line and "× 1.22 *" in line for line in lines)
    assert not any("backlog" in line for line in lines)
    assert any("1 more" in line for line in lines)
    assert any("52 designs" in line for line in lines)


def test_json_has_every_quantity() -> None:
    found = json.loads(sensitivity_json("shop", 7, RESULT))
    assert (found["schema"], found["workload"], found["seed"]) == ("tonnage.sensitivity/1", "shop", 7)
    assert [item["name"] for item in found["quantities"]] == ["cpu", "workers", "backlog"]
    assert found["quantities"][0]["met_at_ends"] == [True, False]
    assert found["quantities"][0]["total_index"] == [0.8, 0.05]
    assert found["quantities"][1]["total_index"] is None
