"""Karpenter: the cheapest node that fits the pods that wait, and consolidation within disruption budgets.

Pods that find no room are gathered until none came for a second, ten seconds at most; then as few nodes as will do are
asked for, each of the cheapest type that takes its pods. Every ten seconds nodes that are empty, or whose pods fit
elsewhere or on one cheaper node, are disrupted; a command is looked at again after 15 s before it is carried out.
Not modelled: Spot, drift and expiry, topology, nodes replaced by several. Source: Karpenter documentation,
"Disruption", "Settings" (``BATCH_IDLE_DURATION``, ``BATCH_MAX_DURATION``).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tonnage.scaling.instances import InstanceState
from tonnage.scaling.node import Node, PodRequest, fits, packed
from tonnage.scaling.scheduled_action import ScheduledAction, last_unix_s
from tonnage.services import Budget, Karpenter, NodePool, NodeType

BATCH_IDLE_S = 1.0
BATCH_MAX_S = 10.0
LOOP_S = 10.0
VALIDATION_S = 15.0
MOST_CANDIDATES = 100
"""Nodes that one multi-node consolidation looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A node to launch.

    Attributes:
        pool: Name of its pool.
        type: Its type.
        pods: How many of the waiting pods it is for.
    """

    pool: str
    type: NodeType
    pods: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A disruption.

    Attributes:
        nodes: Numbers of the nodes that go.
        replacement: A node that must be there first; None where the pods fit on the others.
        reason: ``Empty`` or ``Underutilized``.
    """

    nodes: tuple[int, ...]
    replacement: Claim | None
    reason: str


def batch_ends_s(first_s: float, newest_s: float) -> float:
    """When waiting pods are provisioned for.

    Args:
        first_s: When the first of them came.
        newest_s: When the newest came.
    """
    return min(newest_s + BATCH_IDLE_S, first_s + BATCH_MAX_S)


def claims(pods: Sequence[PodRequest], pools: Sequence[NodePool], nodes: Sequence[Node]) -> list[Claim]:
    """Nodes for pods that wait: each takes as many as any type allowed could hold, on the cheapest type that does.

    Args:
        pods: Pods that no node has room for.
        pools: NodePools, in the order in which they are tried.
        nodes: All nodes, for the pools' limits.

    Returns:
        Claims; fewer than needed where a pool's limit is reached or no type takes a pod.
    """
    waiting = sorted(pods, key=lambda each: (-each.cpu, -each.memory_mib))
    used = {pool.name: float(sum(n.type.vcpus for n in nodes if n.pool == pool.name)) for pool in pools}
    count = {pool.name: sum(node.pool == pool.name for node in nodes) for pool in pools}
    made: list[Claim] = []
    while waiting:
        claim, taken = _claim(waiting, pools, used, count)
        if claim is None:
            # Nothing takes the largest of them; a smaller one may still find a node.
            waiting = waiting[1:]
            continue
        made.append(claim)
        used[claim.pool] += claim.type.vcpus
        count[claim.pool] += 1
        gone = set(taken)
        waiting = [pod for k, pod in enumerate(waiting) if k not in gone]
    return made


def _claim(
    waiting: Sequence[PodRequest], pools: Sequence[NodePool], used: dict[str, float], count: dict[str, int]
) -> tuple[Claim | None, list[int]]:
    """The next node, beginning with the largest pod, and which pods it takes."""
    for pool in pools:
        assert isinstance(pool.provisioner, Karpenter)
        if count[pool.name] >= pool.maximum:
            continue
        left = pool.provisioner.cpu_limit - used[pool.name]
        types = [each for each in pool.types if each.vcpus <= left + 1e-9]
        possible = [each for each in types if fits(each, waiting[:1])]
        if not possible:
            continue
        taken = [0]
        for k in range(1, len(waiting)):
            with_it = [waiting[j] for j in taken] + [waiting[k]]
            narrowed = [each for each in possible if fits(each, with_it)]
            if narrowed:
                possible, taken = narrowed, [*taken, k]
        return Claim(pool=pool.name, type=cheapest(possible), pods=len(taken)), taken
    return None, []


def cheapest(types: Sequence[NodeType]) -> NodeType:
    """The cheapest type; of equals the smaller, then by name."""
    return min(types, key=lambda each: (each.usd_per_h, each.vcpus, each.name))


# Disruption ---------------------------------------------------------------------------------------------------------


def allowed(rule: Karpenter, nodes: Sequence[Node], reason: str, unix_s: float) -> int:
    """Nodes of a pool that may be disrupted now: the strictest budget, less those deleting or not ready.

    Args:
        rule: The pool's rules.
        nodes: All its nodes.
        reason: ``Empty`` or ``Underutilized``.
        unix_s: Now.
    """
    gone = sum(node.state is not InstanceState.IN_SERVICE for node in nodes)
    limits = [
        math.ceil(len(nodes) * budget.share - 1e-9) if budget.share is not None else (budget.nodes or 0)
        for budget in rule.budgets
        if (not budget.reasons or reason in budget.reasons) and holds(budget, unix_s)
    ]
    return max(0, min(limits, default=len(nodes)) - gone)


