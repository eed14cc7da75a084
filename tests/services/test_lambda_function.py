from dataclasses import replace
from pathlib import Path

import pytest

from engine.runs import counts, crowd, one_route, steady, stream
from services.gathering import CATALOG, PRESSED, a_stack, gathered, titles, writable
from tonnage.catalog import fact
from tonnage.engine.primitives import Bucket, Environments, Pool, constant
from tonnage.engine.program import Hold, Lease, Release, Return, Take, Wait
from tonnage.engine.sampling import Sampler
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


def test_an_asynchronous_invocation_waits_for_its_turn_and_is_tried_again(tmp_path: Path) -> None:
    # AWS Lambda developer guide, asynchronous invocation: two retries after one and two minutes, events kept six hours.
    component = function(tmp_path, "    ReservedConcurrentExecutions: 40")
    steps = lambda_function.visit(component, Call(component="Orders", waits=False), CATALOG)
    assert steps.enter[:2] == (Hold("Orders/events"), Lease("Orders/environments"))
    assert steps.leave == (Return("Orders/environments"), Release("Orders/events"))
    again = (steps.retry_attempts, steps.retry_base_s, steps.retry_cap_s, steps.retry_jitter)
    assert again == (3, 60.0, 120.0, "none")
    line = lambda_function.behaviour(component, CATALOG).primitives["Orders/events"]
    assert isinstance(line, Pool)
    assert (line.capacity, line.queue_limit, line.patience_s) == (40, None, 21_600.0)


def test_asynchronous_invocations_above_the_limit_are_served_one_after_the_other(tmp_path: Path) -> None:
    component = function(tmp_path, "    ReservedConcurrentExecutions: 2")
    primitives = lambda_function.behaviour(component, CATALOG).primitives

    def outcome(call: Call) -> dict[str, int]:
        steps = lambda_function.visit(component, call, CATALOG)
        return counts(crowd(one_route(primitives, *steps.enter, leave=steps.leave), 15, until_s=60.0))

    waited, asynchronous = outcome(Call(component="Orders")), outcome(Call(component="Orders", waits=False))
    assert (waited["answered"], waited["failed"]) == (2, waited["arrived"] - 2)
    assert (asynchronous["answered"], asynchronous["failed"]) == (asynchronous["arrived"], 0)


def test_a_function_that_others_starve_may_have_its_own_concurrency(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, FUNCTION.format(more="    Timeout: 10"))
    component = gathered(lambda_function, stack, "Orders")
    starved = replace(PRESSED, pressures=("concurrency",), peak_concurrency=300.0)
    found = titles(writable(lambda_function, stack, component, starved))
    assert "Orders ReservedConcurrentExecutions (unset) → 330" in found
    assert "Orders ReservedConcurrentExecutions (unset) → 600" in found
    assert not any("Reserved" in title for title in titles(writable(lambda_function, stack, component)))


CONFIGURED = """
Config:
  Type: AWS::Lambda::EventInvokeConfig
  Properties: { FunctionName: !Ref Orders, Qualifier: live, MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 }
"""


def test_retries_and_age_of_events_are_read_from_the_template(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, FUNCTION.format(more="    Timeout: 10") + CONFIGURED)
    component = gathered(lambda_function, stack, "Orders")
    assert lambda_function.visit(component, Call(component="Orders", waits=False), CATALOG).retry_attempts == 1
    sam = """
    Orders:
      Type: AWS::Serverless::Function
      Properties:
        Runtime: python3.13
        AutoPublishAlias: live
        EventInvokeConfig: { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 120 }
    """
    component = gathered(lambda_function, a_stack(tmp_path, sam), "Orders")
    assert lambda_function.visit(component, Call(component="Orders", waits=False), CATALOG).retry_attempts == 2
    line = lambda_function.behaviour(component, CATALOG).primitives["Orders/events"]
    assert isinstance(line, Pool)
    assert line.patience_s == 120.0


def test_a_snapshot_is_restored_instead_of_the_start(tmp_path: Path) -> None:
    more = "    SnapStart: { ApplyOn: PublishedVersions }"

    def cold_s(text: str) -> float:
        return environments(gathered(lambda_function, a_stack(tmp_path, text), "Orders")).cold_start.mean_s

    plain, snapped = FUNCTION.format(more="    Timeout: 10"), FUNCTION.format(more=more)
    made_s, restore_s = fact("lambda.environment_s").value, fact("lambda.snapstart_restore_s").value
    assert cold_s(plain) == pytest.approx(made_s + fact("lambda.init_s.python").value)
    assert cold_s(snapped) == pytest.approx(made_s + restore_s)
    assert cold_s(snapped.replace("python3.12", "nodejs22.x")) < made_s + restore_s, "Node.js has no SnapStart"
    unpublished = snapped[: snapped.index("Live:")]
    assert cold_s(unpublished) == cold_s(plain), "only published versions start from a snapshot"
    component = gathered(lambda_function, a_stack(tmp_path, snapped), "Orders")
    assert lambda_function.price(component, Usage(visits_per_s=0.0), CATALOG).items["snapshot"] > 0.0
    java = gathered(lambda_function, a_stack(tmp_path, snapped.replace("python3.12", "java21")), "Orders")
    assert "snapshot" not in lambda_function.price(java, Usage(visits_per_s=0.0), CATALOG).items


@pytest.mark.parametrize(
    ("rate_per_s", "time_s", "concurrent"),
    [
        pytest.param(100.0, 1.0, 100.0, id="L1"),
        pytest.param(100.0, 0.5, 50.0, id="L2"),
        pytest.param(5000.0, 0.2, 1000.0, id="L3"),
    ],
)
def test_concurrency_is_rate_times_duration(rate_per_s: float, time_s: float, concurrent: float) -> None:
    # AWS Lambda developer guide, "Understanding Lambda function scaling": the average of a simulation without limit.
    env = Environments(limit=4000, cold_start=constant(0.0), keep_alive_s=600.0, scale_burst=4000.0)
    model = one_route({"a/env": env}, Lease("a/env"), Wait(constant(time_s)), leave=(Return("a/env"),))
    run = steady(model, rate_per_s, 40.0)
    run.advance(5.0)
    sampler = Sampler(run, {})
    run.advance(40.0)
    assert sampler.read().leased("a/env") == pytest.approx(concurrent, rel=0.05)


def test_l4_ten_requests_a_second_for_each_concurrent_execution(tmp_path: Path) -> None:
    # L4: 200 requests/s of 50 ms are a concurrency of 10, but need 20.
    def refused(reserved: int) -> float:
        component = function(tmp_path, f"    ReservedConcurrentExecutions: {reserved}")
        behaviour = lambda_function.behaviour(component, CATALOG)
        model = one_route(
            behaviour.primitives,
            Take("Orders/rate"),
            Lease("Orders/environments"),
            Wait(constant(0.05)),
            leave=(Return("Orders/environments"),),
        )
        run = stream(model, 200.0, 60.0)
        return counts(run)["failed"] / run.arrived

    assert refused(10) > 0.4
    assert refused(15) > 0.2
    assert refused(25) < 0.02


def test_l7_a_tenth_more_than_the_peak_is_provisioned(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, FUNCTION.format(more="    Timeout: 10"))
    component = gathered(lambda_function, stack, "Orders")
    peak = replace(PRESSED, peak_concurrency=200.0)
    found = titles(list(lambda_function.knobs(component, peak, CATALOG)))
    assert "Orders ProvisionedConcurrentExecutions (unset) → 220" in found
    assert any("up to 220" in title for title in found)
