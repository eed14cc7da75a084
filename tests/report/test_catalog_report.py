"""Types in a terminal and as JSON."""

import io
import json

from rich.console import Console

from tonnage.catalog import Criteria, load_catalog, machine_of, price_of, select
from tonnage.report.catalog_report import candidates_json, machine_json, print_candidates, print_machine, refusal

CATALOG = load_catalog("us-east-1")
FOUND = select(CATALOG, "ec2", Criteria(family="m7g"))


def printed(every: bool) -> str:
    out = io.StringIO()
    many = select(CATALOG, "ec2", Criteria(arch="arm64"))
    print_candidates(many, "us-east-1", Console(file=out, width=150), every=every)
    return out.getvalue()


def test_the_first_twenty_or_all() -> None:
    assert "more (--all" in printed(every=False)
    assert "more (--all" not in printed(every=True)
    assert "USD/h" in printed(every=True)


def test_json_has_every_figure_with_its_source() -> None:
    said = json.loads(candidates_json(FOUND, "us-east-1"))
    assert [each["name"] for each in said["types"]] == [each.machine.name for each in FOUND]
    assert said["types"][0]["price"]["source"]
    assert said["types"][0]["relative_speed"]["low"] < said["types"][0]["relative_speed"]["high"]


def test_one_type_with_its_prices() -> None:
    _, machine = machine_of(CATALOG, "cache.r7g.large")
    prices = {engine: price_of(CATALOG, machine, engine) for engine in ("valkey", "no such engine")}
    out = io.StringIO()
    print_machine(machine, prices, Console(file=out, width=150))
    assert "maxmemory_bytes" in out.getvalue()
    assert "with no such engine: not in the catalogue" in out.getvalue()
    assert json.loads(machine_json(machine, prices))["prices"]["no such engine"] is None


def test_what_to_do_where_nothing_fits() -> None:
    assert refusal([("network", 39), ("arch", 2)]) == "Without --network 39 would; without --arch 2 would."
    assert refusal([]).startswith("Ask for less")
