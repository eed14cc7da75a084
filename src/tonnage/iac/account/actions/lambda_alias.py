"""Provisioned concurrency of Lambda aliases."""

from collections.abc import Iterator, Mapping

from tonnage.iac.account.actions._face import Call, Step, Wanted, number
from tonnage.workload import Value

KIND = "AWS::Lambda::Alias"
PROPERTIES = ("ProvisionedConcurrencyConfig",)
CREATES = False
CALLS = ("lambda:PutProvisionedConcurrencyConfig", "lambda:DeleteProvisionedConcurrencyConfig")


def steps(wanted: Wanted) -> Iterator[Step]:
    """Environments that are kept warm, or none."""
    yield Step(
        resource=wanted.resource,
        says=wanted.says(),
        call=_call(wanted.physical_id, wanted.wanted),
        undo=_call(wanted.physical_id, wanted.now or {}),
    )


def _call(own: str, properties: Mapping[str, Value]) -> Call:
    function, _, alias = own.rpartition(":")
    arguments = {"FunctionName": function, "Qualifier": alias}
    config = properties.get("ProvisionedConcurrencyConfig")
    units = config.get("ProvisionedConcurrentExecutions") if isinstance(config, Mapping) else None
    if units is None:
        return Call(service="lambda", operation="delete_provisioned_concurrency_config", arguments=arguments)
    return Call(
        service="lambda",
        operation="put_provisioned_concurrency_config",
        arguments={**arguments, "ProvisionedConcurrentExecutions": number(units)},
    )
