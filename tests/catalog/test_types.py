"""What a cache node's engine makes of its vCPUs."""

import pytest

from tonnage.catalog import load_catalog


@pytest.mark.parametrize(("engine", "threads"), [("redis", 1), ("valkey", 1), ("memcached", 4)])
def test_only_memcached_runs_commands_on_every_vcpu(engine: str, threads: int) -> None:
    node = load_catalog().cache_node("cache.m5.xlarge")
    assert node.vcpus == 4
    assert node.engine_threads(engine) == threads
