"""The resilience report: the sentence, the table, the JSON."""

import io
import json
import math

import numpy as np
from rich.console import Console

from outcomes import a_route, an_outcome
from tonnage.advise.resilience import Recovery, Resilience
from tonnage.report.resilience_report import print_resilience, resilience_json, sentence
from tonnage.workload import Fault

TRIGGER = Fault(kind="spike", factor=3.0, at_s=0.0, for_s=60.0)


def a_recovery(rate: float, state: str, recovery_s: float = 0.0) -> Recovery:
    return Recovery(
        rate_per_s=rate,
        fraction=rate / 100.0,
        state=state,  # type: ignore[arg-type]
        recovery_s=recovery_s,
        worst_errors=0.25,
        latency_s=0.123,
        outcome=an_outcome(a_route("r", {0.1: 10})),
    )


def results(*recoveries: Recovery) -> Resilience:
    return Resilience(trigger=TRIGGER, recoveries=recoveries, load_line_per_s=100.0)


SAFE = results(a_recovery(40.0, "stable", 20.0), a_recovery(95.0, "stable", 150.0))
UNSAFE = results(a_recovery(40.0, "stable", 20.0), a_recovery(70.0, "vulnerable", math.inf))
NEVER = results(a_recovery(40.0, "vulnerable", math.inf), a_recovery(95.0, "overload", math.inf))


def test_the_sentence_says_where_it_becomes_unsafe() -> None:
    said = sentence(SAFE).replace("\u00a0", " ")
    assert said == "It recovers at every load tried below the load line of 100 req/s, after 2 min 30 s at most."
    assert sentence(UNSAFE).replace("\u00a0", " ") == (
        "From 70 req/s on it does not recover by itself, although the load line is 100 req/s; up to 40 req/s it does."
    )
    assert sentence(NEVER).endswith("at no load tried does it recover.")


def test_every_load_has_its_line() -> None:
    out = io.StringIO()
    print_resilience("shop", [UNSAFE], Console(file=out, width=100, highlight=False))
    text = out.getvalue().replace("\u00a0", " ")
    assert "shop: after a trigger, does it recover?" in text
    assert "3 times the traffic" in text
    (line,) = [line for line in text.splitlines() if "vulnerable" in line]
    assert "never" in line
    assert "25" in line
    assert "123 ms" in line


def test_json_has_no_infinity_and_all_windows() -> None:
    text = resilience_json("shop", 7, [UNSAFE])
    assert "Infinity" not in text
    found = json.loads(text)
    assert (found["workload"], found["seed"], found["load_line_per_s"]) == ("shop", 7, 100.0)
    stable, vulnerable = found["triggers"][0]["recoveries"]
    assert (stable["recovery_s"], vulnerable["recovery_s"]) == (20.0, None)
    assert np.array(stable["windows"]).shape == (1, 3)
    assert json.loads(resilience_json("shop", 7, []))["load_line_per_s"] is None
