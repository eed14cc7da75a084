"""From files to a workload: what the user said, what the architecture says, what had to be assumed."""

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tonnage.catalog import round_trip, spot
from tonnage.iac.read_architecture import Architecture, entries, read_architecture
from tonnage.iac.sources import is_architecture
from tonnage.iac.stated_region import DEFAULT_REGION, stated_region
from tonnage.intake.infer_routes import infer_routes
from tonnage.intake.units import parse_amount
from tonnage.intake.workload_file import CallEntry, Located, RouteEntry, WorkloadFile, read_workload_file
from tonnage.services import answers_itself, keeps_messages, kinds_of, room
from tonnage.telemetry import read_traffic
from tonnage.workload import (
    Call,
    CatalogError,
    CircuitBreaker,
    Component,
    Edge,
    Objective,
    Quantity,
    Retry,
    Route,
    Traffic,
    TrafficError,
    Workload,
    WorkloadError,
    check,
    parse_objective,
)
from tonnage.workload.traffic_shape import parse_shape

ASSUMED_OBJECTIVES = ("p99 latency < 500 ms", "errors < 0.1 %")
ASSUMED_AGE_S = 60
"""How old a message may be when it has been processed."""
ASSUMED_TRAFFIC = "diurnal 20/s to 100/s"
_CARRIES_NONE = kinds_of("network", "nodes")
_TRAFFIC_FILES = frozenset({".csv", ".json", ".gz", ".tsv"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What the command line says over the files.

    Attributes:
        traffic: A traffic file or a shape.
        region: AWS Region.
        parameters: Template parameters.
        objectives: Objectives instead of the file's.
        growth: Growth factor judged beside today's traffic.
    """

    traffic: str | None = None
    region: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    objectives: Sequence[str] = ()
    growth: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a workload comes from.

    Attributes:
        given: The path the user gave.
        architecture: The architecture file.
        located: The workload file; None when an architecture was given directly.
        parameters: Template parameters, from the workload file and the command line.
        region: AWS Region.
        overrides: What the command line says.
    """

    given: str
    architecture: str
    located: Located | None
    parameters: Mapping[str, str]
    region: str
    overrides: Overrides


def open_source(path: str, overrides: Overrides) -> Source:
    """Find out what a path is: a workload file, a folder with one, or an architecture.

    Raises:
        WorkloadError: There is nothing there, or the workload file cannot be read.
    """
    given = Path(path)
    if given.is_dir() and not (given / "tonnage.yaml").is_file() and is_architecture(given):
        region = overrides.region or stated_region(given) or DEFAULT_REGION
        return Source(
            given=path,
            architecture=str(given),
            located=None,
            parameters=overrides.parameters,
            region=region,
            overrides=overrides,
        )
    if given.is_dir():
        found = given / "tonnage.yaml"
        if not found.is_file():
            raise WorkloadError(
                f"{path} is a folder without a tonnage.yaml, a template or a manifest",
                remedy="Give the template, or write one with 'tonnage init'.",
            )
        given = found
    if not given.is_file():
        raise WorkloadError(f"There is no file {path}", remedy="Check the path.")
    located = read_workload_file(str(given)) if _is_workload_file(given) else None
    if located is None:
        region = overrides.region or stated_region(given) or DEFAULT_REGION
        return Source(
            given=path,
            architecture=str(given),
            located=None,
            parameters=overrides.parameters,
            region=region,
            overrides=overrides,
        )
    content = located.content
    architecture = given.parent / content.architecture
    if not architecture.exists():
        raise WorkloadError(
            f"The architecture {content.architecture} is not there",
            place=located.place("architecture"),
            remedy="Check the path.",
        )
    written = {name: _parameter(value) for name, value in content.parameters.items()}
    return Source(
        given=path,
        architecture=str(architecture),
        located=located,
        parameters=written | dict(overrides.parameters),
        region=overrides.region or content.region or stated_region(architecture) or DEFAULT_REGION,
        overrides=overrides,
    )


def _parameter(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_workload_file(path: Path) -> bool:
    """A workload file says ``architecture:`` at the beginning of a line; no template format has such a key."""
    if path.suffix not in {".yaml", ".yml"}:
        return False
    if path.name == "tonnage.yaml":
        return True
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return False
    return any(line.startswith("architecture:") for line in text.splitlines())


def load(source: Source, *, known: Collection[str] | None = None) -> Workload:
    """Make the workload of a source.

    Args:
        source: Where it comes from.
        known: Components before the patch: routes that enter at the origin of a distribution that is new enter there.

    Raises:
        InputError: Anything in the files that cannot be used.
    """
    read = read_architecture(source.architecture, parameters=source.parameters, region=source.region)
    located = source.located
    content = located.content if located else WorkloadFile(architecture=source.architecture)
    notes = list(read.notes)
    components = _with_characteristics(read.components, located) if located else dict(read.components)
    routes = _routes(located, components) if located and content.routes else ()
    if known is not None:
        routes = _through_new_edges(routes, components, read.edges, known)
    if not routes:
        routes, assumed_notes = infer_routes(components, read.edges, entries(read))
        notes += assumed_notes
    clients = _clients(located, source.region, notes)
    workload = Workload(
        name=content.name or Path(source.architecture).stem,
        region=source.region,
        architecture=source.architecture,
        components=components,
        edges=read.edges,
        routes=routes,
        traffic=_with_pattern(_traffic(source, notes), located),
        objectives=_objectives(source, _queues(routes, components), notes),
        growth=_growth(source),
        not_modelled=read.not_modelled,
        clients=clients,
        notes=tuple(notes),
        stack=read.stack,
    )
    _refuse_empty(workload, read)
    try:
        check(workload)
    except WorkloadError as error:
        if error.place is None and located and content.routes:
            error.place = located.place("routes")
        raise
    _refuse_idle(workload, read)
    return workload


def _refuse_empty(workload: Workload, read: Architecture) -> None:
    if workload.routes or any(each.kind not in _CARRIES_NONE for each in workload.components.values()):
        return
    matters = [item for item in read.not_modelled if item.matters] or list(read.not_modelled)
    listed = "; ".join(f"{item.name} ({item.kind})" for item in matters[:5])
    raise WorkloadError(
        f"{workload.architecture} has nothing that Tonnage models" + (f": it has {listed}" if listed else ""),
        remedy="'tonnage services' lists what is modelled.",
    )


def _refuse_idle(workload: Workload, read: Architecture) -> None:
    """Nothing but doors: an answer about them would say nothing about the load that is carried behind them."""
    doors = dict.fromkeys(call.component for _, call in workload.calls())
    if not all(room(workload.components[name].kind).ENTRY for name in doors):
        return
    behind = "; ".join(f"{item.name} ({item.kind})" for item in read.not_modelled if item.matters)
    raise WorkloadError(
        f"{workload.architecture}: behind {', '.join(doors)} nothing is modelled"
        + (f": there is {behind}" if behind else ""),
        remedy="'tonnage services' lists what is modelled; if some of it is called, name the calls under 'routes:'.",
    )


def _growth(source: Source) -> float:
    if source.overrides.growth is not None:
        growth, place = source.overrides.growth, None
    elif source.located:
        growth, place = source.located.content.growth, source.located.place("growth")
    else:
        return 1.5
    if not 0 < growth < 1000:
        raise WorkloadError(f"growth {growth} is not a factor", place=place, remedy="1.5 means half as much again.")
    return growth


def _traffic(source: Source, notes: list[str]) -> Traffic:
    text = source.overrides.traffic
    base, place = Path(), None
    if text is None and source.located and source.located.content.traffic:
        text, base, place = (
            source.located.content.traffic,
            Path(source.located.file).parent,
            source.located.place("traffic"),
        )
    if text is None:
        notes.append(
            f"no traffic was given: assumed '{ASSUMED_TRAFFIC}'; give yours with --traffic or in the workload file"
        )
        return dataclasses.replace(parse_shape(ASSUMED_TRAFFIC), evidence="assumed")
    file = base / text
    try:
        if file.is_file() or file.suffix in _TRAFFIC_FILES or "/" in text.split(" ")[0].replace("/s", ""):
            traffic = read_traffic(file)
        else:
            traffic = parse_shape(text)
    except TrafficError as error:
        error.place = error.place or place
        raise
    notes += [f"traffic: {note}" for note in traffic.notes]
    return traffic


def _with_pattern(traffic: Traffic, located: Located | None) -> Traffic:
    """The traffic with what the workload file says about how requests come within a step."""
    given = located.content.arrivals if located else None
    if located is None or given is None:
        return traffic

    def seconds(key: str, value: float | str | None) -> float:
        place = located.place("arrivals", key)
        return 0.0 if value is None else parse_amount(value, "s", what=f"{key} of the arrivals", place=place).value

    try:
        pattern = dataclasses.replace(
            traffic.pattern,
            exact=given.exact,
            batch_mean=given.batch_mean,
            burst_ratio=given.burst_ratio,
            burst_s=seconds("burst", given.burst),
            calm_s=seconds("calm", given.calm),
        )
    except TrafficError as error:
        error.place = located.place("arrivals")
        raise
    return dataclasses.replace(traffic, pattern=pattern)


def _clients(located: Located | None, region: str, notes: list[str]) -> dict[str, float]:
    """Share of the requests by place, from the workload file."""
    if located is None or not located.content.clients:
        return {}
    shares: dict[str, float] = {}
    for name, value in located.content.clients.items():
        place = located.place("clients", name)
        try:
            known = spot(name).name
        except CatalogError as error:
            error.place = place
            raise
        share = parse_amount(value, "1", what=f"share of the clients in {name}", place=place).value
        if not 0.0 < share <= 1.0 or known in shares:
            what = f"{name} is there twice" if known in shares else f"the share of {name} is {share:g}"
            remedy = "Give each place once, with a share above 0 and up to 100 %."
            raise WorkloadError(f"clients: {what}", place=place, remedy=remedy)
        shares[known] = share
    total = sum(shares.values())
    if abs(total - 1.0) > 1e-6:
        raise WorkloadError(
            f"The shares of the clients sum to {total:.4g}",
            place=located.place("clients"),
            remedy="Make them sum to 1 (or 100 %).",
        )
    trips = {name: round_trip(name, region) for name in shares}
    listed = ", ".join(
        f"{spot(name).title} {trip.value * 1e3:.0f} ms ({trip.low * 1e3:.0f}-{trip.high * 1e3:.0f})"
        for name, trip in trips.items()
    )
    notes.append(
        f"latencies are what the clients see: the way to them is part of each; round trips to {region}: {listed}"
    )
    return shares


def _queues(routes: Sequence[Route], components: Mapping[str, Component]) -> list[str]:
    """Queues whose messages are processed, in the order of the calls."""
    calls = [call for route in routes for call in route.entry.walk() if call.component in components]
    return list(dict.fromkeys(c.component for c in calls if keeps_messages(components[c.component]) and c.calls))


def _objectives(source: Source, queues: Sequence[str], notes: list[str]) -> tuple[Objective, ...]:
    if source.overrides.objectives:
        return tuple(parse_objective(text) for text in source.overrides.objectives)
    located = source.located
    if located and located.content.objectives:
        return tuple(
            parse_objective(text, located.place("objectives", k)) for k, text in enumerate(located.content.objectives)
        )
    assumed = [*ASSUMED_OBJECTIVES, *(f"p99 latency of {queue} < {ASSUMED_AGE_S} s" for queue in queues)]
    notes.append(f"no objectives were given: assumed {' and '.join(assumed)}")
    return tuple(parse_objective(text) for text in assumed)


def _with_characteristics(components: Mapping[str, Component], located: Located) -> dict[str, Component]:
    result = dict(components)
    for name, given in located.content.components.items():
        place = located.place("components", name)
        if name not in result:
            raise WorkloadError(
                f"components: {name} is not a modelled component", place=place, remedy=f"There are {', '.join(result)}."
            )
        known = {item.name: item for item in room(result[name].kind).CHARACTERISTICS}
        quantities: dict[str, Quantity] = {}
        for key, value in given.items():
            place = located.place("components", name, key)
            if key not in known:
                raise WorkloadError(
                    f"{name} has no characteristic {key!r}", place=place, remedy=f"It has: {', '.join(known)}."
                )
            quantities[key] = parse_amount(value, known[key].quantity.unit, what=f"{name} {key}", place=place)
            if key.endswith("ratio") and quantities[key].high > 1.0:
                raise WorkloadError(
                    f"{name} {key}: {value!r} is above 1", place=place, remedy="Write it like '0.8' or '80 %'."
                )
        result[name] = dataclasses.replace(result[name], characteristics={**result[name].characteristics, **quantities})
    return result


def _routes(located: Located, components: Mapping[str, Component]) -> tuple[Route, ...]:
    routes = []
    for name, entry in located.content.routes.items():
        path = ("routes", name)
        share = parse_amount(entry.share, "1", what=f"share of {name}", place=located.place(*path, "share"))
        deadline = parse_amount(entry.deadline, "s", what=f"deadline of {name}", place=located.place(*path, "deadline"))
        call = _call(entry, path, located, components)
        with _placed(located, *path):
            routes.append(Route(name=name, share=share.value, entry=call, deadline_s=deadline.value))
    return tuple(routes)


def _through_new_edges(
    routes: tuple[Route, ...], components: Mapping[str, Component], edges: Sequence[Edge], known: Collection[str]
) -> tuple[Route, ...]:
    """Routes as clients make them once a patch has put a distribution before what they enter."""
    new = {
        edge.callee: edge.caller
        for edge in edges
        if edge.caller not in known and room(components[edge.caller].kind).ROLE == "edge"
    }
    return tuple(
        dataclasses.replace(route, entry=Call(component=new[entry.component], on_miss=(entry,), request=entry.request))
        if (entry := route.entry).component in new
        else route
        for route in routes
    )


@contextmanager
def _placed(located: Located, *path: str | int) -> Iterator[None]:
    """An error that knows no place stands at the key that it speaks of, else at the whole."""
    try:
        yield
    except WorkloadError as error:
        if error.place is None:
            keys = [key for key in located.places if key[:-1] == path and key and str(key[-1]) in error.what]
            error.place = located.place(*(keys[0] if keys else path))
        raise


def _call(
    entry: CallEntry | RouteEntry, path: tuple[str | int, ...], located: Located, components: Mapping[str, Component]
) -> Call:
    place = located.place(*path, "call")
    if entry.call not in components:
        raise WorkloadError(
            f"Route {path[1]} calls {entry.call!r}, which is not a modelled component",
            place=place,
            remedy=f"Modelled components are: {', '.join(components)}.",
        )
    known = {item.name: item for item in room(components[entry.call].kind).DEMANDS}
    demands: dict[str, Quantity] = {}
    for key, value in entry.demands.items():
        where = located.place(*path, "demands", key)
        if key not in known:
            raise WorkloadError(
                f"A call to {entry.call} demands no {key!r}", place=where, remedy=f"It may demand: {', '.join(known)}."
            )
        demands[key] = parse_amount(value, known[key].quantity.unit, what=f"{entry.call} {key}", place=where)
    calls = tuple(_call(below, (*path, "then", k), located, components) for k, below in enumerate(entry.then))
    on_miss = tuple(_call(below, (*path, "on miss", k), located, components) for k, below in enumerate(entry.on_miss))
    if answers_itself(components[entry.call]):
        # What it has, it answers without its origin, wherever the user writes that.
        calls, on_miss = (), (*on_miss, *calls)
    if isinstance(entry, RouteEntry):
        with _placed(located, *path):
            return Call(
                component=entry.call,
                demands=demands,
                calls=calls,
                on_miss=on_miss,
                parallel=entry.parallel,
                request=entry.request,
            )

    def seconds(value: float | str | None, *keys: str) -> float | None:
        """A time written under this call, seconds."""
        if value is None:
            return None
        what = f"{' '.join(keys)} of {entry.call}"
        return parse_amount(value, "s", what=what, place=located.place(*path, *keys)).value

    probability = parse_amount(entry.probability, "1", what="probability", place=located.place(*path, "probability"))
    with _placed(located, *path):
        return Call(
            component=entry.call,
            demands=demands,
            calls=calls,
            on_miss=on_miss,
            probability=probability.value,
            times=entry.times,
            timeout_s=seconds(entry.timeout, "timeout"),
            retry=_retry(entry, path, located, seconds),
            parallel=entry.parallel,
            waits=entry.waits,
            hedge_s=seconds(entry.hedge, "hedge after"),
            breaker=_breaker(entry, path, located, seconds),
            deadline=entry.deadline,
        )


_Seconds = Callable[..., float | None]


def _retry(entry: CallEntry, path: tuple[str | int, ...], located: Located, seconds: _Seconds) -> Retry | None:
    given = entry.retry
    if given is None:
        return None if entry.retries is None else Retry(attempts=entry.retries + 1)
    if entry.retries is not None:
        raise WorkloadError(
            f"The call to {entry.call} has both retries and retry",
            place=located.place(*path, "retry"),
            remedy="Keep one of them.",
        )
    base_s, cap_s = seconds(given.base, "retry", "base"), seconds(given.cap, "retry", "cap")
    return Retry(
        attempts=given.attempts, base_s=base_s or 0.0, cap_s=cap_s or 0.0, jitter=given.jitter, budget=given.budget
    )


def _breaker(
    entry: CallEntry, path: tuple[str | int, ...], located: Located, seconds: _Seconds
) -> CircuitBreaker | None:
    given = entry.breaker
    if given is None:
        return None
    where = located.place(*path, "breaker", "threshold")
    threshold = parse_amount(given.threshold, "1", what=f"breaker of {entry.call}", place=where)
    return CircuitBreaker(
        threshold=threshold.value,
        window=given.window,
        open_s=seconds(given.open, "breaker", "open") or 0.0,
        probes=given.probes,
    )
