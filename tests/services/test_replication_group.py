from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, holds_for_every_room, refused, titles, writable
from tonnage.engine.primitives import Fleet
from tonnage.engine.program import Work
from tonnage.services import ScalingGroup, Usage, replication_group
from tonnage.workload import Call, TemplateError, declared


def resources(properties: str) -> str:
    return f"""
    Cache:
      Type: AWS::ElastiCache::ReplicationGroup
      Properties:
        ReplicationGroupDescription: test
        {properties}
    """


@pytest.mark.parametrize(
    ("properties", "shards", "nodes", "engine"),
    [
        ("", 1, 1, "redis"),
        ("NumCacheClusters: '3'", 1, 3, "redis"),
        ("NumNodeGroups: 3, ReplicasPerNodeGroup: 2, Engine: Valkey", 3, 9, "valkey"),
        ("NodeGroupConfiguration: [{ReplicaCount: 1}, {ReplicaCount: 1}]", 2, 4, "redis"),
    ],
)
def test_shards_answer_and_replicas_are_paid(
    tmp_path: Path, properties: str, shards: int, nodes: int, engine: str
) -> None:
    own = f"{{CacheNodeType: cache.r7g.large, {properties}}}"
    stack = a_stack(tmp_path, f"Cache: {{Type: AWS::ElastiCache::ReplicationGroup, Properties: {own}}}")
    component = gathered(replication_group, stack, "Cache")
    holds_for_every_room(replication_group, component)
    fleet = replication_group.behaviour(component, CATALOG).primitives["Cache/engine"]
    assert isinstance(fleet, Fleet)
    assert (fleet.instances, fleet.servers) == (shards, 1)
    each = {"redis": 0.219, "valkey": 0.1752}[engine]
    cost = replication_group.price(component, Usage(visits_per_s=0.0), CATALOG)
    assert cost.usd_per_h == pytest.approx(nodes * each)


def test_what_is_missing_or_out_of_range_is_said(tmp_path: Path) -> None:
    secondary = a_stack(tmp_path, resources("GlobalReplicationGroupId: g-1"))
    assert "secondary" in refused(replication_group, secondary, "Cache").reason
    stack = a_stack(tmp_path, resources("CacheNodeType: cache.r7g.large\n        NumNodeGroups: 0"))
    with pytest.raises(TemplateError, match=r"template.yaml:\d+.*NumNodeGroups is 0"):
        replication_group.gather(stack.resources["Cache"], stack)


def test_a_sharded_group_is_offered_more_shards(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, resources("CacheNodeType: cache.m5.large\n        NumNodeGroups: 2"))
    component = gathered(replication_group, stack, "Cache")
    found = titles(writable(replication_group, stack, component))
    assert found[:2] == ["Cache NumNodeGroups 2 → 3", "Cache NumNodeGroups 2 → 4"]
    assert any("CacheNodeType cache.m5.large → cache.m" in title for title in found)


def test_an_unsharded_group_is_not(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, resources("CacheNodeType: cache.m5.large"))
    found = titles(writable(replication_group, stack, gathered(replication_group, stack, "Cache")))
    assert found
    assert not any("NumNodeGroups" in title for title in found)


SCALED = """
Cache:
  Type: AWS::ElastiCache::ReplicationGroup
  Properties:
    ReplicationGroupDescription: test
    ReplicationGroupId: sessions
    CacheNodeType: cache.r7g.large
    NumNodeGroups: 3
    ReplicasPerNodeGroup: 1
Target:
  Type: AWS::ApplicationAutoScaling::ScalableTarget
  Properties:
    MinCapacity: 2
    MaxCapacity: {most}
    ResourceId: {resource}
    ScalableDimension: elasticache:replication-group:NodeGroups
    ServiceNamespace: elasticache
Follow:
  Type: AWS::ApplicationAutoScaling::ScalingPolicy
  Properties:
    PolicyType: TargetTrackingScaling
    ScalingTargetId: !Ref Target
    TargetTrackingScalingPolicyConfiguration:
      TargetValue: 60
      PredefinedMetricSpecification: {{ PredefinedMetricType: ElastiCachePrimaryEngineCPUUtilization }}
"""


@pytest.mark.parametrize("resource", ["replication-group/sessions", '!Sub "replication-group/${Cache}"'])
def test_shards_follow_their_policy(tmp_path: Path, resource: str) -> None:
    component = gathered(replication_group, a_stack(tmp_path, SCALED.format(most=12, resource=resource)), "Cache")
    holds_for_every_room(replication_group, component)
    behaviour = replication_group.behaviour(component, CATALOG)
    (group,) = behaviour.controls
    assert isinstance(group, ScalingGroup)
    assert (group.fleet, group.minimum, group.maximum, group.desired, group.boot_s) == ("Cache/engine", 2, 12, 3, 600.0)
    fleet = behaviour.primitives["Cache/engine"]
    assert isinstance(fleet, Fleet)
    assert (fleet.instances, fleet.max_instances) == (3, 26)
    # A primary and a replica in each shard: 5 shards on average are ten nodes.
    cost = replication_group.price(component, Usage(visits_per_s=0.0, instances=5.0), CATALOG)
    assert cost.usd_per_h == pytest.approx(10 * 0.219)


def test_bounds_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, SCALED.format(most=1, resource="replication-group/sessions"))
    with pytest.raises(TemplateError, match=r"template.yaml:\d+.*MinCapacity 2 and MaxCapacity 1"):
        replication_group.gather(stack.resources["Cache"], stack)


def test_calls_that_ask_a_replica_leave_the_primary_alone(tmp_path: Path) -> None:
    stack = a_stack(
        tmp_path,
        """
Sessions:
  Type: AWS::ElastiCache::ReplicationGroup
  Properties: {CacheNodeType: cache.m7g.large, NumNodeGroups: 2, ReplicasPerNodeGroup: 2}
""",
    )
    component = gathered(replication_group, stack, "Sessions")
    fleets = replication_group.behaviour(component, CATALOG).primitives
    readers = fleets["Sessions/readers"]
    assert isinstance(readers, Fleet)
    assert readers.instances == 4
    asked = Call(component="Sessions", demands={"readers": declared(1.0, "1", "a test")})
    worked = [
        step.fleet
        for call in (asked, Call(component="Sessions"))
        for step in replication_group.visit(component, call, CATALOG).enter
        if isinstance(step, Work)
    ]
    assert worked == ["Sessions/readers", "Sessions/engine"]
