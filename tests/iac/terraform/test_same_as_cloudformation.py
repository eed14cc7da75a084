"""The same architecture as CloudFormation and as Terraform gives the same workload, whatever things are called."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from iac.terraform.architectures import ALL
from tonnage.iac.architecture import Architecture
from tonnage.iac.read_architecture import read_architecture
from tonnage.workload import Component, Reference, Value


def label(name: str) -> str:
    """``aws_lb.web_shop`` and ``WebShop`` as ``webshop``."""
    return name.rpartition(".")[2].replace("_", "").lower()


def alike(value: Value) -> Value:
    """A setting without names of resources."""
    if isinstance(value, Reference):
        return Reference(label(value.resource))
    if isinstance(value, tuple):
        return tuple(alike(each) for each in value)
    if isinstance(value, dict):
        return {key: label(str(each)) if key == "Origin" else alike(each) for key, each in value.items()}
    return value


def of(component: Component) -> object:
    return (
        component.kind,
        {name: alike(value) for name, value in component.settings.items()},
        {
            label(policy.name): (policy.mechanism, {name: alike(value) for name, value in policy.settings.items()})
            for policy in component.policies
        },
    )


def summary(architecture: Architecture) -> object:
    return (
        {label(name): of(component) for name, component in architecture.components.items()},
        {(label(edge.caller), label(edge.callee), edge.certainty) for edge in architecture.edges},
    )


@pytest.mark.parametrize("name", ALL)
def test_terraform_gives_the_workload_that_cloudformation_gives(tmp_path: Path, name: str) -> None:
    template, configuration = ALL[name]
    (tmp_path / "template.yaml").write_text(template)
    (tmp_path / "tf").mkdir()
    (tmp_path / "tf" / "main.tf").write_text(configuration)
    expected, found = read_architecture(tmp_path / "template.yaml"), read_architecture(tmp_path / "tf")
    components, edges = summary(found)  # type: ignore[misc]
    wanted, calls = summary(expected)  # type: ignore[misc]
    assert components.keys() == wanted.keys()
    for each in wanted:
        assert components[each] == wanted[each], each
    assert edges == calls
    assert found.notes == tuple(note for note in found.notes if "aws_" in note or ":" in note)


@pytest.mark.parametrize("name", ALL)
def test_every_setting_knows_where_it_is_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "main.tf").write_text(ALL[name][1])
    for component in read_architecture(tmp_path).components.values():
        assert component.place is not None
        for setting in component.settings:
            origin = component.origins.get(setting)
            if origin is not None and origin.resource == component.name and origin.place is not None:
                assert origin.place.line >= component.place.line


def test_secrets_are_in_no_component(tmp_path: Path) -> None:
    for name, (_, configuration) in ALL.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / "main.tf").write_text(configuration)
        read = read_architecture(folder)
        told = [replace(each, place=None) for each in read.components.values()]
        assert "hunter2" not in f"{told}{read.notes}{read.edges}{json.dumps([str(n) for n in read.not_modelled])}"
