"""What ``cdk synth`` writes: stacks of a manifest, construct paths as names, and where a change is made by hand."""

import json
from pathlib import Path

import pytest

from tonnage.iac import patch
from tonnage.iac.cdk_assembly import assembly_of
from tonnage.iac.read_architecture import read_architecture
from tonnage.iac.sources import read_stack
from tonnage.workload import Change, Reference, TemplateError, Traffic, Workload


def resource(kind: str, path: str, **properties: object) -> dict[str, object]:
    return {"Type": kind, "Properties": properties, "Metadata": {"aws:cdk:path": path}}


def assembly(folder: Path, region: str = "us-east-1") -> Path:
    out = folder / "cdk.out"
    out.mkdir()
    stack = {"type": "aws:cloudformation:stack", "environment": f"aws://unknown-account/{region}"}
    manifest = {
        "version": "36.0.0",
        "artifacts": {
            "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
            "Shop": {**stack, "properties": {"templateFile": "Shop.template.json"}},
        },
    }
    (out / "manifest.json").write_text(json.dumps(manifest))
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {
            "TemplateURL": {"Fn::Sub": "https://s3.${AWS::Region}.${AWS::URLSuffix}/assets/abc.json"},
            "Parameters": {"refTable": {"Ref": "Orders99"}},
        },
        "Metadata": {"aws:cdk:path": "Shop/Code.NestedStack/Code.NestedStackResource", "aws:asset:path": "Code.json"},
    }
    shop = {"Resources": {"Orders99": resource("AWS::DynamoDB::Table", "Shop/Orders/Resource"), "Nested1": nested}}
    (out / "Shop.template.json").write_text(json.dumps(shop, indent=1))
    code = {
        "Parameters": {"refTable": {"Type": "String"}},
        "Resources": {
            "Handler77": resource(
                "AWS::Lambda::Function",
                "Shop/Code/Handler/Resource",
                MemorySize=128,
                Runtime="python3.12",
                Environment={"Variables": {"TABLE": {"Ref": "refTable"}}},
            ),
            "Door": resource(
                "AWS::Lambda::Url", "Shop/Code/Handler/Url/Resource", TargetFunctionArn={"Ref": "Handler77"}
            ),
        },
    }
    (out / "Code.json").write_text(json.dumps(code, indent=1))
    return folder


def test_constructs_name_the_resources_and_nested_stacks_are_read(tmp_path: Path) -> None:
    for path in (assembly(tmp_path), tmp_path / "cdk.out"):
        found = read_stack(path, parameters={}, region="us-east-1")
        names = list(found.resources)
        assert names == ["Orders", "Code.Handler", "Code.Handler.Url"]
        assert found.resources[names[1]].get("Environment", "Variables", "TABLE") == Reference("Orders")
        assert found.notes == ()


def test_a_stack_made_for_another_region_is_told(tmp_path: Path) -> None:
    notes = read_stack(assembly(tmp_path, "eu-west-1"), parameters={}, region="us-east-1").notes
    assert notes == ("stack Shop is made for eu-west-1, and read for us-east-1: give --region eu-west-1",)


def test_a_change_edits_the_template_and_names_the_construct(tmp_path: Path) -> None:
    read = read_architecture(assembly(tmp_path))
    name = next(name for name in read.components if name.endswith("Handler"))
    workload = Workload(
        name="w",
        region="us-east-1",
        architecture=str(tmp_path),
        components=read.components,
        edges=read.edges,
        routes=(),
        traffic=Traffic(name="t", start_s=0.0, step_s=60.0, rates_per_s=(1.0,), evidence="declared"),
        objectives=(),
        stack=read.stack,
    )
    done = patch(tmp_path, [Change(component=name, setting="MemorySize", before=128, after=256)], workload)
    assert list(done.files) == [str(tmp_path / "cdk.out" / "Code.json")]
    assert '"MemorySize": 256' in done.after
    assert done.notes == (
        "In the CDK app it is construct Shop/Code/Handler/Resource: set its MemorySize to 256 there.",
    )


@pytest.mark.parametrize(
    ("manifest", "what"),
    [
        ("{", "not JSON"),
        ('{"artifacts": {}}', "names no stack"),
        (
            '{"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "../a.json"}}}}',
            "which is not in it",
        ),
    ],
)
def test_broken_manifests_are_refused(tmp_path: Path, manifest: str, what: str) -> None:
    out = assembly(tmp_path) / "cdk.out"
    (out / "manifest.json").write_text(manifest if "artifacts" in manifest else manifest + '"artifacts"')
    assert assembly_of(tmp_path) == out
    with pytest.raises(TemplateError, match=what):
        read_stack(tmp_path, parameters={}, region="us-east-1")
