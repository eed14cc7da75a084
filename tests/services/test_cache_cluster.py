from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, PRESSED, a_stack, gathered, holds_for_every_room, refused, titles, writable
from shared_data import shared
from tonnage.engine.primitives import Cache, Fleet
from tonnage.engine.program import Lookup, Work
from tonnage.iac import read_template
from tonnage.services import Credits, Situation, Usage, cache_cluster
from tonnage.services._cache import usable_bytes
from tonnage.workload import Call, CatalogError, Component, TemplateError, declared

RESOURCES = """
Cache:
  Type: AWS::ElastiCache::CacheCluster
  Properties:
    Engine: {engine}
    CacheNodeType: {node}
    NumCacheNodes: "{nodes}"
"""


def cluster(tmp_path: Path, engine: str = "redis", node: str = "cache.m6g.large", nodes: str = "1") -> Component:
    stack = a_stack(tmp_path, RESOURCES.format(engine=engine, node=node, nodes=nodes))
    return gathered(cache_cluster, stack, "Cache")


def engine_and_keys(component: Component) -> tuple[Fleet, Cache]:
    primitives = cache_cluster.behaviour(component, CATALOG).primitives
    engine, keys = primitives["Cache/engine"], primitives["Cache/keys"]
    assert isinstance(engine, Fleet)
    assert isinstance(keys, Cache)
    return engine, keys


def test_redis_answers_on_one_thread_and_memcached_on_all(tmp_path: Path) -> None:
    redis, memcached = cluster(tmp_path), cluster(tmp_path, "memcached", nodes="3")
    for component in (redis, memcached):
        holds_for_every_room(cache_cluster, component)
    one, keys = engine_and_keys(redis)
    all_of_them, _ = engine_and_keys(memcached)
    assert (one.servers, one.discipline, one.instances) == (1, "fifo", 1)
    assert (all_of_them.servers, all_of_them.instances, all_of_them.max_instances, all_of_them.rule) == (
        2,
        3,
        3,
        "random",
    )
    assert (keys.hit_ratio, keys.objects) == (0.8, 0)


def test_a_visit_ends_with_the_look_up_and_takes_time_for_each_operation(tmp_path: Path) -> None:
    call = Call(component="Cache", demands={"operations": declared(3.0, "1", "user")})
    steps = cache_cluster.visit(cluster(tmp_path), call, CATALOG)
    assert steps.enter[-1] == Lookup("Cache/keys")
    assert [step.time.mean_s for step in steps.enter if isinstance(step, Work)] == pytest.approx([3e-5])


def test_the_hit_ratio_comes_out_of_the_keys_where_they_are_known(tmp_path: Path) -> None:
    known = {
        "objects": declared(100_000_000.0, "1", "user"),
        "object_size": declared(500.0, "bytes", "user"),
        "popularity": declared(0.7, "1", "user"),
    }
    _, keys = engine_and_keys(replace(cluster(tmp_path), characteristics=known))
    # cache.m6g.large: 6,854,542,746 bytes less the reserved quarter.
    assert (keys.hit_ratio, keys.objects, keys.alpha) == (None, 100_000_000, 0.7)
    assert keys.capacity == int(6_854_542_746 * 0.75 / 500)
    three = replace(cluster(tmp_path, "memcached", nodes="3"), characteristics=known)
    assert engine_and_keys(three)[1].capacity == int(3 * (6_854_542_746 - 100 * 2**20) / 500)
    few = replace(cluster(tmp_path), characteristics={"objects": declared(1000.0, "1", "user")})
    assert engine_and_keys(few)[1].capacity == 1000


def test_a_node_without_known_memory_needs_the_hit_ratio(tmp_path: Path) -> None:
    component = cluster(tmp_path, node="cache.c7gn.12xlarge")
    assert engine_and_keys(component)[1].hit_ratio == 0.8
    component = replace(component, characteristics={"objects": declared(1000.0, "1", "user")})
    with pytest.raises(CatalogError, match=r"template.yaml:\d+.*hit_ratio"):
        cache_cluster.behaviour(component, CATALOG)


def test_t_nodes_earn_credits_in_standard_mode(tmp_path: Path) -> None:
    (rule,) = cache_cluster.behaviour(cluster(tmp_path, node="cache.t3.micro"), CATALOG).controls
    assert isinstance(rule, Credits)
    # Two vCPUs at 10 %: a fifth of the engine's one thread, 12 credits an hour and 288 at most.
    assert (rule.unlimited, rule.baseline) == (False, 0.2)
    assert rule.earn_per_s * 60 == pytest.approx(12)
    assert rule.capacity / 60 == pytest.approx(288)
    (rule,) = cache_cluster.behaviour(cluster(tmp_path, "memcached", "cache.t3.micro"), CATALOG).controls
    assert isinstance(rule, Credits)
    assert rule.baseline == 0.1


