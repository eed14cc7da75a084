"""A whole application as it was measured, declared from one published row, and what Tonnage predicts of the others.

Source: aws-samples/serverless-dotnet-demo @ 27fc5741 (MIT-0): API Gateway, Lambda (.NET, 1,024 MB), DynamoDB; its SAM
templates, its Artillery load (100 users a second for a minute: four of five PUT, GET, think 3 s and DELETE a product,
one lists all), and percentiles of Lambda's own times from the REPORT lines: Duration of warm invocations, Init Duration
plus Duration of cold ones, over all functions together.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import brentq

from tonnage.catalog import Catalog, fact, load_catalog
from tonnage.engine.kernels.histogram import FINE_BITS, percentile
from tonnage.engine.model import Model, build
from tonnage.engine.offered import Offered
from tonnage.engine.primitives import Environments, Primitive, constant, lognormal
from tonnage.engine.program import Program, Take, Visit, Wait
from tonnage.engine.run import Run
from tonnage.engine.start import Measure
from tonnage.intake import Overrides, load, open_source
from tonnage.services import dynamodb_table, lambda_function
from tonnage.workload import Call, Component, declared

USERS_PER_S = 100.0
LENGTH_S = 60.0
EDITORS = 0.8
"""Share of the users who put, get and delete a product; the others list all of them."""
THINK_S = 3.0
DECLARED = ".NET 8 x86_64"
ROWS = {
    ".NET 6 ARM64": ("NET6", "arm64"),
    ".NET 6 X86": ("NET6", "x86_64"),
    ".NET 6 Minimal API on ARM64": ("NET6MinimalAPI", "arm64"),
    ".NET 6 Minimal API on x86": ("NET6MinimalAPI", "x86_64"),
    ".NET 8 x86_64": ("NET8", "x86_64"),
    ".NET 8 ARM64": ("NET8", "arm64"),
    ".NET 8 SnapStart x86_64": ("NET8SnapStart", "x86_64"),
    ".NET 8 SnapStart ARM64": ("NET8SnapStart", "arm64"),
    ".NET 8 x86_64 Native AOT": ("NET8Native", "x86_64"),
    ".NET 8 ARM64 Native AOT": ("NET8Native", "arm64"),
}
"""Published rows that have a template: its folder and the architecture."""
PERCENTILES = (50.0, 90.0, 99.0)
INVOCATIONS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the published table, in seconds.

    Attributes:
        name: Section and variant.
        cold_s: 50th, 90th and 99th percentile of Init Duration plus Duration.
        warm_s: Of Duration.
        colds: Cold invocations of one minute of the load; None where the counts are not published.
    """

    name: str
    cold_s: tuple[float, ...]
    warm_s: tuple[float, ...]
    colds: float | None


def published(folder: Path) -> dict[str, Row]:
    """All rows by name."""
    with (folder / "dotnet_products_api_measured_latency.csv").open() as file:
        return {row.name: row for row in map(_row, csv.DictReader(file))}


