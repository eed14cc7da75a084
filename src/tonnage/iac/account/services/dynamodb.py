"""DynamoDB tables with their indexes and streams."""

from collections.abc import Iterator, Mapping
from typing import Any

from tonnage.iac.account.found import Ask, Found, picked, plain
from tonnage.workload import Value

CALLS = ("dynamodb:ListTables", "dynamodb:DescribeTable")


def read(ask: Ask) -> Iterator[Found]:
    """Tables; provisioned units only where they are provisioned."""
    for name in ask("dynamodb", "list_tables", "TableNames"):
        for table in ask("dynamodb", "describe_table", "Table", TableName=name):
            mode = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
            indexes: tuple[Value, ...] = tuple(
                {**picked(each, "IndexName", "Projection"), **_throughput(each, mode)}
                for each in table.get("GlobalSecondaryIndexes", ())
            )
            stream = table.get("LatestStreamArn")
            yield Found(
                kind="AWS::DynamoDB::Table",
                name=name,
                properties={
                    "TableName": name,
                    "BillingMode": mode,
                    **_throughput(table, mode),
                    **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
                    **({"StreamSpecification": plain(table.get("StreamSpecification"))} if stream else {}),
                },
                identifiers={name: None, table["TableArn"]: "Arn", **({stream: "StreamArn"} if stream else {})},
            )


def _throughput(table: Mapping[str, Any], mode: str) -> dict[str, Value]:
    """Provisioned units; an on-demand table answers zeros."""
    answer = table.get("ProvisionedThroughput")
    if mode != "PROVISIONED" or not answer:
        return {}
    return {"ProvisionedThroughput": picked(answer, "ReadCapacityUnits", "WriteCapacityUnits")}
