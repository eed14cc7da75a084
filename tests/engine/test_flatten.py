"""Flattening: jumps land where they should, scopes nest, luck keeps its name."""

import numpy as np
import pytest

from engine.runs import counts, crowd, routed, stream
from tonnage.engine.model import Model, build
from tonnage.engine.operations import Operation as Op
from tonnage.engine.primitives import Bucket, Cache, Fleet, Pool, constant, exponential
from tonnage.engine.program import Choose, Hold, Leave, Lookup, Program, Release, Take, Visit, Wait, Work
from tonnage.workload import WorkloadError

SLEEP = (Wait(exponential(1.0)),)


def operations(model: Model) -> list[Op]:
    return [Op(int(code)) for code in model.code["op"]]


def salts(model: Model, op: Op) -> list[int]:
    return [int(salt) for salt in model.code["salt"][model.code["op"] == op]]


def test_a_visit_is_entered_worked_and_left() -> None:
    primitives = {"a/cpu": Fleet(servers=1), "a/workers": Pool(capacity=1, fleet="a/cpu")}
    visit = Visit(
        component="a",
        enter=(Choose("a/cpu"), Hold("a/workers"), Work("a/cpu", constant(1.0))),
        leave=(Release("a/workers"), Leave("a/cpu")),
    )
    model = routed(primitives, visit)
    assert operations(model) == [Op.BEGIN, Op.CHOOSE, Op.HOLD, Op.WORK, Op.RELEASE, Op.LEAVE, Op.FINISH, Op.END]
    # All four use the register that CHOOSE wrote.
    assert list(model.code["b"][1:6]) == [0, 0, 0, 0, 0]


def test_a_hit_jumps_over_what_is_missing_and_the_filling() -> None:
    store = Visit(component="b", enter=SLEEP)
    after = Visit(component="c", enter=SLEEP)
    model = routed(
        {"a/keys": Cache(hit_ratio=0.5)},
        Visit(component="a", enter=(Lookup("a/keys"),), on_miss=(store,), calls=(after,)),
    )
    ops = operations(model)
    target = int(model.code["c"][ops.index(Op.LOOKUP)])
    assert ops[target - 1] == Op.FILL
    assert ops[target] == Op.BEGIN
    assert int(model.code["a"][target]) == model.components.index("c")


def test_a_call_is_laid_out_where_it_is_made_and_goes_on_behind_its_end() -> None:
    called = Visit(component="b", enter=SLEEP, timeout_s=2.0, attempts=3, backoff_base_s=0.1, backoff_cap_s=0.4)
    model = routed({}, Visit(component="a", calls=(called,)))
    assert operations(model) == [Op.BEGIN, Op.CALL, Op.BEGIN, Op.WAIT, Op.FINISH, Op.END, Op.FINISH, Op.END]
    assert model.code["a"][1] == 6
    rule = model.calls[model.code["c"][1]]
    assert (rule["timeout_s"], rule["base_s"], rule["cap_s"], rule["attempts"]) == (2.0, 0.1, 0.4, 3)
    assert model.causes[rule["cause"]].text == "timed out after 2 s"
    assert model.causes[rule["cause"]].component == "b"


def test_a_branch_skips_the_visit_and_a_loop_goes_back_to_its_beginning() -> None:
    often = Visit(component="b", enter=SLEEP, probability=0.25, times=3)
    model = routed({}, Visit(component="a", calls=(often,)))
    ops = operations(model)
    assert ops == [Op.BEGIN, Op.BRANCH, Op.SET, Op.BEGIN, Op.WAIT, Op.FINISH, Op.LOOP, Op.FINISH, Op.END]
    assert model.code["c"][1] == 7
    assert model.code["x"][1] == 0.25
    assert model.code["a"][2] == 3
    assert model.code["c"][6] == 3


def test_luck_belongs_to_route_component_and_step_not_to_the_place_in_the_program() -> None:
    slow = Visit(component="b", enter=SLEEP)
    plain = routed({}, Visit(component="a", calls=(slow,)))
    between = routed({}, Visit(component="a", calls=(Visit(component="c", calls=(slow,)),)))
    assert salts(plain, Op.WAIT) == salts(between, Op.WAIT)
    twice = routed({}, Visit(component="a", calls=(slow, slow)))
    assert len(set(salts(twice, Op.WAIT))) == 2
    assert salts(twice, Op.WAIT)[0] == salts(plain, Op.WAIT)[0]


def test_a_time_out_changes_nobodys_luck() -> None:
    # The component is called in two places; which of them has a time-out must not decide which is counted first.
    def luck(timeout_s: float | None) -> dict[float, int]:
        first = Visit(component="b", enter=(Wait(constant(1.0)),), timeout_s=timeout_s)
        second = Visit(component="c", calls=(Visit(component="b", enter=(Wait(constant(2.0)),)),))
        model = routed({}, Visit(component="a", calls=(first, second)))
        waits = model.code["op"] == Op.WAIT
        return dict(zip(model.code["x"][waits].tolist(), salts(model, Op.WAIT), strict=True))

    assert luck(None) == luck(9.0)


