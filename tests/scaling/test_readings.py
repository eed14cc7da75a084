"""Readings: what is not told has not happened."""

from tonnage.scaling.readings import BucketRate, Readings


def test_what_is_not_told_has_not_happened() -> None:
    readings = Readings(cpu={}, requests={}, tokens={})
    assert (readings.refused, readings.waiting, readings.consuming, readings.leased) == ({}, {}, {}, {})


def test_a_rate_leaves_what_a_bucket_keeps_as_it_is() -> None:
    assert BucketRate(bucket="b", rate_per_s=1.0).capacity is None
