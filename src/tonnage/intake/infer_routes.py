"""Routes from the topology, where the user has named none: one for each way in, calls along the edges."""

from collections.abc import Mapping, Sequence

from tonnage.services import answers_itself, keeps_messages, kinds_of, room
from tonnage.workload import Call, Component, Edge, Route

_CACHES = kinds_of("cache")
_EDGES = kinds_of("edge")


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
    for edge in edges:
        if edge.callee in components and edge.callee not in below.setdefault(edge.caller, []):
            below[edge.caller].append(edge.callee)
    ways: dict[str, Call] = {}
    for entry in entries:
        for name, call in _ways(entry, components, below, ()):
            ways[name if name not in ways else f"{name} by {entry}"] = call
    if not ways:
        return (), ()
    share = 1.0 / len(ways)
    routes = tuple(
        Route(name=name, share=share if k else 1.0 - share * (len(ways) - 1), entry=call, inferred=True)
        for k, (name, call) in enumerate(ways.items())
    )
    notes = ["routes were inferred from the architecture: every request calls everything behind it once"]
    if len(routes) > 1:
        notes.append(f"the {len(routes)} routes were given equal shares of the traffic")
    notes += [
        f"the traffic is taken as what clients send to {name}: what its origins count are the misses only"
        for name in dict.fromkeys(route.entry.component for route in routes)
        if components[name].kind in _EDGES
    ]
    if any(
        call.on_miss and call.component in components and components[call.component].kind in _CACHES
        for route in routes
        for call in route.entry.walk()
    ):
        notes.append("the database is taken to be read through the cache: it is asked only on a miss")
    return routes, tuple(notes)


def _ways(
    name: str, components: Mapping[str, Component], below: Mapping[str, Sequence[str]], above: tuple[str, ...]
) -> list[tuple[str, Call]]:
    """Ways of a request from here, each with a name: it takes one of those behind a door, and all of them elsewhere."""
    callees = [callee for callee in below.get(name, ()) if callee not in above]
    if not room(components[name].kind).ENTRY or not callees:
        return [(name, _call(name, components, below, above))]
    ways = [
        (further, through(name, components, (call,)))
        for callee in callees
        for further, call in _ways(callee, components, below, (*above, name))
    ]
    return ways if len(ways) > 1 else [(name, ways[0][1])]


def _call(
    name: str, components: Mapping[str, Component], below: Mapping[str, Sequence[str]], above: tuple[str, ...]
) -> Call:
    callees = [callee for callee in below.get(name, ()) if callee not in above and callee != name]
    if keeps_messages(components[name]):
        # Each message is processed once, by one consumer.
        callees = callees[:1]
    calls = [_call(callee, components, below, (*above, name)) for callee in callees]
    caches = [call for call in calls if components[call.component].kind in _CACHES]
    others = [call for call in calls if call not in caches]
    if caches and others:
        first = caches[0]
        calls = [Call(component=first.component, on_miss=tuple(others)), *caches[1:]]
    return through(name, components, tuple(calls))


def through(name: str, components: Mapping[str, Component], calls: tuple[Call, ...]) -> Call:
    """A visit with what it calls; what answers from a cache of its own calls its origin only for the rest."""
    if answers_itself(components[name]):
        return Call(component=name, on_miss=calls)
    return Call(component=name, calls=calls)