def test_two_routes_begin_apart_and_draw_apart() -> None:
    entry = Visit(component="a", enter=SLEEP)
    model = build({}, [Program(route=name, share=0.5, entry=entry) for name in ("x", "y")])
    assert list(model.route_pc) == [0, 4]
    assert len(set(salts(model, Op.WAIT))) == 2


def nested(depth: int, **more: object) -> Visit:
    visit = Visit(component="deepest", enter=SLEEP)
    for k in range(depth - 1):
        visit = Visit(component=f"c{k}", calls=(visit,), **more)  # type: ignore[arg-type]
    return visit


def test_eight_nested_components_are_as_many_as_go() -> None:
    assert len(routed({}, nested(8)).components) == 8
    with pytest.raises(WorkloadError, match="nested deeper than 8"):
        routed({}, nested(9))
    # A call of its own begins to count anew.
    routed({}, Visit(component="top", calls=(Visit(component="x", calls=(nested(8),), timeout_s=1.0),)))


def test_more_loops_than_registers_are_refused() -> None:
    with pytest.raises(WorkloadError, match="more than 8 fleets, caches and loops"):
        routed({}, loops(9))


def loops(depth: int) -> Visit:
    visit = Visit(component="deepest", enter=SLEEP, times=2)
    for k in range(depth - 1):
        visit = Visit(component=f"c{k}", calls=(visit,), times=2, timeout_s=1.0)
    return visit


def test_more_held_at_once_than_there_is_room_for_is_refused() -> None:
    primitives = {f"a/p{k}": Pool(capacity=1) for k in range(17)}
    steps = tuple(Hold(name) for name in primitives)
    back = tuple(Release(name) for name in primitives)
    routed(primitives, Visit(component="a", enter=steps[:16], leave=back[:16]))
    with pytest.raises(WorkloadError, match="hold more than 16"):
        routed(primitives, Visit(component="a", enter=steps, leave=back))


def test_equal_distributions_share_a_table() -> None:
    steps = (Wait(exponential(1.0)), Wait(exponential(2.0)), Wait(constant(3.0)))
    model = routed({}, Visit(component="a", enter=steps))
    assert list(model.code["c"][model.code["op"] == Op.WAIT]) == [1, 1, 0]
    assert np.all(model.tables[0] == 1.0)


def test_a_visit_without_a_name_is_a_part_of_the_visit_around_it() -> None:
    part = Visit(component="", enter=SLEEP, calls=(Visit(component="b", enter=SLEEP),), times=2)
    model = routed({}, Visit(component="a", calls=(part,)))
    ops = operations(model)
    assert ops == [
        Op.BEGIN,
        Op.SET,
        Op.WAIT,
        Op.BEGIN,
        Op.WAIT,
        Op.FINISH,
        Op.LOOP,
        Op.FINISH,
        Op.END,
    ]
    assert model.components == ("a", "b")
    assert model.code["component"][2] == model.components.index("a")
    run = crowd(model, 10, until_s=1000.0)
    assert list(run.state.books.comp_own) == [run.arrived, 2 * run.arrived]


def test_a_share_of_the_visits_takes_and_its_tries_are_the_same_visits() -> None:
    # A fifth finds its bucket empty at each of its three tries; drawn anew at each try it would be 0.8 %.
    buckets = {
        "a/hot": Bucket(rate_per_s=1e-9, capacity=1.0, level=0.0),
        "a/writes": Bucket(rate_per_s=1e-9, capacity=1.0, level=0.0),
        "a/all": Bucket(rate_per_s=1e6, capacity=1e6),
    }
    takes = (Take("a/hot", 1.0, 0.2), Take("a/all", 2.0))
    run = stream(routed(buckets, Visit(component="a", enter=takes, attempts=3)), 1000.0, 10.0)
    counted = counts(run)
    assert counted["failed"] / counted["arrived"] == pytest.approx(0.2, abs=0.02)
    all_, hot = (run.state.things.buckets[run.model.buckets[name]] for name in ("a/all", "a/hot"))
    assert all_["taken"] == 2.0 * counted["answered"]
    assert hot["refused"] == 3.0 * counted["failed"]
    # Takes of one share are made by the same visits, whatever is taken between them.
    both = (Take("a/all", 1.0, 0.2), Take("a/all", 1.0), Take("a/all", 1.0, 0.2))
    run = stream(routed(buckets, Visit(component="a", enter=both, times=3)), 100.0, 10.0)
    rounds = 3 * counts(run)["arrived"]
    extra = float(run.state.things.buckets[run.model.buckets["a/all"]]["taken"]) - rounds
    assert extra % 2 == 0
    assert extra / (2 * rounds) == pytest.approx(0.2, abs=0.03)
