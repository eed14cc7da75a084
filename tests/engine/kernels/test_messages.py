"""Queues: messages wait, are processed in batches, come back, and are dropped."""

import numpy as np
import pytest

from tonnage.engine.kernels.histogram import FINE_BITS, percentile
from tonnage.engine.model import Model, build
from tonnage.engine.primitives import Bucket, Fleet, Primitive, Queue, constant, exponential
from tonnage.engine.program import Program, Send, Take, Visit, Wait, Work
from tonnage.engine.run import Run
from tonnage.engine.start import Measure

CLOSED = Bucket(rate_per_s=1e-12, capacity=1.0, level=0.0, refusal="closed")


def queued(queue: Queue, worker: Visit, primitives: dict[str, Primitive] | None = None, times: int = 1) -> Model:
    sender = Visit(component="a", calls=(Visit(component="q", enter=(Send("q/messages"),), times=times),))
    return build(
        {"q/messages": queue, **(primitives or {})},
        [
            Program(route="in", share=1.0, entry=sender, deadline_s=1e9),
            Program(route="messages", share=0.0, entry=worker, deadline_s=1e9, queue="q/messages"),
        ],
    )


def crowd(model: Model, requests: float, until_s: float, seed: int = 1) -> Run:
    run = Run(model, [requests * 1e9, 1e-300], 1e-9, Measure(start_s=0.0, end_s=1.0, window_s=1.0), seed)
    run.advance(until_s)
    return run


def messages(run: Run) -> dict[str, int]:
    arrived, answered, failed, _ = (int(n) for n in run.state.books.route_count[1])
    return {"sent": arrived, "processed": answered, "dropped": failed}


def work(time_s: float) -> Visit:
    return Visit(component="w", enter=(Wait(constant(time_s)),))


def test_the_sender_does_not_wait_and_one_consumer_takes_one_after_the_other() -> None:
    run = crowd(queued(Queue(), work(1.0)), 10, 5.5)
    assert run.state.books.route_count[0, 1] == run.arrived
    assert messages(run)["processed"] == 5
    run.advance(run.arrived + 0.5)
    assert messages(run) == {"sent": run.arrived, "processed": run.arrived, "dropped": 0}
    assert run.in_flight == 0
    assert run.state.clock["free"][0] == len(run.state.free)


