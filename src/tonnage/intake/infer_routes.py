"""Routes from the topology, where the user has named none: one for each way in, calls along the edges."""

from collections.abc import Mapping, Sequence

from tonnage.services import keeps_messages, kinds_of, room
from tonnage.workload import Call, Component, Edge, Route

_CACHES = kinds_of("cache")


def infer_routes(
    components: Mapping[str, Component], edges: Sequence[Edge], entries: Sequence[str]
) -> tuple[tuple[Route, ...], tuple[str, ...]]:
    """One route for each way in, with equal shares, and one for each function behind an API.

    A compute component that calls both a cache and databases is taken to read through the cache: databases are asked on
    a miss. Everything a component calls is called once per visit, in the order of the file.

    Returns:
        The routes, and notes that say what was assumed.
    """
    below: dict[str, list[str]] = {}
    cached = frozenset((edge.caller, edge.callee) for edge in edges if edge.on_miss)
    for edge in edges:
        if edge.callee in components and edge.callee not in below.setdefault(edge.caller, []):
            below[edge.caller].append(edge.callee)
    ways: list[tuple[str, Call]] = []
    for entry in entries:
        found = _ways(entry, components, below, cached, ())
        ways += found if len(found) > 1 else [(entry, call) for _, call in found]
    if not ways:
        return (), ()
    share = 1.0 / len(ways)
    routes = tuple(
        Route(name=name, share=share if k else 1.0 - share * (len(ways) - 1), entry=call, inferred=True)
        for k, (name, call) in enumerate(ways)
    )
    notes = ["routes were inferred from the architecture: every request calls everything behind it once"]
    if len(routes) > 1:
        notes.append(f"the {len(routes)} routes were given equal shares of the traffic")
    if any(call.on_miss and components[call.component].kind in _CACHES for r in routes for call in r.entry.walk()):
        notes.append("the database is taken to be read through the cache: it is asked only on a miss")
    return routes, tuple(notes)


def _ways(
    name: str,
    components: Mapping[str, Component],
    below: Mapping[str, Sequence[str]],
    cached: frozenset[tuple[str, str]],
    above: tuple[str, ...],
) -> list[tuple[str, Call]]:
    """The ways through a component, each by the name of where it leads.

    A request takes one of the ways behind a load balancer, an API or a distribution, not all of them.
    """
    callees = [callee for callee in below.get(name, ()) if callee not in above and callee != name]
    if not room(components[name].kind).ENTRY or not callees:
        return [(name, _call(name, components, below, cached, above))]
    found: list[tuple[str, Call]] = []
    for callee in callees:
        for way, call in _ways(callee, components, below, cached, (*above, name)):
            if (name, callee) in cached:
                found.append((way, Call(component=name, on_miss=(call,))))
            else:
                found.append((way, Call(component=name, calls=(call,))))
    return found


def _call(
    name: str,
    components: Mapping[str, Component],
    below: Mapping[str, Sequence[str]],
    cached: frozenset[tuple[str, str]],
    above: tuple[str, ...],
) -> Call:
    callees = [callee for callee in below.get(name, ()) if callee not in above and callee != name]
    if keeps_messages(components[name]):
        # Each message is processed once, by one consumer.
        callees = callees[:1]
    calls = [_call(callee, components, below, cached, (*above, name)) for callee in callees]
    missed = [call for call in calls if (name, call.component) in cached]
    calls = [call for call in calls if call not in missed]
    caches = [call for call in calls if components[call.component].kind in _CACHES]
    others = [call for call in calls if call not in caches]
    if caches and others:
        first = caches[0]
        calls = [Call(component=first.component, on_miss=tuple(others)), *caches[1:]]
    return Call(component=name, calls=tuple(calls), on_miss=tuple(missed))
