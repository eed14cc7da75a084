"""What relational databases share: vCPUs, a limit on connections, and what a visit does.

A visit holds one connection from its first query to its last; in between the application waits for the network and
works for nobody else. An application that keeps a pool of connections open holds more of them than visits are in
progress: where that is known, give ``max_connections`` what is left.
"""

from tonnage.catalog import DBInstanceClass, fact
from tonnage.engine.primitives import Fleet, Pool, lognormal
from tonnage.engine.program import Choose, Hold, Leave, Release, Step, Take, Wait, Work
from tonnage.services._face import Characteristic, Demand
from tonnage.workload import assumed

GIB = 2**30

CPU_VARIATION = Characteristic(
    name="cpu_variation",
    quantity=assumed(1.0, "1", "queries spread about as widely as their mean", low=0.5, high=2.0),
    meaning="Standard deviation over mean of the CPU time of a visit.",
)
CPU = Demand(
    name="cpu",
    quantity=assumed(
        0.002, "s", "a few indexed queries take 0.5 to 2 ms of CPU, joins and sorts more", low=0.0005, high=0.010
    ),
    meaning="CPU time of all queries of a visit on one m5 vCPU. Measure: CPUUtilization x vCPUs over visits a second.",
)
IO = Demand(
    name="io",
    quantity=assumed(
        0.5, "1", "a working set that mostly fits in memory; every commit writes, every miss reads", low=0.0, high=5.0
    ),
    meaning="Reads and writes to storage of a visit. Measure: ReadIOPS plus WriteIOPS over visits per second.",
)
QUERIES = Demand(
    name="queries",
    quantity=assumed(1.0, "1", "one round trip; an ORM often makes several", low=1.0, high=10.0),
    meaning="Queries of a visit one after the other: each is a round trip on the network.",
)
REFUSAL = "too many connections"

_NETWORK_VARIATION = 0.5
_STORAGE_VARIATION = 1.0
_MARIADB_BYTES, _MARIADB_MOST = 25_165_760.0, 12_000.0
_ORACLE_BYTES, _ORACLE_MOST = 9_868_951.0, 20_000.0
_SQL_SERVER_MOST = 32_767.0
_AURORA_MYSQL = (
    (2, 45),
    (4, 90),
    (8, 135),
    (16, 1000),
    (32, 2000),
    (64, 3000),
    (128, 4000),
    (256, 5000),
    (384, 6000),
    (768, 7000),
)


def engine_is_known(engine: str) -> bool:
    """Whether the limits of an engine are known: MySQL, MariaDB, PostgreSQL, Oracle, SQL Server and Aurora's two."""
    return engine in {"mysql", "mariadb", "postgres", "aurora", "aurora-mysql", "aurora-postgresql"} or (
        engine.startswith(("oracle-", "sqlserver-"))
    )


def default_connections(engine: str, memory_gib: float) -> int:
    """Default ``max_connections`` of an engine with so much memory.

    The memory that RDS counts (``DBInstanceClassMemory``) is a few per cent to 15 % below the label, so a real instance
    has somewhat fewer. Sources: Amazon RDS user guide, "Quotas and constraints: maximum number of database
    connections"; Amazon Aurora user guide, "Maximum connections to an Aurora MySQL DB instance" (a table by class).
    """
    memory = memory_gib * GIB
    if engine in {"aurora", "aurora-mysql"}:
        return max([count for least, count in _AURORA_MYSQL if memory_gib >= least - 0.5], default=45)
    if engine == "mysql":
        return int(memory / fact("rds.mysql_bytes_per_connection").value)
    if engine == "mariadb":
        return int(min(memory / _MARIADB_BYTES, _MARIADB_MOST))
    if engine.startswith("oracle-"):
        return int(min(memory / _ORACLE_BYTES, _ORACLE_MOST))
    if engine.startswith("sqlserver-"):
        return int(_SQL_SERVER_MOST)
    most = fact("rds.postgres_most_connections").value
    return int(min(memory / fact("rds.postgres_bytes_per_connection").value, most))


def cpu_of(db_class: DBInstanceClass) -> Fleet:
    """The vCPUs of one instance."""
    return Fleet(
        servers=db_class.vcpus, discipline="processor sharing", speed=db_class.relative_speed.value, max_instances=1
    )


def connections_of(limit: int) -> Pool:
    """The connections of one instance: one too many is refused at once."""
    return Pool(capacity=max(1, limit), queue_limit=0, refusal=REFUSAL)


def visit_steps(
    name: str,
    *,
    cpu_s: float,
    cpu_variation: float,
    queries: float,
    io: float,
    storage_s: float,
    bucket: bool,
    readers: bool = False,
    before: tuple[Step, ...] = (),
) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Enter and leave of a visit to ``name``: network, connection, CPU, storage.

    Args:
        name: The component.
        cpu_s: CPU time of the visit.
        cpu_variation: Its coefficient of variation.
        queries: Round trips.
        io: Storage operations.
        storage_s: Latency of one of them.
        bucket: Whether they are taken from ``name/io``.
        readers: Whether it goes to one of ``name/readers`` with its ``name/reader connections``.
        before: What comes before everything: a proxy's own time.
    """
    cpu, connections = (
        (f"{name}/readers", f"{name}/reader connections") if readers else (f"{name}/cpu", f"{name}/connections")
    )
    round_trip = fact("network.cross_az_rtt_s").value
    enter: list[Step] = [
        *before,
        *((Choose(cpu),) if readers else ()),
        Hold(connections),
        Wait(lognormal(round_trip * queries, _NETWORK_VARIATION)),
        Work(cpu, lognormal(cpu_s, cpu_variation)),
    ]
    if io > 0:
        if bucket:
            enter.append(Take(f"{name}/io", io))
        enter.append(Wait(lognormal(storage_s * io, _STORAGE_VARIATION)))
    return tuple(enter), (Release(connections), *((Leave(cpu),) if readers else ()))
