"""DAX: normalized requests, nodes, the documented examples."""

from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, refused, titles, writable
from tonnage.engine.program import Take
from tonnage.services import Situation, dax_cluster
from tonnage.services.dax_cluster import needed, normalized
from tonnage.workload import Call, TemplateError, declared

RESOURCES = """
Cache:
  Type: AWS::DAX::Cluster
  Properties: {NodeType: %s, ReplicationFactor: %s, IAMRoleARN: "arn:aws:iam::123456789012:role/dax"}
"""


def test_normalized_requests_as_documented() -> None:
    # D21: Amazon DynamoDB developer guide, DAX cluster sizing guide.
    assert normalized(50_000, 1_000, 100, item_kb=2, nodes=3) == 135_000


def test_the_loss_of_a_node_counts() -> None:
    # D22: three nodes with one lost need half as much again; a lower target utilization needs more.
    assert needed(100.0, utilization=0.9, nodes=3) == pytest.approx(150.0)
    assert needed(100.0, utilization=0.5, nodes=3) == pytest.approx(200.0)


@pytest.mark.parametrize("nodes", [1, 3, 11])
def test_writes_do_not_grow_with_the_nodes(tmp_path: Path, nodes: int) -> None:
    # D23: writes alone, the largest nodes carry 40,000 a second however many there are (1 M over 25).
    component = gathered(dax_cluster, a_stack(tmp_path, RESOURCES % ("dax.r5.8xlarge", nodes)), "Cache")
    assert dax_cluster.behaviour(component, CATALOG).limits["writes of 1 kB/s"] == pytest.approx(40_000)


def test_t_nodes_earn_what_the_instance_type_earns() -> None:
    # D24: dax.t3.small: 24 credits an hour are a fifth of a core, and at most 576 are kept.
    instance = CATALOG.instance_type("t3.small")
    assert (instance.credits_per_hour, instance.max_credits, instance.baseline) == (24.0, 576.0, 0.2)


def test_a_visit_takes_its_normalized_share(tmp_path: Path) -> None:
    component = gathered(dax_cluster, a_stack(tmp_path, RESOURCES % ("dax.r5.large", 2)), "Cache")
    call = Call(
        component="Cache",
        demands={"item_size": declared(2000.0, "bytes", "a test"), "writes": declared(1.0, "1", "a test")},
    )
    (take,) = (step for step in dax_cluster.visit(component, call, CATALOG).enter if isinstance(step, Take))
    # One read: 0.9 hits and 0.1 misses of ten; one write on two nodes; 2 kB each.
    assert take.amount == pytest.approx(2.0 * (0.9 + 1.0 + 50.0))


def test_nodes_for_the_peak_are_proposed_where_it_refuses(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES % ("dax.r5.large", 2))
    component = gathered(dax_cluster, stack, "Cache")
    pressed = Situation(pressures=("throttle",), peak_visits_per_s=200_000.0, per_visit={"normalized": 1.0})
    assert titles(writable(dax_cluster, stack, component, pressed)) == ["Cache ReplicationFactor 2 \u2192 4"]
    assert writable(dax_cluster, stack, component, Situation()) == []


def test_what_is_not_known_or_not_allowed_is_told(tmp_path: Path) -> None:
    assert "NodeType" in refused(dax_cluster, a_stack(tmp_path, RESOURCES % ("!ImportValue type", 2)), "Cache").reason
    stack = a_stack(tmp_path, RESOURCES % ("dax.r5.large", 12))
    with pytest.raises(TemplateError, match="ReplicationFactor is 12"):
        dax_cluster.gather(stack.resources["Cache"], stack)
