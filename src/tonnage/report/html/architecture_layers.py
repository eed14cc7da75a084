"""Where components stand in the picture: columns by depth of the calls, rows so that few lines cross."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tonnage.workload import Call, Workload
from tonnage.workload.component import Certainty

SWEEPS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A line of the picture.

    Attributes:
        caller: Where it begins.
        callee: Where it ends.
        certainty: How sure it is.
        evidence: Why it is drawn.
    """

    caller: str
    callee: str
    certainty: Certainty
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """The picture's order.

    Attributes:
        columns: Components, and the places where lines pass between them, top to bottom.
        paths: For each link the items of ``columns`` that it runs through, its ends included.
        entries: Components that requests enter by.
        unreached: Components that no route reaches, in none of the columns.
    """

    columns: tuple[tuple[str, ...], ...]
    paths: tuple[tuple[Link, tuple[str, ...]], ...]
    entries: tuple[str, ...]
    unreached: tuple[str, ...]


def is_passage(item: str) -> bool:
    """Whether an item of a column is only a place where a line passes."""
    return item.startswith("\0")


def links(workload: Workload) -> tuple[Link, ...]:
    """Every line: the wiring of the template, and what the routes say beyond it."""
    found = {
        (edge.caller, edge.callee): Link(
            caller=edge.caller, callee=edge.callee, certainty=edge.certainty, evidence=edge.evidence
        )
        for edge in workload.edges
        if edge.caller in workload.components and edge.callee in workload.components
    }
    for route in workload.routes:
        for caller, callee in _calls(route.entry):
            evidence = f"route {route.name}" + (", made from the wiring" if route.inferred else " of the workload file")
            certainty: Certainty = "inferred" if route.inferred else "stated"
            found.setdefault(
                (caller, callee), Link(caller=caller, callee=callee, certainty=certainty, evidence=evidence)
            )
    return tuple(found.values())


def _calls(call: Call) -> Iterable[tuple[str, str]]:
    """Who calls whom; after a miss it is not the cache that calls on but its caller."""
    for below in call.calls:
        yield call.component, below.component
        yield from _calls(below)
        for missed in below.on_miss:
            yield call.component, missed.component
    for missed in call.on_miss:
        yield from _calls(missed)


def layers(workload: Workload) -> Layers:
    """Arrange a workload."""
    entries = tuple(dict.fromkeys(route.entry.component for route in workload.routes))
    lines = links(workload)
    reached = _reached(entries, lines)
    lines = tuple(line for line in lines if line.caller in reached and line.callee in reached)
    depth = _depths(entries, reached, lines)
    paths: list[tuple[Link, tuple[str, ...]]] = []
    columns: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for name in (name for name in workload.components if name in reached):
        columns[depth[name]].append(name)
    for number, line in enumerate(lines):
        passages = []
        for column in range(depth[line.caller] + 1, depth[line.callee]):
            passages.append(f"\0{number}.{column}")
            columns[column].append(passages[-1])
        paths.append((line, (line.caller, *passages, line.callee)))
    return Layers(
        columns=tuple(tuple(column) for column in _ordered(columns, [path for _, path in paths])),
        paths=tuple(paths),
        entries=entries,
        unreached=tuple(name for name in workload.components if name not in reached),
    )


def _reached(entries: Sequence[str], lines: Sequence[Link]) -> frozenset[str]:
    found, following = set(entries), list(entries)
    while following:
        name = following.pop()
        for line in lines:
            if line.caller == name and line.callee not in found:
                found.add(line.callee)
                following.append(line.callee)
    return frozenset(found)


def _depths(entries: Sequence[str], reached: frozenset[str], lines: Sequence[Link]) -> Mapping[str, int]:
    """The longest way from an entry; a circle made by two routes together stops growing after as many rounds."""
    depth = dict.fromkeys(reached, 0)
    for _ in range(len(reached)):
        moved = False
        for line in lines:
            wanted = depth[line.caller] + 1
            if line.callee not in entries and line.callee != line.caller and depth[line.callee] < wanted < len(reached):
                depth[line.callee], moved = wanted, True
        if not moved:
            break
    used = {value: k for k, value in enumerate(sorted(set(depth.values())))}
    return {name: used[value] for name, value in depth.items()}


def _ordered(columns: list[list[str]], paths: Sequence[tuple[str, ...]]) -> list[list[str]]:
    """Each item beside the mean of its neighbours, a few times forth and back (the barycentre heuristic)."""
    neighbours: dict[str, list[str]] = {}
    for path in paths:
        for one, other in pairwise(path):
            neighbours.setdefault(one, []).append(other)
            neighbours.setdefault(other, []).append(one)
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        indices = range(1, len(columns)) if forth else range(len(columns) - 2, -1, -1)
        for k in indices:
            beside = columns[k - 1] if forth else columns[k + 1]
            place = {name: (row + 0.5) / len(beside) for row, name in enumerate(beside)}
            own = {name: (row + 0.5) / len(columns[k]) for row, name in enumerate(columns[k])}

            def middle(name: str, place: Mapping[str, float] = place, own: Mapping[str, float] = own) -> float:
                rows = [place[other] for other in neighbours.get(name, ()) if other in place]
                return sum(rows) / len(rows) if rows else own[name]

            columns[k] = sorted(columns[k], key=middle)
    return columns
