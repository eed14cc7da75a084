"""What a check sees of a template."""

from pathlib import Path
from typing import Any

import yaml

from tonnage.advise.checks import Checked, View, checks
from tonnage.advise.checks import _ask as ask
from tonnage.catalog import load_catalog
from tonnage.iac.read_architecture import understand
from tonnage.iac.sources import read_stack
from tonnage.workload import InputError, Stack, Workload
from tonnage.workload.traffic_shape import parse_shape

EXAMPLES = Path(__file__).parent
KEYS = {"wrong", "says", "right", "unknown", "because", "region"}


def example(check: str) -> dict[str, Any]:
    """The example of a check: a template that is wrong, what is said of it, one that is right, one that cannot tell."""
    with (EXAMPLES / f"{check.replace('-', '_')}.yaml").open() as file:
        found = yaml.safe_load(file)
    assert set(found) <= KEYS, f"{check}: {sorted(set(found) - KEYS)}"
    return dict(found)


def stack_of(template: dict[str, Any], folder: Path, region: str = "us-east-1") -> Stack:
    """The stack of a template."""
    file = folder / "template.yaml"
    file.write_text(yaml.safe_dump(template, sort_keys=False))
    return read_stack(file, parameters={}, region=region)


def view_of(stack: Stack) -> View:
    """A view without a simulation; without components where AWS would refuse them."""
    try:
        components, edges = understand(stack).components, understand(stack).edges
    except InputError:
        components, edges = {}, ()
    workload = Workload(
        name="example",
        region=stack.region,
        architecture=stack.file,
        components=components,
        edges=edges,
        routes=(),
        traffic=parse_shape("constant 1/s for 1 h"),
        objectives=(),
        stack=stack,
    )
    return View(workload=workload, stack=stack, catalog=load_catalog(stack.region))


def asked(check: str, stack: Stack) -> Checked:
    """What a check says of a stack."""
    view = view_of(stack)
    found = checks()[check]
    return ask(found, View(**{**{k: getattr(view, k) for k in view.__slots__}, "parameters": found.parameters}))
