"""RDS Proxy before a database: connections are shared, and who finds none waits for one.

Clients connect to the proxy; it holds a share of the database's connections and lends one for each transaction. A
session that sets variables or prepares statements pins its connection; pinned ones cannot be lent. A database that a
target group names is taken to be reached through its proxy by everybody.

Sources: Amazon RDS user guide, "Amazon RDS Proxy", "Avoiding pinning an RDS Proxy", "RDS Proxy connection
considerations"; CloudFormation, AWS::RDS::DBProxyTargetGroup ConnectionPoolConfigurationInfo; pricing.
"""

from tonnage.catalog import Catalog, DBInstanceClass, fact
from tonnage.engine.primitives import Pool, lognormal
from tonnage.engine.program import Step, Wait
from tonnage.services._database import REFUSAL
from tonnage.services._face import Characteristic, Room, Setting, characteristic
from tonnage.services._properties import Gathered, number_in, number_of, referred
from tonnage.workload import Component, Resource, Stack

PROXY = "DBProxy"
_GROUP = "AWS::RDS::DBProxyTargetGroup"
_INFO = "ConnectionPoolConfigurationInfo"
_PERCENT, _BORROW = "MaxConnectionsPercent", "ConnectionBorrowTimeout"
_SOURCE = "CloudFormation, AWS::RDS::DBProxyTargetGroup ConnectionPoolConfigurationInfo"
_VARIATION = 0.5
_LEAST_VCPUS, _LEAST_ACU = 2.0, 8.0
"""A proxy is billed for at least two vCPUs, or eight ACU (Amazon RDS Proxy pricing)."""

PROXY_SETTINGS = (
    Setting(
        name=PROXY, unit="", default=False, meaning="Whether an RDS Proxy stands before it.", source="CloudFormation"
    ),
    Setting(
        name=_PERCENT,
        unit="%",
        default=100,
        meaning="Share of max_connections that the proxy may hold; only with an RDS Proxy.",
        source=_SOURCE,
    ),
    Setting(
        name=_BORROW,
        unit="s",
        default=120,
        meaning="How long a client waits for a connection before it fails; only with an RDS Proxy.",
        source=_SOURCE,
    ),
)
PROXY_CHARACTERISTICS = (
    Characteristic(
        name="proxy_latency",
        quantity=fact("rds.proxy_latency_s").assumed(),
        meaning="What the proxy adds to a query: QueryRequestsLatency less the database's own.",
        needs=PROXY,
    ),
    Characteristic(
        name="pinned",
        quantity=fact("rds.proxy_pinned").assumed(),
        meaning="Share of the connections that are pinned to a session: DatabaseConnectionsCurrentlySessionPinned over "
        "DatabaseConnections.",
        needs=PROXY,
    ),
)


def gather_proxy(gathered: Gathered, resource: Resource, stack: Stack, target: str) -> None:
    """Take the pool of the proxy that names a database.

    Args:
        gathered: What is gathered.
        resource: The database.
        stack: All resources.
        target: Property of a target group that names databases of its kind.

    Raises:
        TemplateError: A setting is not a number.
    """
    for group in stack.of_kind(_GROUP):
        if resource in referred(group.get(target), stack, resource.kind):
            gathered.settings[PROXY] = True
            for name in (_PERCENT, _BORROW):
                gathered.number(name, group, _INFO, name)
            return


def pool_of(room: Room, component: Component, limit: int) -> Pool:
    """The connections of a database: lent by the proxy where it has one, else refused when there is none left."""
    if not component.settings.get(PROXY):
        return Pool(capacity=max(1, limit), queue_limit=0, refusal=REFUSAL)
    share = number_of(room, component, _PERCENT) / 100.0
    free = 1.0 - min(1.0, characteristic(room, component, "pinned").value)
    return Pool(
        capacity=max(1, int(limit * share * free)),
        patience_s=number_of(room, component, _BORROW),
        refusal="no connection of the proxy in time",
    )


def proxied(room: Room, component: Component, queries: float) -> tuple[Step, ...]:
    """What the proxy adds to a visit."""
    if not component.settings.get(PROXY):
        return ()
    return (Wait(lognormal(characteristic(room, component, "proxy_latency").value * queries, _VARIATION)),)


def proxy_usd_per_h(component: Component, catalog: Catalog, db_class: DBInstanceClass | None) -> float:
    """Price of the proxy by the database's vCPUs, or by the least capacity of Serverless v2 (None)."""
    if not component.settings.get(PROXY):
        return 0.0
    if db_class is not None:
        return max(_LEAST_VCPUS, db_class.vcpus) * catalog.unit_price("rds", "rds_proxy_provisioned_db").usd
    least = number_in(component.settings.get("ServerlessV2ScalingConfiguration.MinCapacity")) or 0.0
    return max(_LEAST_ACU, least) * catalog.unit_price("rds", "rds_proxy_serverless_v2").usd
