"""The way of the clients: round trips and the set-up of connections."""

import pytest

from tonnage.catalog import round_trip
from tonnage.services._client_way import (
    edge_round_trip_s,
    edge_to_region,
    nearest_s,
    setup_round_trips,
    to_edge,
    to_region,
)

WORLD = {"us-east-1": 0.5, "ap-northeast-1": 0.5}


def test_one_request_in_ten_sets_its_connection_up_first() -> None:
    # One round trip each; 10 % need TCP and TLS 1.3 before: 1 + 0.1 x 2.
    assert setup_round_trips() == pytest.approx(0.2)
    here, there = round_trip("us-east-1", "us-east-1").value, 0.147
    assert to_region(WORLD, "us-east-1").mean_s == pytest.approx(1.2 * (here + there) / 2)
    slowest = max(time for _, time in to_region(WORLD, "us-east-1").parts)
    assert slowest * to_region(WORLD, "us-east-1").mean_s == pytest.approx(3 * there)


def test_the_edge_is_near_and_the_miss_goes_on_over_an_open_connection() -> None:
    assert to_edge(WORLD, "PriceClass_All").mean_s == pytest.approx(1.2 * 0.015)
    assert edge_to_region({"ap-northeast-1": 1.0}, "us-east-1").mean_s == pytest.approx(0.147)


def test_a_price_class_without_edges_nearby_sends_clients_far() -> None:
    # CloudFront developer guide, price class: 100 has no edges in Asia, 200 none in South America.
    assert edge_round_trip_s("tokyo", "PriceClass_100") > 0.09
    assert edge_round_trip_s("tokyo", "PriceClass_200") == 0.015
    assert edge_round_trip_s("sao paulo", "PriceClass_200") > 0.1
    assert edge_round_trip_s("sao paulo") == 0.015


def test_latency_based_routing_takes_the_nearest() -> None:
    regions = ("us-east-1", "ap-northeast-1")
    assert nearest_s("tokyo", regions) == round_trip("tokyo", "ap-northeast-1").value < 0.01
