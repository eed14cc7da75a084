import json
import math
from dataclasses import replace

import msgspec
import numpy as np

from report.json_schema_check import violations
from report.reviews import a_judgement, a_load_line, a_review, an_outcome
from tonnage.report.json_report import json_schema, to_json
from tonnage.report.review_format import ReviewReport


def test_the_whole_review(golden):
    golden("review.json", to_json(a_review()) + "\n")


def test_it_is_what_the_schema_describes():
    schema = json_schema()
    value = json.loads(to_json(a_review()))
    assert list(violations(value, schema, schema)) == []
    assert msgspec.json.decode(to_json(a_review()), type=ReviewReport).schema_ == "tonnage.review/1"


def test_the_check_against_the_schema_sees_what_is_wrong():
    schema = json_schema()
    value = json.loads(to_json(a_review()))
    del value["seed"]
    value["loads"][0]["judgements"][0]["confidence"] = "maybe"
    value["load_line"]["factor"] = "much"
    value["workload"]["surprise"] = 1
    assert len(list(violations(value, schema, schema))) == 4


def test_two_runs_give_the_same_bytes():
    assert to_json(a_review()) == to_json(a_review())


def test_what_is_infinite_or_does_not_exist_is_null():
    review = a_review()
    load = review.loads[1]
    objective = review.workload.objectives[0]
    nothing = replace(a_judgement(objective, 1.0), value=math.inf, low=math.inf, high=math.inf, margin=-math.inf)
    outcome = an_outcome(times_s=np.array([10.0]), series={"SessionCache/keys:hit ratio": np.array([np.nan])})
    load = replace(load, judgements=(nothing, *load.judgements[1:]), outcomes=(outcome,))
    value = json.loads(to_json(replace(review, loads=(review.loads[0], load))))
    judged = value["loads"][1]
    assert judged["judgements"][0]["value"] is None
    assert judged["judgements"][0]["margin"] is None
    assert judged["series"]["levels"]["SessionCache/keys:hit ratio"] == [None]
    assert "NaN" not in to_json(replace(review, loads=(review.loads[0], load)))


def test_figures_of_the_review_are_found_again():
    value = json.loads(to_json(a_review()))
    assert value["met"] is True
    assert [load["met"] for load in value["loads"]] == [True, False]
    assert value["load_line"]["gives_way"][0]["component"] == "Database"
    assert value["loads"][1]["failures"][0]["text"] == "too many connections"
    assert value["loads"][1]["activities"][0]["after"] == 5
    latency = value["loads"][1]["routes"]["order"]["latency"]
    assert latency["p99_9_s"] > 4
    assert latency["iqm_s"] < latency["tm99_s"] < latency["p99_s"]
    within = value["loads"][0]["within_percent"]
    assert set(within) == {o["text"] for o in value["workload"]["objectives"] if "latency" in o["text"]}
    assert all(0.0 <= percent <= 100.0 for percent in within.values())
    first, second = value["recommendations"]
    assert first["diff"].startswith("--- a/web.yaml")
    assert first["effect"]["load_line"]["rate_per_s"] == 1210.0
    assert second["changes"][0]["also"][0]["after"] is None
    assert second["changes"][1]["resources"] == ["DatabaseProxy"]
    assert second["effect"]["stopped"].startswith("stopped early")
    assert value["assumptions"][0]["met"] == [True, False]
    assert [item["matters"] for item in value["not_modelled"]] == [True, False, False]
    policies = next(c for c in value["workload"]["components"] if c["name"] == "WebServerGroup")["policies"]
    assert policies[0]["description"] == "target tracking: CPU at 70 %, warm-up 300 s"
    assert policies[1]["not_simulated"].startswith("a scheduled action")


def test_series_are_thinned_and_stand_on_one_line():
    long = an_outcome(
        times_s=10.0 * np.arange(1, 1441.0), series={"Database/cpu:utilization": np.linspace(0.0, 1.0, 1440)}
    )
    review = a_review()
    text = to_json(replace(review, loads=(replace(review.loads[0], outcomes=(long,)), review.loads[1])))
    levels = json.loads(text)["loads"][0]["series"]
    assert len(levels["times_s"]) == len(levels["levels"]["Database/cpu:utilization"]) == 360
    assert max(levels["levels"]["Database/cpu:utilization"]) == 1.0
    assert sum('"times_s": [' in line and line.rstrip(",").endswith("]") for line in text.splitlines()) == 2


def test_a_review_without_a_load_line_and_recommendations():
    line = a_load_line(factor=0.0, rate_per_s=0.0, above=None, never=True)
    value = json.loads(to_json(a_review(load_line=line, recommendations=(), influences=())))
    assert value["load_line"]["above"] is None
    assert value["recommendations"] == []
    schema = json_schema()
    assert list(violations(value, schema, schema)) == []
