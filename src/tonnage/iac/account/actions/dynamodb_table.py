"""Billing mode and provisioned units of DynamoDB tables: UpdateTable."""

from collections.abc import Iterator, Mapping

from tonnage.iac.account.actions._face import Call, Step, Wanted, number
from tonnage.workload import Value

KIND = "AWS::DynamoDB::Table"
PROPERTIES = ("BillingMode", "ProvisionedThroughput")
CREATES = False
CALLS = ("dynamodb:UpdateTable",)


def steps(wanted: Wanted) -> Iterator[Step]:
    """Mode and units in one call: provisioned needs its units, on-demand may not have any.

    DynamoDB takes a change to on-demand once in 24 hours (developer guide, considerations when switching capacity
    modes), so that undoing one soon after may have to wait.
    """
    yield Step(
        resource=wanted.resource,
        says=wanted.says(),
        call=_update(wanted.physical_id, wanted.wanted),
        undo=_update(wanted.physical_id, wanted.now or {}),
    )


def _update(own: str, properties: Mapping[str, Value]) -> Call:
    mode = str(properties.get("BillingMode") or "PROVISIONED")
    arguments: dict[str, object] = {"TableName": own, "BillingMode": mode}
    units = properties.get("ProvisionedThroughput")
    if mode == "PROVISIONED" and isinstance(units, Mapping):
        arguments["ProvisionedThroughput"] = {name: number(value) for name, value in units.items()}
        indexes = properties.get("GlobalSecondaryIndexes")
        updates = [
            {"Update": {"IndexName": each["IndexName"], "ProvisionedThroughput": _units(each, units)}}
            for each in (indexes if isinstance(indexes, tuple) else ())
            if isinstance(each, Mapping)
        ]
        if updates:
            arguments["GlobalSecondaryIndexUpdates"] = updates
    return Call(service="dynamodb", operation="update_table", arguments=arguments)


def _units(index: Mapping[str, Value], table: Mapping[str, Value]) -> dict[str, int]:
    own = index.get("ProvisionedThroughput")
    return {name: number(value) for name, value in (own if isinstance(own, Mapping) else table).items()}
