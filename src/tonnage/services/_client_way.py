"""The way between clients and what they call: round trips by where the clients are.

A request takes a round trip; the first one of a connection takes those of its set-up before. Before an edge the round
trips of a client end there, and what the edge has not goes on to the Region over connections that are kept open.

Sources: RFC 9293 and RFC 8446 (round trips of a set-up); Amazon CloudFront developer guide, price classes.
"""

import math
from collections.abc import Mapping

from tonnage.catalog import fact, region_spots, round_trip, spot
from tonnage.engine.primitives import Distribution, mixture

_LEFT_OUT: Mapping[str, frozenset[str]] = {
    "PriceClass_100": frozenset({"asia", "oceania", "south america", "africa", "middle east", "china"}),
    "PriceClass_200": frozenset({"oceania", "south america", "china"}),
    "PriceClass_All": frozenset({"china"}),
}
"""Areas in which a price class has no edges (CloudFront developer guide, price class); mainland China needs its own."""


def setup_round_trips() -> float:
    """Mean round trips of a request's share in setting its connection up."""
    return fact("clients.new_connections_per_request").value * fact("clients.setup_round_trips").value


def edge_round_trip_s(place: str, price_class: str = "PriceClass_All") -> float:
    """Round trip to the nearest edge that serves a place.

    Raises:
        CatalogError: The place is not in the catalogue.
    """
    near_s = fact("clients.edge_round_trip_s").value
    without = _LEFT_OUT.get(price_class, frozenset())
    if spot(place).area not in without:
        return near_s
    return near_s + min(round_trip(place, each.name).value for each in region_spots() if each.area not in without)


def to_edge(clients: Mapping[str, float], price_class: str) -> Distribution:
    """What the way to the edge adds to a request.

    Args:
        clients: Share of the requests by place.
        price_class: Price class of the distribution.

    Raises:
        CatalogError: A place is not in the catalogue.
    """
    return _with_setup({place: edge_round_trip_s(place, price_class) for place in clients}, clients)


def to_region(clients: Mapping[str, float], region: str) -> Distribution:
    """What the way to a Region adds to a request.

    Raises:
        CatalogError: A place or the Region is not in the catalogue.
    """
    return _with_setup({place: round_trip(place, region).value for place in clients}, clients)


def edge_to_region(clients: Mapping[str, float], region: str) -> Distribution:
    """What the way from the edges near the clients to a Region adds to a miss.

    Raises:
        CatalogError: A place or the Region is not in the catalogue.
    """
    return mixture([(share, round_trip(place, region).value) for place, share in clients.items()])


def nearest_s(place: str, regions: tuple[str, ...]) -> float:
    """Round trip to the nearest of some Regions, to which latency-based routing sends a client."""
    return min((round_trip(place, region).value for region in regions), default=math.inf)


def _with_setup(round_trips_s: Mapping[str, float], clients: Mapping[str, float]) -> Distribution:
    new = fact("clients.new_connections_per_request").value
    trips = fact("clients.setup_round_trips").value
    return mixture(
        [
            (clients[place] * share, one_s * times)
            for place, one_s in round_trips_s.items()
            for share, times in ((1.0 - new, 1.0), (new, 1.0 + trips))
        ]
    )
