"""Pollers of a queue: they come by the minute while messages wait, and go when none do."""

from tonnage.scaling._controller import Moment
from tonnage.scaling.event_source_pollers import begin, settings, tick
from tonnage.scaling.readings import Consumers, Readings
from tonnage.services import Pollers

RULE = Pollers(queue="q/messages", start=5, per_minute=300, maximum=1000)


def polled(pollers: int, waiting: float, consuming: float, *, full: bool = True) -> int:
    readings = Readings(
        cpu={}, requests={}, tokens={}, waiting={"q/messages": waiting}, consuming={"q/messages": consuming}
    )
    moment = Moment(time_s=60.0, unix_s=60.0, passed_s=30.0, full_minute=full)
    return tick(RULE, pollers, moment, readings)[0]


def test_they_come_by_the_minute_while_messages_wait_and_go_when_none_do() -> None:
    # AWS Lambda developer guide, Using Lambda with Amazon SQS: five at first, then 300 more each minute.
    pollers = begin(RULE, 0.0)
    seen = []
    for waiting, consuming in [(0.0, 2.0), (9.0, 5.0), (9.0, 305.0), (9.0, 605.0), (9.0, 905.0)]:
        pollers = polled(pollers, 50.0, 0.0, full=False)
        pollers = polled(pollers, waiting, consuming)
        seen.append(pollers)
    assert seen == [5, 305, 605, 905, 1000]
    assert settings(RULE, pollers) == (Consumers(queue="q/messages", batches=1000),)
    assert polled(pollers, 0.0, 40.0) == 40
    assert polled(pollers, 0.0, 0.0) == 5
