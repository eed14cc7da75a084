from pathlib import Path

import pytest

from services.gathering import CATALOG, PRESSED, a_stack, gathered, titles, writable
from tonnage.engine.primitives import Bucket, Environments
from tonnage.engine.program import Lease, Return, Take, Wait
from tonnage.services import Steps, Usage, lambda_function
from tonnage.workload import Call, Component, declared

FUNCTION = """
Orders:
  Type: AWS::Lambda::Function
  Properties:
    Runtime: python3.12
    Handler: orders.handler
    Role: arn:aws:iam::123456789012:role/orders
    Code: {{ ZipFile: pass }}
{more}
Live:
  Type: AWS::Lambda::Alias
  Properties:
    FunctionName: !Ref Orders
    FunctionVersion: "1"
    Name: live
"""


def function(tmp_path: Path, more: str = "    Timeout: 10") -> Component:
    return gathered(lambda_function, a_stack(tmp_path, FUNCTION.format(more=more)), "Orders")


def environments(component: Component) -> Environments:
    found = lambda_function.behaviour(component, CATALOG).primitives["Orders/environments"]
    assert isinstance(found, Environments)
    return found


def computing_s(component: Component, cpu_s: float) -> float:
    call = Call(component="Orders", demands={"cpu": declared(cpu_s, "s", "test")})
    steps = lambda_function.visit(component, call, CATALOG)
    return [step.time.mean_s for step in steps.enter if isinstance(step, Wait)][-1]


def test_memory_gives_cpu_up_to_one_vcpu_at_1769_mb(tmp_path: Path) -> None:
    # Lambda developer guide: 1,769 MB is one vCPU; less is a proportional share.
    assert computing_s(function(tmp_path, "    MemorySize: 1769"), 0.02) == pytest.approx(0.02)
    assert computing_s(function(tmp_path, "    MemorySize: 128"), 0.02) == pytest.approx(0.02 * 1769 / 128)
    assert computing_s(function(tmp_path, "    MemorySize: 3538"), 0.02) == pytest.approx(0.02)


def test_reserved_concurrency_is_the_limit_and_ten_requests_a_second_for_each(tmp_path: Path) -> None:
    component = function(tmp_path, "    ReservedConcurrentExecutions: 40")
    behaviour = lambda_function.behaviour(component, CATALOG)
    rate = behaviour.primitives["Orders/rate"]
    assert isinstance(rate, Bucket)
    assert (environments(component).limit, rate.rate_per_s, rate.when_empty) == (40, 400.0, "reject")
    assert environments(function(tmp_path)).limit == 1000


def test_a_function_scales_by_1000_environments_in_ten_seconds(tmp_path: Path) -> None:
    found = environments(function(tmp_path))
    assert (found.scale_per_s * 10, found.scale_burst) == (1000.0, 1000.0)


def test_provisioned_concurrency_of_an_alias_belongs_to_the_function(tmp_path: Path) -> None:
    text = (
        FUNCTION.format(more="    Timeout: 10").rstrip()
        + "\n    ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 25 }\n"
    )
    component = gathered(lambda_function, a_stack(tmp_path, text), "Orders")
    assert environments(component).provisioned == 25


def test_a_visit_leases_after_the_rate_and_gives_back(tmp_path: Path) -> None:
    steps: Steps = lambda_function.visit(function(tmp_path), Call(component="Orders"), CATALOG)
    assert steps.enter[:2] == (Take("Orders/rate"), Lease("Orders/environments"))
    assert steps.leave == (Return("Orders/environments"),)


def test_the_timeout_is_a_limit(tmp_path: Path) -> None:
    assert lambda_function.behaviour(function(tmp_path), CATALOG).limits["timeout_s"] == 10.0


def test_price_of_requests_and_gb_seconds(tmp_path: Path) -> None:
    # A million requests of 0.2 s at 1,024 MB: 0.20 USD and 200,000 GB-s x 0.0000166667 USD.
    component = function(tmp_path, "    MemorySize: 1024")
    usage = Usage(visits_per_s=1e6 / 3600.0, mean_busy_s=0.2)
    cost = lambda_function.price(component, usage, CATALOG)
    assert cost.usd_per_h == pytest.approx(0.20 + 200_000 * 0.0000166667, rel=1e-6)
    assert lambda_function.price(component, Usage(visits_per_s=0.0), CATALOG).usd_per_h == 0.0


def test_knobs_can_all_be_written(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, FUNCTION.format(more="    MemorySize: 512\n    ReservedConcurrentExecutions: 40"))
    found = titles(writable(lambda_function, stack, gathered(lambda_function, stack, "Orders"), PRESSED))
    assert "Orders ReservedConcurrentExecutions 40 → 80" in found
    assert "Orders MemorySize 512 → 1024" in found
    assert "Orders MemorySize 512 → 256" in found
