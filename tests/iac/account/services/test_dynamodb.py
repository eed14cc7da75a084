"""Tables as DynamoDB answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found
from tonnage.iac.account.services import dynamodb


def test_units_are_read_where_they_are_provisioned(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        tables = client("dynamodb")
        keys = {
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        }
        tables.create_table(
            TableName="set", ProvisionedThroughput={"ReadCapacityUnits": 9, "WriteCapacityUnits": 4}, **keys
        )
        tables.create_table(
            TableName="free", BillingMode="PAY_PER_REQUEST", **keys,
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )  # fmt: skip

    free, provisioned = sorted(found(monkeypatch, dynamodb, make), key=lambda each: each.name)
    assert provisioned.properties["ProvisionedThroughput"] == {"ReadCapacityUnits": 9, "WriteCapacityUnits": 4}
    assert "ProvisionedThroughput" not in free.properties
    assert "StreamArn" in free.identifiers.values()