def test_price_is_the_nodes_by_engine(tmp_path: Path) -> None:
    idle = Usage(visits_per_s=0.0)
    assert cache_cluster.price(cluster(tmp_path), idle, CATALOG).usd_per_h == pytest.approx(0.149)
    three = cluster(tmp_path, "memcached", nodes="3")
    assert cache_cluster.price(three, idle, CATALOG).usd_per_h == pytest.approx(3 * 0.149)
    valkey = cluster(tmp_path, "valkey")
    assert cache_cluster.price(valkey, idle, CATALOG).usd_per_h == pytest.approx(0.8 * 0.149)


def test_reserved_memory_is_not_usable() -> None:
    node = CATALOG.cache_node("cache.r7g.large")
    assert usable_bytes(node, "redis") == pytest.approx(0.75 * 14_037_181_030)


def test_what_is_missing_or_out_of_range_is_said(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, "Cache:\n  Type: AWS::ElastiCache::CacheCluster\n  Properties: {Engine: redis}")
    assert "CacheNodeType is not known" in refused(cache_cluster, stack, "Cache").reason
    for nodes in ("0", "61", "many"):
        stack = a_stack(tmp_path, RESOURCES.format(engine="memcached", node="cache.m6g.large", nodes=nodes))
        with pytest.raises(TemplateError, match=r"template.yaml:\d+.*NumCacheNodes"):
            cache_cluster.gather(stack.resources["Cache"], stack)
    with pytest.raises(CatalogError, match=r"cache\.m6g\.huge"):
        cache_cluster.behaviour(cluster(tmp_path, node="cache.m6g.huge"), CATALOG)


def test_knobs(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES.format(engine="memcached", node="cache.t3.micro", nodes=2))
    component = gathered(cache_cluster, stack, "Cache")
    found = titles(writable(cache_cluster, stack, component))
    assert found[:2] == ["Cache NumCacheNodes 2 → 3", "Cache NumCacheNodes 2 → 4"]
    assert "Cache CacheNodeType cache.t3.micro → cache.t4g.micro" in found
    assert "Cache CacheNodeType cache.t3.micro → cache.m6g.large" in found
    assert "Cache CacheNodeType cache.t3.micro → cache.t3.small" in found
    assert not any("NumCacheNodes" in title for title in titles(writable(cache_cluster, stack, component, Situation())))
    redis = a_stack(tmp_path, RESOURCES.format(engine="redis", node="cache.m5.large", nodes=1))
    found = titles(writable(cache_cluster, redis, gathered(cache_cluster, redis, "Cache")))
    assert not any("NumCacheNodes" in title for title in found)
    assert any("cache.m7g.large" in title for title in found)


def test_a_cluster_of_a_real_template() -> None:
    stack = read_template(shared("iac/cloudformation/elasticache_memcached.yaml"))
    for resource in stack.of_kind(cache_cluster.KIND):
        found = cache_cluster.gather(resource, stack)
        assert isinstance(found, Component)
        holds_for_every_room(cache_cluster, found)
        assert list(cache_cluster.knobs(found, PRESSED, CATALOG))


PARAMETERS = """
  CacheParameterGroupName: !Ref Parameters
Parameters:
  Type: AWS::ElastiCache::ParameterGroup
  Properties:
    CacheParameterGroupFamily: redis7
    Description: keeps what is used often
    Properties:
      maxmemory-policy: {policy}
"""


@pytest.mark.parametrize(("policy", "kept"), [("allkeys-lfu", "lfu"), ("volatile-lfu", "lfu"), ("allkeys-lru", "lru")])
def test_what_is_evicted_first_stands_in_the_parameter_group(tmp_path: Path, policy: str, kept: str) -> None:
    text = RESOURCES.format(engine="redis", node="cache.m6g.large", nodes="1").rstrip()
    text += PARAMETERS.format(policy=policy).replace("\n  CacheParameterGroupName", "\n    CacheParameterGroupName")
    component = gathered(cache_cluster, a_stack(tmp_path, text), "Cache")
    assert component.settings["maxmemory-policy"] == policy
    assert component.origins["maxmemory-policy"].resource == "Parameters"
    known = {"objects": declared(1000.0, "1", "user"), "time_to_live": declared(60.0, "s", "user")}
    _, keys = engine_and_keys(replace(component, characteristics=known))
    assert (keys.policy, keys.ttl_s) == (kept, 60.0)
    _, plain = engine_and_keys(replace(cluster(tmp_path), characteristics={"objects": declared(9.0, "1", "user")}))
    assert (plain.policy, plain.ttl_s) == ("lru", None)