def holds(budget: Budget, unix_s: float) -> bool:
    """Whether a budget with a schedule holds at a time."""
    if not budget.schedule:
        return True
    begins = ScheduledAction(
        name="budget",
        minimum=None,
        maximum=None,
        desired=None,
        recurrence=budget.schedule,
        zone="Etc/UTC",
        start_unix_s=None,
        end_unix_s=None,
    )
    last = last_unix_s(begins, unix_s)
    return last is not None and unix_s - last < budget.duration_s


def command(pools: Sequence[NodePool], nodes: Sequence[Node], time_s: float, unix_s: float) -> Command | None:
    """The next disruption: empty nodes all at once, else several that fit on the others or on one cheaper, else one.

    Args:
        pools: NodePools.
        nodes: All nodes of the cluster.
        time_s: Now, as the nodes count it.
        unix_s: Now.
    """
    rules = {pool.name: pool for pool in pools}
    candidates = [
        node
        for node in nodes
        if node.pool in rules
        and node.state is InstanceState.IN_SERVICE
        and time_s - node.changed_s >= _after_s(rules[node.pool])
    ]
    empty = _within_budget([node for node in candidates if not node.pods], rules, nodes, "Empty", unix_s)
    if empty:
        return Command(nodes=tuple(node.number for node in empty), replacement=None, reason="Empty")
    busy = [node for node in candidates if node.pods and _rule(rules[node.pool]).consolidation != "WhenEmpty"]
    # Those that disturb least come first.
    busy.sort(key=lambda node: (len(node.pods), node.utilization, node.number))
    busy = _within_budget(busy, rules, nodes, "Underutilized", unix_s)[:MOST_CANDIDATES]
    for several in _prefixes(len(busy)):
        found = _consolidated(busy[:several], rules, nodes)
        if found is not None:
            return found
    for node in busy:
        found = _consolidated([node], rules, nodes)
        if found is not None:
            return found
    return None


def _prefixes(count: int) -> list[int]:
    """Numbers of nodes that multi-node consolidation tries: many first, at least two."""
    return list(range(count, 1, -1))


def _rule(pool: NodePool) -> Karpenter:
    assert isinstance(pool.provisioner, Karpenter)
    return pool.provisioner


def _after_s(pool: NodePool) -> float:
    return _rule(pool).after_s


def _within_budget(
    candidates: list[Node], rules: dict[str, NodePool], nodes: Sequence[Node], reason: str, unix_s: float
) -> list[Node]:
    left = {
        name: allowed(_rule(pool), [node for node in nodes if node.pool == name], reason, unix_s)
        for name, pool in rules.items()
    }
    kept: list[Node] = []
    for node in candidates:
        if left[node.pool] > 0:
            left[node.pool] -= 1
            kept.append(node)
    return kept


def _consolidated(gone: Sequence[Node], rules: dict[str, NodePool], nodes: Sequence[Node]) -> Command | None:
    """Whether the pods of some nodes fit on the others, or with one node that costs less than those do."""
    numbers = {node.number for node in gone}
    others = [node for node in nodes if node.number not in numbers and node.state is InstanceState.IN_SERVICE]
    _, left = packed([pod for node in gone for pod in node.pods], others)
    replacement: Claim | None = None
    if left:
        before = sum(node.type.usd_per_h for node in gone)
        pool = rules[gone[0].pool]
        types = [each for each in pool.types if each.usd_per_h < before - 1e-12 and fits(each, left)]
        present = [each.usd_per_h for each in types if any(node.type.name == each.name for node in gone)]
        if len(gone) > 1 and present:
            # A type that is removed and comes again would have done by staying.
            types = [each for each in types if each.usd_per_h < min(present) - 1e-12]
        if not types or any(node.pool != pool.name for node in gone):
            return None
        replacement = Claim(pool=pool.name, type=cheapest(types), pods=len(left))
    found = Command(nodes=tuple(sorted(numbers)), replacement=replacement, reason="Underutilized")
    return found if _worth(found, gone, rules, nodes) else None


def _worth(found: Command, gone: Sequence[Node], rules: dict[str, NodePool], nodes: Sequence[Node]) -> bool:
    """Under ``Balanced``: the share of the cost that is saved must be at least half the share of pods disturbed."""
    if any(_rule(rules[node.pool]).consolidation != "Balanced" for node in gone):
        return True
    cost = sum(node.type.usd_per_h for node in nodes)
    saved = sum(node.type.usd_per_h for node in gone)
    saved -= found.replacement.type.usd_per_h if found.replacement else 0.0
    pods = sum(len(node.pods) for node in nodes)
    disturbed = sum(len(node.pods) for node in gone)
    return saved / max(cost, 1e-12) >= 0.5 * disturbed / max(pods, 1)
