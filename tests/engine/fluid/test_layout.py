import math
from dataclasses import replace

import pytest

from tonnage.engine.fluid.layout import Kind, Layout, Op, lay_out
from tonnage.engine.model import build
from tonnage.engine.primitives import (
    Breaker,
    Bucket,
    Budget,
    Cache,
    Fleet,
    Pool,
    Primitive,
    Queue,
    constant,
    exponential,
    lognormal,
)
from tonnage.engine.program import Hold, Lookup, Program, Release, Send, Take, Visit, Work


def laid_out(primitives: dict[str, Primitive], *programs: Program) -> Layout:
    plain = Program(route="r", share=1.0, entry=Visit(component="r"))
    held = {name: p for name, p in primitives.items() if not isinstance(p, Queue | Budget | Breaker)}
    return lay_out(replace(build(held, [plain]), programs=programs, primitives=primitives))


def test_a_program_becomes_a_line_of_instructions() -> None:
    primitives: dict[str, Primitive] = {
        "s/pool": Pool(capacity=4),
        "s/cpu": Fleet(servers=2),
        "s/rate": Bucket(rate_per_s=10.0, capacity=20.0),
        "s/cache": Cache(hit_ratio=0.9),
    }
    visit = Visit(
        component="s",
        enter=(Take("s/rate", 3.0), Hold("s/pool"), Work("s/cpu", exponential(0.01)), Lookup("s/cache")),
        on_miss=(Visit(component="m"),),
        leave=(Release("s/pool"),),
    )
    layout = laid_out(primitives, Program(route="r", share=1.0, entry=visit))
    assert [Op(op) for op in layout.code.op[:, 0]] == [
        *(Op.BEGIN, Op.TAKE, Op.HOLD, Op.WORK, Op.MISS, Op.BEGIN, Op.END, Op.FILLED, Op.RELEASE, Op.END, Op.END)
    ]
    assert layout.code.number[4, 0] == pytest.approx(0.1)
    assert layout.code.op[0, 2] == 9
    assert layout.visits == ("s", "m")
    rules, queues = layout.rules, layout.queues
    assert rules.inside[queues["s/cpu"]] == queues["s/pool"]
    assert rules.inside[queues["s/pool"]] == -1
    assert [Kind(kind) for kind in rules.kind] == [Kind.POOL, Kind.SHARING, Kind.REJECT]


def test_what_is_held_to_the_end_is_given_back_there() -> None:
    layout = laid_out(
        {"s/pool": Pool(capacity=4)},
        Program(route="r", share=1.0, entry=Visit(component="s", enter=(Hold("s/pool"),))),
    )
    assert [Op(op) for op in layout.code.op[:, 0]] == [Op.BEGIN, Op.HOLD, Op.RELEASE, Op.END, Op.END]


def test_the_mix_of_work_sets_the_variation_of_a_line() -> None:
    cpu: dict[str, Primitive] = {"s/cpu": Fleet(servers=1, discipline="fifo")}
    one = Visit(component="s", enter=(Work("s/cpu", constant(0.01)),), probability=0.5)
    other = Visit(component="s", enter=(Work("s/cpu", constant(0.03)),), probability=0.5)
    mixed = laid_out(cpu, Program(route="r", share=1.0, entry=Visit(component="r", calls=(one, other))))
    assert mixed.rules.cv[0] == pytest.approx(0.5)
    assert not mixed.rules.memoryless[0]
    plain = laid_out(
        cpu, Program(route="r", share=1.0, entry=Visit(component="s", enter=(Work("s/cpu", exponential(0.01)),)))
    )
    assert plain.rules.memoryless[0]


def test_more_instances_have_other_curves() -> None:
    def waits(rule: str) -> list[float]:
        fleet = Fleet(servers=2, discipline="fifo", instances=2, max_instances=8, rule=rule)  # type: ignore[arg-type]
        visit = Visit(component="s", enter=(Work("s/cpu", lognormal(0.01, 1.0)),))
        rules = laid_out({"s/cpu": fleet}, Program(route="r", share=1.0, entry=visit)).rules
        return [float(rules.curves[rules.curve_of[0, n], 4, 100]) for n in (1, 4, 8)]

    alone = waits("random")
    assert alone[0] == alone[1] == alone[2]
    even, joined = waits("round robin"), waits("least outstanding")
    assert alone[0] == even[0] == joined[0]
    assert even[0] > even[1] > even[2]
    assert joined[2] < joined[1] < even[1]


def test_a_queue_feeds_its_consumer() -> None:
    queue: dict[str, Primitive] = {"q/queue": Queue(concurrency=4, batch=10)}
    sender = Program(route="send", share=1.0, entry=Visit(component="s", enter=(Send("q/queue"),)))
    consumer = Program(route="work", share=0.0, entry=Visit(component="w"), queue="q/queue")
    layout = laid_out(queue, sender, consumer)
    assert list(layout.code.feeds) == [-1, 0]
    assert layout.rules.servers[0] == 4.0
    first = int(layout.code.route_pc[1])
    assert [Op(op) for op in layout.code.op[first:, 0]] == [Op.HOLD, Op.BEGIN, Op.END, Op.RELEASE, Op.END]


def test_what_is_not_covered_is_said() -> None:
    visit = Visit(component="s", hedge_s=0.1, breaker="s/breaker", budget="s/budget", deadline=True, timeout_s=1.0)
    layout = laid_out({"s/breaker": Breaker(), "s/budget": Budget()}, Program(route="r", share=1.0, entry=visit))
    assert len(layout.not_covered) == 4
    assert math.isinf(layout.rules.patience_s.sum()) or len(layout.rules.patience_s) == 0
    assert laid_out({}, Program(route="r", share=1.0, entry=Visit(component="s"))).not_covered == ()


def test_takes_by_a_share_of_the_visits_are_a_part_tried_again_by_itself() -> None:
    buckets: dict[str, Primitive] = {f"s/{part}": Bucket(rate_per_s=1.0, capacity=1.0) for part in ("hot", "all")}
    visit = Visit(
        component="s", enter=(Take("s/hot", 2.0, 0.25), Take("s/all", 3.0)), attempts=3, probability=0.5, times=2
    )
    layout = laid_out(buckets, Program(route="r", share=1.0, entry=visit))
    assert [Op(op) for op in layout.code.op[:, 0]] == [
        *(Op.BEGIN, Op.BEGIN, Op.TAKE, Op.END, Op.BEGIN, Op.TAKE, Op.END, Op.END, Op.END)
    ]
    assert layout.visits == ("", "", "s")
    # Probability, times, time-out, attempts.
    assert layout.code.number[[0, 1, 4], :4].tolist() == [
        [0.5, 2.0, math.inf, 1.0],
        [0.25, 1.0, math.inf, 3.0],
        [1.0, 1.0, math.inf, 3.0],
    ]
