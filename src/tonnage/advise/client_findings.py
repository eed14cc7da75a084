"""Findings about clients far from the Region: what an edge, an accelerator or a second Region would change.

Everything is computed from round trips, nothing is simulated: the answer of the Region itself comes on top of each.
"""

from collections.abc import Iterator, Mapping

from tonnage.advise.finding import Finding
from tonnage.catalog import region_spots, round_trip, spot
from tonnage.compile import Compiled
from tonnage.services import edge_round_trip_s, nearest_s, room, setup_round_trips

FAR_S = 0.1
"""A round trip that a person notices (the limit of what feels immediate: J. Nielsen, "Response Times", 1993)."""
TELLING = 0.05
"""Share of the clients that must be so far away."""
_CLOSED = ("us-gov-", "cn-")
"""Regions that are not for everyone."""


def client_findings(compiled: Compiled) -> Iterator[Finding]:
    """For each way in that is no edge: how far its clients are, and what would bring them nearer, in milliseconds."""
    workload, region = compiled.workload, compiled.catalog.region
    clients = workload.clients
    far = {place: round_trip(place, region).value for place in clients}
    beyond = sum(clients[place] for place, one_s in far.items() if one_s >= FAR_S)
    if beyond < TELLING:
        return
    for name in dict.fromkeys(route.entry.component for route in workload.routes):
        component = workload.components[name]
        if room(component.kind).ROLE == "edge":
            continue
        worst = max(far, key=lambda place: far[place])
        yield Finding(
            component=name,
            what=f"{beyond:.0%} of the clients are {FAR_S * 1e3:.0f} ms or more from {region} ({_place(worst)}: "
            f"{far[worst] * 1e3:.0f} ms): the way alone takes {_ms(far, clients)} a request on average, the set-up of "
            "connections included",
            remedy=_compared(clients, far, region),
            place=component.place,
        )


def _compared(clients: Mapping[str, float], far: Mapping[str, float], region: str) -> str:
    edge = {place: edge_round_trip_s(place) for place in clients}
    setup = setup_round_trips()
    through_s = sum(share * (edge[place] * (1.0 + setup) + far[place]) for place, share in clients.items())
    ended_s = sum(share * (edge[place] * setup + far[place]) for place, share in clients.items())
    second = second_region(clients, region)
    nearer = {place: nearest_s(place, (region, second)) for place in clients}
    return (
        f"With CloudFront before it a hit takes {_ms(edge, clients)} and a miss {through_s * 1e3:.0f} ms of the way; "
        f"with Global Accelerator, which ends connections at the edge, {ended_s * 1e3:.0f} ms; with a second Region "
        f"in {second} and latency-based routing {_ms(nearer, clients)}."
    )


def second_region(clients: Mapping[str, float], region: str) -> str:
    """The Region that would bring the clients nearest, if each goes to the nearer of the two."""
    others = [each.name for each in region_spots() if each.name != region and not each.name.startswith(_CLOSED)]
    return min(
        others,
        key=lambda other: sum(share * nearest_s(place, (region, other)) for place, share in clients.items()),
    )


def _ms(round_trips_s: Mapping[str, float], clients: Mapping[str, float]) -> str:
    mean_s = sum(share * round_trips_s[place] for place, share in clients.items()) * (1.0 + setup_round_trips())
    return f"{mean_s * 1e3:.0f} ms"


def _place(name: str) -> str:
    return spot(name).title
