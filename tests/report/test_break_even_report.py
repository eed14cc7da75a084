"""The comparison in a terminal and as JSON."""

import io
import json

from rich.console import Console

from tonnage.advise.break_even import BreakEven, Variant, Work, changes
from tonnage.report.break_even_report import break_even_json, print_break_even

VARIANTS = (
    Variant(name="EC2 m7g.large", present=True, usd_per_month=lambda _: 120.0),
    Variant(name="Lambda 1,769 MB", present=False, usd_per_month=lambda rate: 3.0 * rate),
)
FOUND = BreakEven(
    component="Web",
    work=Work(cpu_s=0.020, waited_s=0.005),
    utilization=0.6,
    mean_per_s=68.0,
    peak_over_mean=3.1,
    variants=VARIANTS,
    changes=changes(VARIANTS),
    loads_per_s=(1.0, 100.0),
)


def test_terminal() -> None:
    out = io.StringIO()
    print_break_even("shop", FOUND, Console(file=out, width=100, highlight=False))
    text = out.getvalue().replace("\u202f", " ").replace("\u00a0", " ")
    assert "EC2 m7g.large (today)" in text
    assert "68 req/s (today)" in text
    assert "From 40 req/s on EC2 m7g.large costs less than Lambda 1,769 MB." in text
    assert "20 ms on one m5 vCPU" in text


def test_json() -> None:
    said = json.loads(break_even_json("shop", FOUND))
    assert said["loads_per_s"] == [1.0, 68.0, 100.0]
    assert said["usd_per_month"]["Lambda 1,769 MB"] == [3.0, 204.0, 300.0]
    assert said["present"] == "EC2 m7g.large"
    assert [round(each["rate_per_s"], 3) for each in said["changes"]] == [40.0]


def test_one_that_is_always_the_cheapest() -> None:
    out = io.StringIO()
    always = BreakEven(**{**{k: getattr(FOUND, k) for k in FOUND.__slots__}, "changes": ()})
    print_break_even("shop", always, Console(file=out, width=100, highlight=False))
    assert "is the cheapest at every load" in out.getvalue()
