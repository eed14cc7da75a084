"""What nodes cost, and what DaemonSets take of each of them."""

from collections.abc import Sequence

from tonnage.catalog import Catalog
from tonnage.services._face import Characteristic, Cost, Room, Usage, characteristic
from tonnage.services._pricing import source_of
from tonnage.workload import Component, assumed

DAEMONS = (
    Characteristic(
        name="daemon_cpu",
        quantity=assumed(
            0.15, "1", "the VPC CNI requests 50m and kube-proxy 100m; agents for logs add to it", low=0.1, high=0.5
        ),
        meaning="CPU that DaemonSets request on each node, cores: 'kubectl describe node'.",
    ),
    Characteristic(
        name="daemon_memory",
        quantity=assumed(0.0, "bytes", "the VPC CNI and kube-proxy request none", low=0.0, high=1e9),
        meaning="Memory that DaemonSets request on each node.",
    ),
    Characteristic(
        name="daemon_pods",
        quantity=assumed(2.0, "1", "the VPC CNI and kube-proxy", low=2.0, high=8.0),
        meaning="Pods of DaemonSets on each node.",
    ),
)


def daemons(room: Room, component: Component) -> tuple[float, float, int]:
    """CPU in cores, memory in MiB, and number of the DaemonSets' pods on each node."""
    cpu, memory, pods = (characteristic(room, component, each.name).value for each in DAEMONS)
    return cpu, memory / 2.0**20, round(pods)


def nodes_cost(usage: Usage, catalog: Catalog, notes: Sequence[str] = ()) -> Cost:
    """Nodes by their types, on demand.

    Raises:
        CatalogError: A type has no price.
    """
    prices = {name: catalog.instance_price(name) for name, mean in usage.provisioned.items() if mean > 0}
    items = {f"{name} nodes": usage.provisioned[name] * each.usd for name, each in prices.items()}
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=(*notes, "the cluster itself, volumes and data transfer are not counted"),
        sources=tuple(dict.fromkeys(source_of(each) for each in prices.values())) or ("Amazon EC2 On-Demand pricing",),
    )
