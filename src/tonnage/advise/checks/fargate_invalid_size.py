"""A pair of CPU and memory that Fargate does not offer."""

from collections.abc import Iterator, Mapping

from tonnage.advise.checks._face import Check, Hit, NotKnownError, View, items, text
from tonnage.workload import Resource

OFFERED: Mapping[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}
"""Memory in MiB by CPU units (Amazon ECS developer guide, task size)."""
_MIB = 1024.0


def _look(resource: Resource, _: View) -> Iterator[Hit]:
    if "FARGATE" not in {str(each) for each in items(resource, "RequiresCompatibilities")}:
        return
    cpu, memory = (_units(text(resource, name), per) for name, per in (("Cpu", "vcpu"), ("Memory", "gb")))
    if cpu is None or memory is None:
        missing = "Cpu" if cpu is None else "Memory"
        yield Hit(what=f"a Fargate task must say its {missing}")
    elif cpu not in OFFERED:
        sizes = ", ".join(f"{each:,}" for each in OFFERED)
        yield Hit(what=f"Fargate has no tasks of {cpu:,} CPU units", path=("Cpu",), remedy=f"Give one of {sizes}.")
    elif memory not in OFFERED[cpu]:
        offered = OFFERED[cpu]
        nearest = min(offered, key=lambda each: (abs(each - memory), each))
        yield Hit(
            what=f"Fargate has no tasks of {cpu:,} CPU units with {memory:,} MiB; it has {offered[0]:,} to "
            f"{offered[-1]:,} MiB",
            path=("Memory",),
            remedy=f"Give {nearest:,} MiB.",
        )


def _units(written: str | None, unit: str) -> int | None:
    """CPU units or MiB, also as ``1 vCPU`` and ``2 GB``."""
    if written is None:
        return None
    amount = written.lower().replace(" ", "")
    factor = _MIB if amount.endswith(unit) else 1.0
    try:
        return round(float(amount.removesuffix(unit)) * factor)
    except (ValueError, OverflowError):
        raise NotKnownError(f"{written!r} is no size") from None


CHECK = Check(
    id="fargate-invalid-size",
    title="CPU and memory of a Fargate task are a pair that is offered",
    why="Fargate runs tasks of fixed sizes; any other pair is refused when the task definition is registered.",
    remedy="Give a pair of the table.",
    source="Amazon ECS developer guide, task size; cfn-lint E3047",
    best_practice="PERF02-BP02",
    severity="impossible",
    kinds=("AWS::ECS::TaskDefinition",),
    look=_look,
)
