"""EventBridge buses with rules and their targets."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked

CALLS = ("events:ListEventBuses", "events:ListRules", "events:ListTargetsByRule")


def read(ask: Ask) -> Iterator[Found]:
    """Own buses, and every rule that has a target."""
    for bus in ask("events", "list_event_buses", "EventBuses"):
        name = bus["Name"]
        if name != "default":
            yield Found(
                kind="AWS::Events::EventBus",
                name=name,
                properties={"Name": name},
                identifiers={name: None, bus["Arn"]: "Arn"},
            )
        for rule in ask("events", "list_rules", "Rules", EventBusName=name):
            named = {"Rule": rule["Name"], "EventBusName": name}
            targets = [picked(each, "Id", "Arn") for each in ask("events", "list_targets_by_rule", "Targets", **named)]
            if targets:
                yield Found(
                    kind="AWS::Events::Rule",
                    name=rule["Name"],
                    properties={
                        **picked(rule, "ScheduleExpression", "State"),
                        **({} if name == "default" else {"EventBusName": name}),
                        "Targets": tuple(targets),
                    },
                    identifiers={rule["Arn"]: "Arn"},
                )
