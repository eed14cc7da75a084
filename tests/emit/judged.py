"""The example workload as something that was judged, without simulating it."""

from functools import cache

from shared_data import ROOT
from tonnage.advise.load_line import LoadLine
from tonnage.emit.near_limit import NearLimit
from tonnage.intake import Overrides, load, open_source
from tonnage.workload import Workload

LINE = LoadLine(factor=1.25, rate_per_s=250.0, above=1.3, gives_way=(), missed=("p99 latency < 400 ms",))
NEAR = NearLimit(
    line=LINE,
    rate_per_s=200.0,
    busy={"WebServerGroup": 0.64, "Database": 0.68123, "SessionCache": 0.02},
    limits={"Database": {"max_connections": 341.0}},
    seed=7,
)


@cache
def web_shop() -> Workload:
    """The workload of examples/web-shop."""
    return load(open_source(str(ROOT / "examples" / "web-shop"), Overrides()))
