"""How far places are from each other: round trips as they were seen, and an estimate from the great circle.

Light in fibre takes a millisecond there and back for every 100 km. What packets take beyond that is observed: 1.24 to
1.8 times on long paths, up to 2.5 times under 1,100 km.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tonnage.catalog.names import unknown
from tonnage.catalog.tables import indexed, table
from tonnage.workload import Quantity, assumed

_EARTH_KM = 6371.0
_KM_PER_MS = 100.0
_DETOUR, _LEAST_DETOUR, _MOST_DETOUR, _MOST_NEAR_DETOUR = 1.4, 1.24, 1.8, 2.5
_NEAR_KM = 1100.0
_OFFSET_MS = 5.0
_SAME_CITY_KM = 60.0
_SEEN_LOW, _SEEN_HIGH = 0.9, 1.2
"""Range around a typical figure of a probe: by day and provider, assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place on the map.

    Attributes:
        name: Region code or city, in small letters.
        title: What people call it.
        latitude: Degrees north.
        longitude: Degrees east.
        area: Part of the world, as CloudFront's price classes divide it.
    """

    name: str
    title: str
    latitude: float
    longitude: float
    area: str


@cache
def spot(name: str) -> Spot:
    """A place by its Region code or the name of a large city.

    Raises:
        CatalogError: It is not in the catalogue.
    """
    rows = indexed("places", "place")
    key = name.strip().lower()
    if key not in rows:
        raise unknown(name, "place of the catalogue (a Region code or a large city)", rows)
    row = rows[key]
    return Spot(
        name=key,
        title=row["title"],
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        area=row["area"],
    )


def region_spots() -> Iterator[Spot]:
    """The Regions that have a place on the map."""
    regions = indexed("regions", "region")
    return (spot(row["place"]) for row in table("places") if row["place"] in regions)


def distance_km(a: Spot, b: Spot) -> float:
    """Length of the great circle between two places (haversine formula)."""
    north, south = math.radians(a.latitude), math.radians(b.latitude)
    east = math.radians(b.longitude - a.longitude)
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    return 2.0 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


@cache
def _probe(place: Spot) -> str:
    """The Region whose figures hold for a place: one in the same city, else the place itself."""
    nearest = min(region_spots(), key=lambda each: (distance_km(place, each), each.name))
    return nearest.name if distance_km(place, nearest) < _SAME_CITY_KM else place.name


@cache
def round_trip(a: str, b: str) -> Quantity:
    """Round trip between two places, seconds.

    Raises:
        CatalogError: One of them is not in the catalogue.
    """
    here, there = spot(a), spot(b)
    row = indexed("round_trips", "between").get("/".join(sorted((_probe(here), _probe(there)))))
    if row is not None:
        seen_s = float(row["ms"]) / 1e3
        return assumed(seen_s, "s", row["source"], low=seen_s * _SEEN_LOW, high=seen_s * _SEEN_HIGH)
    km = distance_km(here, there)
    most = _MOST_NEAR_DETOUR if km < _NEAR_KM else _MOST_DETOUR
    low, value, high = (
        (km / _KM_PER_MS * detour + offset) / 1e3
        for detour, offset in ((_LEAST_DETOUR, 0.0), (_DETOUR, _OFFSET_MS), (most, 2.0 * _OFFSET_MS))
    )
    return assumed(value, "s", f"estimated from the great circle of {km:,.0f} km", low=low, high=high)
