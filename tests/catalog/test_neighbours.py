import pytest

from tonnage.catalog import (
    find_instance_types,
    larger_cache_node,
    larger_db_class,
    larger_instance_type,
    load_catalog,
    newer_cache_nodes,
    newer_db_classes,
    newer_instance_types,
    steady_db_classes,
    steady_instance_types,
)

HERE = load_catalog()
PARIS = load_catalog("eu-west-3")


def names(found) -> list[str]:
    return [each.name for each in found]


def test_newer_types_keep_the_shape_and_are_faster() -> None:
    found = newer_instance_types(HERE, "m5.large")
    assert {"m7g.large", "m7i.large", "m7a.large", "m6i.large"} <= set(names(found))
    assert "m5.large" not in names(found)
    for each in found:
        assert (each.vcpus, each.memory_gib) == (2, 8.0)
        assert each.relative_speed.value > 1.0
        assert not each.bare_metal


def test_newer_types_come_newest_first_and_cheapest_first_within_a_generation() -> None:
    found = newer_instance_types(HERE, "m5.large")
    order = [(-each.generation, HERE.instance_price(each.name).usd) for each in found]
    assert order == sorted(order)


def test_newer_types_keep_the_extras_of_a_family() -> None:
    assert all(each.family.endswith("d") for each in newer_instance_types(HERE, "m5d.large"))
    assert "m7gd.large" in names(newer_instance_types(HERE, "m5d.large"))
    assert "m7i-flex.large" not in names(newer_instance_types(HERE, "m6i.large"))


def test_newer_types_bridge_the_small_differences_of_old_families() -> None:
    assert "c7i.large" in names(newer_instance_types(HERE, "c4.large"))
    assert "t3.micro" in names(newer_instance_types(HERE, "t2.micro"))
    assert names(newer_instance_types(HERE, "t3.medium")) == ["t4g.medium"]


def test_steady_types_have_no_credits_and_at_least_the_size() -> None:
    found = steady_instance_types(HERE, "t3.medium")
    assert {"m7g.large", "m7i.large", "c7g.large"} <= set(names(found))
    for each in found:
        assert not each.burstable
        assert each.vcpus == 2
        assert each.memory_gib >= 4
        assert "-flex" not in each.family
    prices = [HERE.instance_price(each.name).usd for each in found]
    assert prices == sorted(prices)


def test_steady_types_of_a_graviton_type_are_graviton() -> None:
    found = steady_instance_types(HERE, "t4g.medium")
    assert found
    assert {each.arch for each in found} == {"arm64"}


def test_a_type_without_credits_has_no_steady_peer() -> None:
    assert steady_instance_types(HERE, "m5.large") == ()
    assert steady_db_classes(HERE, "db.m5.large", "mysql") == ()


@pytest.mark.parametrize(
    ("now", "larger"),
    [("t3.small", "t3.medium"), ("m5.large", "m5.xlarge"), ("m7g.8xlarge", "m7g.12xlarge"), ("t3.2xlarge", None)],
)
def test_the_next_larger_type(now: str, larger: str | None) -> None:
    found = larger_instance_type(HERE, now)
    assert (found.name if found else None) == larger


def test_only_types_with_a_price_in_the_region_are_named() -> None:
    offered = names(newer_instance_types(PARIS, "m5.large"))
    assert offered
    assert set(offered) < set(names(newer_instance_types(HERE, "m5.large")))
    assert all(PARIS.instance_price(name).region == "eu-west-3" for name in offered)


def test_db_classes_are_those_of_the_engine() -> None:
    plain, aurora = (steady_db_classes(HERE, "db.t3.medium", engine) for engine in ("postgres", "aurora-postgresql"))
    assert {"db.m7g.large", "db.m6i.large"} <= set(names(plain))
    assert names(aurora)
    assert all(each.family.startswith("r") for each in aurora)
    assert all("aurora-postgresql" in each.engines for each in aurora)


def test_newer_and_larger_db_classes() -> None:
    assert {"db.r7g.large", "db.r7i.large"} <= set(names(newer_db_classes(HERE, "db.r5.large", "mysql")))
    larger = larger_db_class(HERE, "db.t3.medium", "mysql")
    assert larger is not None
    assert larger.name == "db.t3.large"
    assert larger_db_class(HERE, "db.t3.2xlarge", "mysql") is None


def test_cache_nodes() -> None:
    assert "cache.r7g.large" in names(newer_cache_nodes(HERE, "cache.r5.large", "redis"))
    assert "cache.r8g.large" not in names(newer_cache_nodes(HERE, "cache.r5.large", "redis"))
    assert "cache.r8g.large" in names(newer_cache_nodes(HERE, "cache.r5.large", "valkey"))
    larger = larger_cache_node(HERE, "cache.t3.micro", "redis")
    assert larger is not None
    assert larger.name == "cache.t3.small"
    assert larger_cache_node(HERE, "cache.t3.medium", "redis") is None


def test_types_are_found_by_need_cheapest_first() -> None:
    found = find_instance_types(HERE, min_vcpus=4, min_memory_gib=16, arch="x86_64")
    assert found
    for each in found:
        assert each.vcpus >= 4
        assert each.memory_gib >= 16
        assert each.arch == "x86_64"
        assert each.current_generation
        assert not each.accelerated
    prices = [HERE.instance_price(each.name).usd for each in found]
    assert prices == sorted(prices)
    older = find_instance_types(HERE, min_vcpus=4, min_memory_gib=16, arch="x86_64", current_generation=False)
    assert "m5.xlarge" in names(older)
    assert set(names(found)) < set(names(older))


def test_burstable_types_are_found_when_asked_for() -> None:
    found = find_instance_types(HERE, min_vcpus=2, min_memory_gib=4, burstable=True, series=("t",))
    assert names(found)[:2] == ["t4g.medium", "t3a.medium"]
    assert find_instance_types(HERE, min_vcpus=2, min_memory_gib=4, burstable=True) == ()
