"""The first workload file: reads back as what was understood."""

from dataclasses import replace
from pathlib import Path

import pytest

from tonnage.advise.assumptions import assumptions
from tonnage.intake import Overrides, load, open_source, starter
from tonnage.workload import Call, Quantity, Workload
from workloads import a_web_source, an_api_source


def understood(template: Path) -> Workload:
    return load(open_source(str(template), Overrides()))


def again(workload: Workload, template: Path) -> Workload:
    """The workload that the starter's text gives, written beside the template."""
    file = template.with_name("tonnage.yaml")
    file.write_text(starter(workload, template.name), encoding="utf-8")
    return load(open_source(str(file), Overrides()))


def plain(quantity: Quantity) -> tuple[float, str, float, float]:
    return (quantity.value, quantity.unit, quantity.low, quantity.high)


def calls(workload: Workload) -> list[tuple[str, str, int, int]]:
    return [(route.name, call.component, len(call.calls), len(call.on_miss)) for route, call in workload.calls()]


def assert_same(first: Workload, second: Workload) -> None:
    assert second.name == first.name
    assert second.region == first.region
    assert [objective.text for objective in second.objectives] == [objective.text for objective in first.objectives]
    assert second.growth == first.growth
    assert second.traffic.rates_per_s == first.traffic.rates_per_s
    assert calls(second) == calls(first)
    assert [route.share for route in second.routes] == pytest.approx([route.share for route in first.routes])
    assert second.components.keys() == first.components.keys()
    for name, component in first.components.items():
        assert dict(second.components[name].settings) == dict(component.settings)
    # What was assumed is still assumed, with the same value and range; what has no range is now declared.
    before = {(a.component, a.name): plain(a.quantity) for a in assumptions(first)}
    after = {(a.component, a.name): plain(a.quantity) for a in assumptions(second)}
    ranged = {key: value for key, value in before.items() if value[2] < value[3]}
    assert after.keys() == ranged.keys()
    for key, (value, unit, low, high) in ranged.items():
        assert after[key][1] == unit
        assert after[key][0:1] + after[key][2:] == pytest.approx((value, low, high), rel=1e-5)


@pytest.mark.parametrize("source", [a_web_source, an_api_source])
def test_what_is_written_reads_back_as_the_same_workload(tmp_path: Path, source) -> None:
    source(tmp_path)
    first = understood(tmp_path / "template.yaml")
    second = again(first, tmp_path / "template.yaml")
    assert_same(first, second)
    assert_same(second, again(second, tmp_path / "template.yaml"))


def test_a_cache_with_misses_reads_back(tmp_path: Path) -> None:
    a_web_source(tmp_path)
    template = tmp_path / "template.yaml"
    text = template.read_text().replace("DB=${Database.Endpoint.Address}", "${Database.Endpoint.Address} ${Keys.Arn}")
    template.write_text(
        text + "  Keys:\n    Type: AWS::ElastiCache::CacheCluster\n    Properties:\n      Engine: memcached\n"
        "      CacheNodeType: cache.m5.large\n      NumCacheNodes: 2\n"
    )
    first = understood(template)
    assert any(call.on_miss for _, call in first.calls())
    assert_same(first, again(first, template))


def test_three_routes_have_shares_that_still_sum_to_one(tmp_path: Path) -> None:
    a_web_source(tmp_path)
    first = understood(tmp_path / "template.yaml")
    entry = first.routes[0].entry
    thirds = [replace(first.routes[0], name=name, share=1 / 3, entry=entry) for name in ("a", "b", "c")]
    assert_same(three := replace(first, routes=tuple(thirds)), again(three, tmp_path / "template.yaml"))


@pytest.mark.parametrize("stem", ["shop #1", "2024", "yes", "a: b", "2024-01-01", "plain", "'quoted'"])
def test_any_file_name_can_be_written(tmp_path: Path, stem: str) -> None:
    a_web_source(tmp_path)
    template = (tmp_path / "template.yaml").rename(tmp_path / f"{stem}.yaml")
    first = understood(template)
    assert first.name == stem
    second = again(first, template)
    assert second.name == stem
    assert Path(second.architecture).name == template.name


def test_it_says_what_is_guessed_and_left_out(tmp_path: Path) -> None:
    an_api_source(tmp_path)
    template = tmp_path / "template.yaml"
    template.write_text(template.read_text() + "  Stream:\n    Type: AWS::MSK::Cluster\n")
    workload = understood(template)
    text = starter(workload, "template.yaml")
    assert "#   Stream (AWS::MSK::Cluster): " in text
    assert "assumed" in text
    assert text.endswith("\n")
    assert max(len(line) for line in text.splitlines()) < 400


def test_only_what_a_route_reaches_is_asked_for(tmp_path: Path) -> None:
    a_web_source(tmp_path)
    workload = understood(tmp_path / "template.yaml")
    alone = replace(workload, routes=(replace(workload.routes[0], share=1.0, entry=Call(component="Web")),))
    text = starter(alone, "template.yaml")
    assert "  Web:  # Auto Scaling group" in text
    assert "  Database:" not in text
