"""Memory and reserved concurrency of Lambda functions."""

from collections.abc import Iterator

from tonnage.iac.account.actions._face import Call, Step, Wanted, number
from tonnage.workload import Value

KIND = "AWS::Lambda::Function"
PROPERTIES = ("MemorySize", "ReservedConcurrentExecutions")
CREATES = False
CALLS = (
    "lambda:UpdateFunctionConfiguration",
    "lambda:PutFunctionConcurrency",
    "lambda:DeleteFunctionConcurrency",
)
_DEFAULT_MEMORY_MB = 128


def steps(wanted: Wanted) -> Iterator[Step]:
    """Memory, then concurrency: each by a call of its own."""
    own, now = wanted.physical_id, wanted.now or {}
    if "MemorySize" in wanted.changed:
        yield Step(
            resource=wanted.resource,
            says=wanted.says("MemorySize"),
            call=_memory(own, wanted.wanted.get("MemorySize")),
            undo=_memory(own, now.get("MemorySize")),
        )
    if "ReservedConcurrentExecutions" in wanted.changed:
        yield Step(
            resource=wanted.resource,
            says=wanted.says("ReservedConcurrentExecutions"),
            call=_reserved(own, wanted.wanted.get("ReservedConcurrentExecutions")),
            undo=_reserved(own, now.get("ReservedConcurrentExecutions")),
        )


def _memory(own: str, value: Value) -> Call:
    size = _DEFAULT_MEMORY_MB if value is None else number(value)
    return Call(
        service="lambda",
        operation="update_function_configuration",
        arguments={"FunctionName": own, "MemorySize": size},
    )


def _reserved(own: str, value: Value) -> Call:
    if value is None:
        return Call(service="lambda", operation="delete_function_concurrency", arguments={"FunctionName": own})
    arguments = {"FunctionName": own, "ReservedConcurrentExecutions": number(value)}
    return Call(service="lambda", operation="put_function_concurrency", arguments=arguments)
