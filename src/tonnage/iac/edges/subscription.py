"""Topic or event bus → queue, function or state machine: subscriptions, targets of rules, events of SAM functions."""

from collections.abc import Iterator, Mapping

from tonnage.iac.wiring import FUNCTIONS, QUEUES, TOPICS, WORKFLOWS, Wiring, edge
from tonnage.workload import Edge, Path, Resource

_RECEIVERS = FUNCTIONS | QUEUES | WORKFLOWS | TOPICS
_SAM_FUNCTION = "AWS::Serverless::Function"
_SAM_EVENTS: Mapping[str, str] = {"SNS": "Topic", "EventBridgeRule": "EventBusName", "CloudWatchEvent": "EventBusName"}


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Stated edges from whoever publishes copies to whoever gets one."""
    for resource in wiring.stack.of_kind("AWS::SNS::Subscription"):
        yield from _between(wiring, resource, ("TopicArn",), ("Endpoint",), f"subscription {resource.name}")
    for component in wiring.of_kind(TOPICS):
        topic = wiring.resource(component)
        own = topic.get("Subscription") if topic is not None else None
        for k in range(len(own) if isinstance(own, tuple) else 0):
            if topic is not None:
                yield from _to(wiring, component.name, topic, ("Subscription", k, "Endpoint"), "Subscription")
    for rule in wiring.stack.of_kind("AWS::Events::Rule"):
        yield from _between(wiring, rule, ("EventBusName",), ("Targets",), f"rule {rule.name}")
    for function in wiring.stack.of_kind(_SAM_FUNCTION):
        events = function.get("Events")
        for name, event in events.items() if isinstance(events, Mapping) else ():
            source = _SAM_EVENTS.get(str(event.get("Type"))) if isinstance(event, Mapping) else None
            caller = source and wiring.first(function.get("Events", name, "Properties", source), TOPICS)
            if caller and function.name in wiring.stands_for:
                what = f"event {name} of {function.name}"
                yield edge(caller, wiring.stands_for[function.name], what, function.place_of("Events", name), "stated")


def _between(wiring: Wiring, resource: Resource, source: Path, target: Path, what: str) -> Iterator[Edge]:
    caller = wiring.first(resource.get(*source), TOPICS)
    if caller is not None:
        yield from _to(wiring, caller, resource, target, what)


def _to(wiring: Wiring, caller: str, resource: Resource, target: Path, what: str) -> Iterator[Edge]:
    for mention in wiring.mentions(resource.get(*target)):
        if wiring.components[mention.component].kind in _RECEIVERS and mention.component != caller:
            place = resource.place_of(*target, *mention.path)
            yield edge(caller, mention.component, what, place, "stated")
