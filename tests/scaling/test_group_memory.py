from dataclasses import replace

import pytest

from scaling.groups import a_group, simple_scaling, target_tracking
from tonnage.scaling.auto_scaling_group import start
from tonnage.scaling.group_memory import Sample
from tonnage.scaling.roster import Roster
from tonnage.workload import WorkloadError


def test_a_group_warms_up_as_long_as_its_slowest_policy_says():
    group = a_group(target_tracking(EstimatedInstanceWarmup=200), simple_scaling())
    memory = start(group, time_s=0.0, in_service=2)
    assert memory.warm_up_s == 200.0
    assert replace(memory, policies=()).warm_up_s == 0.0


def test_its_instances_are_those_of_its_roster():
    memory = start(a_group(), time_s=0.0, in_service=2)
    assert len(memory.instances) == 2
    assert replace(memory, roster=Roster(instances=())).instances == ()


def test_a_sample_is_a_minute():
    with pytest.raises(WorkloadError, match="300 s"):
        Sample(start_s=0.0, period_s=300.0, cpu_percent={}, requests=0.0)