def _row(line: dict[str, str]) -> Row:
    cold_s, warm_s = (tuple(float(line[f"{kind}_p{p:.0f}_ms"]) / 1e3 for p in PERCENTILES) for kind in ("cold", "warm"))
    colds = None
    if line["cold_invocations"]:
        cold, warm = float(line["cold_invocations"]), float(line["warm_invocations"])
        runs = (cold + warm) / (USERS_PER_S * LENGTH_S * (3.0 * EDITORS + (1.0 - EDITORS)))
        colds = cold / runs
    return Row(name=f"{line['section']} {line['variant']}", cold_s=cold_s, warm_s=warm_s, colds=colds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What is taken from the one row: CPU time of an invocation at one vCPU, and the code's own start-up."""

    cpu_s: float
    init_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A template as Tonnage gathers it: the functions by what they do, and the table."""

    functions: dict[str, Component]
    table: Component
    catalog: Catalog


def application(folder: Path, row: str) -> Application:
    """Read the template of a row."""
    name, architecture = ROWS[row]
    template = folder / "dotnet/src" / name / "template.yaml"
    parameters = {"LambdaArchitecture": architecture} if "LambdaArchitecture" in template.read_text() else {}
    workload = load(open_source(str(template), Overrides(parameters=parameters)))
    of = {name: item for name, item in workload.components.items() if item.kind == lambda_function.KIND}
    (table,) = (item for item in workload.components.values() if item.kind == dynamodb_table.KIND)
    functions = {
        does: next(
            (item for name, item in of.items() if name.startswith(does)),
            of.get("MinimalApiArm64" if architecture == "arm64" else "MinimalApiX86"),
        )
        for does in ("PutProduct", "GetProductFunction", "DeleteProduct", "GetProducts")
    }
    found = {does: item for does, item in functions.items() if item is not None}
    assert len(found) == 4
    return Application(functions=found, table=table, catalog=load_catalog("us-east-1"))


def declare(app: Application, row: Row) -> Declared:
    """CPU time and start-up with which the medians of the row come out."""

    def warm_off(cpu_s: float) -> float:
        return times(app, Declared(cpu_s=cpu_s, init_s=0.0), cold=False)[0] - row.warm_s[0]

    cpu_s = float(brentq(warm_off, 1e-5, 0.02, xtol=1e-5))

    def cold_off(init_s: float) -> float:
        return times(app, Declared(cpu_s=cpu_s, init_s=init_s), cold=True)[0] - row.cold_s[0]

    return Declared(cpu_s=cpu_s, init_s=float(brentq(cold_off, 0.0, 3.0, xtol=1e-3)))


def times(app: Application, said: Declared, *, cold: bool) -> tuple[float, ...]:
    """The percentiles of Lambda's own time: all invocations cold, or practically none."""
    put = app.functions["PutProduct"]
    primitives = _primitives(app, said, keep_alive_s=1e-9 if cold else 3600.0)
    program = Program(route="r", share=1.0, entry=_invocation(app, put, said, reported=True), deadline_s=1e12)
    model = build(primitives, [program])
    rate = 20.0
    lead_s, length_s = 100.0, INVOCATIONS / rate / (10.0 if cold else 1.0)
    counts = _run(model, rate, lead_s, length_s, seed=1).state.books.route_hist[0]
    return tuple(float(percentile(counts, p, FINE_BITS)) for p in PERCENTILES)


def colds(app: Application, said: Declared, seeds: Sequence[int] = range(8)) -> float:
    """Mean number of cold starts of the published load, beginning with no environment."""
    does = {name: _invocation(app, item, said, reported=False) for name, item in app.functions.items()}
    think = Visit(component="user", enter=(Wait(constant(THINK_S)),))
    edit = (does["PutProduct"], does["GetProductFunction"], think, does["DeleteProduct"])
    routes = [
        Program(route="edit", share=EDITORS, entry=Visit(component="user", calls=edit), deadline_s=1e12),
        Program(route="list", share=1.0 - EDITORS, entry=does["GetProducts"], deadline_s=1e12),
    ]
    model = build(_primitives(app, said, keep_alive_s=600.0), routes)
    runs = (_run(model, USERS_PER_S, 0.0, LENGTH_S, seed) for seed in seeds)
    return float(np.mean([run.state.things.environments["colds"].sum() for run in runs]))


def _run(model: Model, rate_per_s: float, lead_s: float, length_s: float, seed: int) -> Run:
    measure = Measure(start_s=lead_s, end_s=lead_s + length_s, window_s=length_s)
    run = Run(model, Offered(rates_per_s=(rate_per_s, 0.0), step_s=lead_s + length_s), 1.0, measure, seed)
    assert run.advance(lead_s + length_s + 30.0)
    return run


def _with(component: Component, said: Declared, keep_alive_s: float) -> Component:
    stated = {"init": declared(said.init_s, "s", "row"), "keep_alive": declared(keep_alive_s, "s", "row")}
    return replace(component, characteristics={**component.characteristics, **stated})


def _primitives(app: Application, said: Declared, keep_alive_s: float) -> dict[str, Primitive]:
    """Those of the rooms."""
    found: dict[str, Primitive] = dict(dynamodb_table.behaviour(app.table, app.catalog).primitives)
    for function in app.functions.values():
        found |= lambda_function.behaviour(_with(function, said, keep_alive_s), app.catalog).primitives
    if keep_alive_s < 1.0:
        made_s = fact("lambda.environment_s").value
        return {name: _without_making(each, made_s) for name, each in found.items()}
    return found


def _without_making(primitive: Primitive, made_s: float) -> Primitive:
    """REPORT lines begin when the environment is made."""
    if not isinstance(primitive, Environments):
        return primitive
    cold = primitive.cold_start
    return replace(primitive, cold_start=lognormal(cold.mean_s - made_s, cold.cv))


def _invocation(app: Application, function: Component, said: Declared, *, reported: bool) -> Visit:
    """The rooms' own steps; those of the REPORT line only, or all."""
    asked = Call(component=function.name, demands={"cpu": declared(said.cpu_s, "s", "row")})
    steps = lambda_function.visit(function, asked, app.catalog)
    enter = tuple(step for step in steps.enter if not isinstance(step, Take))
    if reported:
        invoke_s = fact("lambda.invoke_s").value
        enter = tuple(step for step in enter if not (isinstance(step, Wait) and step.time.mean_s == invoke_s))
        assert len(enter) == 2, "a lease and the computing"
    table = dynamodb_table.visit(app.table, Call(component=app.table.name), app.catalog)
    latency = tuple(step for step in table.enter if isinstance(step, Wait))
    assert latency
    return Visit(
        component=function.name,
        enter=enter,
        leave=steps.leave,
        calls=(Visit(component=app.table.name, enter=latency),),
    )
