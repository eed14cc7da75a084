"""Places and the round trips between them."""

import pytest

from tonnage.catalog import region_spots, round_trip, spot
from tonnage.catalog.round_trip import distance_km
from tonnage.catalog.tables import table
from tonnage.workload import CatalogError


def test_every_region_is_a_place() -> None:
    assert {each.name for each in region_spots()} == {row["region"] for row in table("regions")}
    for row in table("places"):
        found = spot(row["place"])
        assert -90 <= found.latitude <= 90
        assert -180 <= found.longitude <= 180


def test_pairs_that_were_seen_are_as_they_were_seen_both_ways() -> None:
    # Typical figures between Regions: us-east-1 to Tokyo 147 ms, Ireland to Frankfurt 25 ms.
    assert round_trip("us-east-1", "ap-northeast-1").value == pytest.approx(0.147)
    assert round_trip("ap-northeast-1", "us-east-1") == round_trip("us-east-1", "ap-northeast-1")
    assert round_trip("Tokyo", "us-east-1").value == pytest.approx(0.147), "the city has the figures of its Region"
    assert round_trip("eu-central-1", "eu-west-1").value == pytest.approx(0.025)


def test_other_pairs_are_estimated_from_the_great_circle() -> None:
    # RTT = km / 100 x 1.4 + 5 ms; London to Sydney is about 17,000 km.
    km = distance_km(spot("london"), spot("sydney"))
    assert km == pytest.approx(17_000, rel=0.01)
    found = round_trip("london", "sydney")
    assert found.value == pytest.approx((km / 100 * 1.4 + 5) / 1e3)
    assert found.low < found.value < found.high
    assert found.low > km / 100 / 1e3, "never faster than light in fibre"
    assert round_trip("paris", "paris").value == pytest.approx(0.005)


@pytest.mark.parametrize("row", table("round_trips"), ids=lambda row: row["between"])
def test_no_figure_is_faster_than_light_nor_far_from_the_estimate(row: dict[str, str]) -> None:
    a, b = (spot(name) for name in row["between"].split("/"))
    km = distance_km(a, b)
    assert float(row["ms"]) >= km / 100
    assert float(row["ms"]) == pytest.approx(km / 100 * 1.4 + 5, rel=0.5)


def test_a_place_that_is_not_there_is_refused_with_a_near_one() -> None:
    with pytest.raises(CatalogError, match="Tokio"):
        spot("Tokio")