def test_batches_are_as_large_as_what_waits_and_every_message_ages_alike() -> None:
    run = crowd(queued(Queue(batch=10), work(1.0)), 25, 60.0)
    n = run.arrived
    # The first is taken alone; the others have come by the time it is done.
    assert run.state.books.comp_own[run.model.components.index("w")] == 1 + -(-(n - 1) // 10)
    assert messages(run)["processed"] == n
    ages = run.state.books.route_hist[1]
    assert percentile(ages, 100.0, FINE_BITS) == pytest.approx(1 + -(-(n - 1) // 10), rel=0.01)


def test_a_batch_window_waits_for_company() -> None:
    queue = Queue(batch=100, batch_window_s=5.0)
    run = crowd(queued(queue, work(1.0)), 20, 4.9)
    assert run.state.books.comp_own[run.model.components.index("w")] == 0
    run.advance(6.1)
    assert run.state.books.comp_own[run.model.components.index("w")] == 1
    assert messages(run)["processed"] == run.arrived > 1
    # A full batch does not wait.
    run = crowd(queued(queue, work(1.0), times=100), 3, 1.1)
    assert messages(run)["processed"] == 100


def test_work_for_each_message_is_done_as_often_as_there_are_messages() -> None:
    each = Visit(component="m", enter=(Wait(constant(0.5)),), each_message=True)
    run = crowd(queued(Queue(batch=10), Visit(component="w", calls=(each,))), 31, 100.0)
    assert run.state.books.comp_own[run.model.components.index("m")] == run.arrived
    assert messages(run)["processed"] == run.arrived


def test_a_failed_message_comes_back_after_its_visibility_time_out_and_is_dropped_in_the_end() -> None:
    worker = Visit(component="w", enter=(Wait(constant(1.0)), Take("w/door")))
    queue = Queue(concurrency=1000, visibility_s=10.0, receives=3)
    run = crowd(queued(queue, worker, {"w/door": CLOSED}), 20, 20.9)
    assert messages(run)["dropped"] == 0
    run.advance(21.1)
    assert messages(run) == {"sent": run.arrived, "processed": 0, "dropped": run.arrived}
    assert run.state.books.comp_own[run.model.components.index("w")] == 3 * run.arrived
    assert run.in_flight == 0
    assert run.state.clock["free"][0] == len(run.state.free)


def test_work_longer_than_the_visibility_time_out_is_done_for_nothing() -> None:
    run = crowd(queued(Queue(concurrency=1000, visibility_s=3.0, receives=2), work(4.0)), 20, 100.0)
    assert messages(run) == {"sent": run.arrived, "processed": 0, "dropped": run.arrived}
    assert run.state.books.comp_own[run.model.components.index("w")] == 2 * run.arrived
    shard = run.state.things.shards[0]
    assert (int(shard["use"]), int(shard["flying"])) == (0, 0)
    assert run.state.clock["free"][0] == len(run.state.free)


def test_an_ordered_shard_stops_at_a_failure_and_goes_on_where_it_stood() -> None:
    # No token until 9.5 s: tried at 0, 2, 4, 6, 8 (1 s of work, 1 s of pause), successful at 10.
    worker = Visit(component="w", enter=(Wait(constant(1.0)), Take("w/door")))
    door = Bucket(rate_per_s=1.0, capacity=1e9, level=-9.5)
    queue = Queue(ordered=True, retry_s=1.0)
    run = crowd(queued(queue, worker, {"w/door": door}), 6, 10.5)
    assert run.state.books.comp_own[run.model.components.index("w")] == 6
    assert messages(run)["processed"] == 0
    run.advance(11.01)
    assert messages(run)["processed"] == 1
    run.advance(11.01 + run.arrived)
    assert messages(run)["processed"] == run.arrived


def test_shards_work_side_by_side_each_on_its_own() -> None:
    run = crowd(queued(Queue(ordered=True, shards=8), work(1.0)), 4000, 1.5)
    sent = run.state.things.shards["sent"]
    assert sent.sum() == run.arrived
    assert sent == pytest.approx(np.full(8, run.arrived / 8), rel=0.25)
    assert messages(run)["processed"] == 8


def test_old_messages_are_dropped() -> None:
    run = crowd(queued(Queue(retention_s=4.5), work(1.0)), 10, 60.0)
    assert messages(run) == {"sent": run.arrived, "processed": 5, "dropped": run.arrived - 5}


def test_messages_are_accounted_to_their_own_route_and_none_is_lost() -> None:
    worker = Visit(component="w", enter=(Work("w/cpu", exponential(0.02)),))
    model = queued(Queue(concurrency=4, batch=5), worker, {"w/cpu": Fleet(servers=2)}, times=2)
    run = Run(model, [100.0], 50.0, Measure(start_s=0.0, end_s=50.0, window_s=10.0), 3)
    run.advance(50.0)
    arrived, answered, failed, _ = run.state.books.route_count[1]
    waiting = len(run.unanswered()) - (run.state.books.route_count[0, 0] - run.state.books.route_count[0, 1])
    assert arrived == 2 * run.state.books.route_count[0, 0]
    assert arrived == answered + failed + waiting


def test_a_queue_that_nobody_consumes_swallows_its_messages() -> None:
    sender = Visit(component="a", enter=(Send("q/messages"),))
    model = build({"q/messages": Queue()}, [Program(route="in", share=1.0, entry=sender)])
    run = crowd(model, 20, 1.0)
    assert run.state.things.shards["sent"][0] == run.arrived
    assert run.in_flight == 0
