"""Templates that make one architecture: nested stacks, exports, and changes written into the file they belong to."""

from pathlib import Path

import pytest

from tonnage.iac import patch
from tonnage.iac.read_architecture import read_architecture, understand
from tonnage.iac.sources import read_stack
from tonnage.workload import Addition, Change, Reference, Stack, TemplateError, Traffic, Unknown, Workload

ROOT = """
Parameters: { Memory: { Type: Number, Default: 512 } }
Resources:
  Data:
    Type: AWS::CloudFormation::Stack
    Properties: { TemplateURL: nested/data.yaml, Parameters: { Mode: PAY_PER_REQUEST } }
  Code:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: https://s3.amazonaws.com/bucket/release/nested/code.yaml
      Parameters: { Table: !GetAtt Data.Outputs.TableName, Memory: !Ref Memory, Size: 256 }
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties: { Dimensions: [{ Name: FunctionName, Value: !GetAtt Code.Outputs.Function }] }
"""
DATA = """
Parameters: { Mode: { Type: String } }
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties: { BillingMode: !Ref Mode, TableName: orders }
Outputs:
  TableName: { Value: !Ref Orders }
"""
CODE = """
Parameters: { Table: { Type: String }, Memory: { Type: Number }, Size: { Type: Number } }
Conditions: { Large: !Equals [!Ref Size, 1024] }
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      MemorySize: !Ref Memory
      Runtime: !If [Large, java21, python3.12]
      Environment: { Variables: { TABLE: !Ref Table } }
  Door: { Type: AWS::Lambda::Url, Properties: { TargetFunctionArn: !Ref Handler } }
Outputs:
  Function: { Value: !Ref Handler }
"""


def written(folder: Path, **files: str) -> Path:
    for name, text in {"root": ROOT, "nested/data": DATA, "nested/code": CODE, **files}.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "root.yaml"


def stack(path: Path, **parameters: str) -> Stack:
    return read_stack(path, parameters=parameters, region="us-east-1")


def test_nested_stacks_are_read_with_what_their_parent_gives_them(tmp_path: Path) -> None:
    found = stack(written(tmp_path))
    assert list(found.resources) == ["Alarm", "Data.Orders", "Code.Handler", "Code.Door"]
    assert found.resources["Data.Orders"].get("BillingMode") == "PAY_PER_REQUEST"
    handler = found.resources["Code.Handler"]
    assert handler.get("Environment", "Variables", "TABLE") == Reference("Data.Orders")
    assert (handler.get("MemorySize"), handler.get("Runtime")) == (512, "python3.12")
    assert handler.place.file.endswith("nested/code.yaml")
    assert found.resources["Alarm"].get("Dimensions", 0, "Value") == Reference("Code.Handler")
    assert found.notes == ()


def test_the_folder_is_the_same_architecture_as_its_root(tmp_path: Path) -> None:
    root = written(tmp_path)
    assert stack(tmp_path).resources == stack(root).resources
    architecture = read_architecture(tmp_path)
    assert [(edge.caller, edge.callee) for edge in architecture.edges] == [("Code.Handler", "Data.Orders")]


def test_a_template_may_be_nested_twice(tmp_path: Path) -> None:
    twice = ROOT.replace(
        "  Alarm:",
        "  More:\n    Type: AWS::CloudFormation::Stack\n    Properties: "
        "{ TemplateURL: nested/data.yaml, Parameters: { Mode: PROVISIONED } }\n  Alarm:",
    )
    found = stack(written(tmp_path, root=twice))
    assert found.resources["More.Orders"].get("BillingMode") == "PROVISIONED"
    assert found.resources["Data.Orders"].get("BillingMode") == "PAY_PER_REQUEST"


def test_what_is_not_at_hand_is_said(tmp_path: Path) -> None:
    root = written(tmp_path)
    (tmp_path / "nested" / "data.yaml").unlink()
    found = stack(root)
    assert found.resources["Data"].kind == "AWS::CloudFormation::Stack"
    assert found.resources["Code.Handler"].get("Environment", "Variables", "TABLE") == Reference(
        "Data", "Outputs.TableName"
    )
    (left,) = [each for each in understand(found).not_modelled if each.name == "Data"]
    assert left.matters


def test_no_file_outside_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(DATA)
    inside = tmp_path / "app"
    inside.mkdir()
    found = stack(written(inside, root=ROOT.replace("nested/data.yaml", "../secret.yaml")))
    assert "Data.Orders" not in found.resources
    assert any("outside of app/" in note for note in found.notes)


@pytest.mark.parametrize(
    ("files", "what"),
    [
        (
            {"nested/data": "Resources: {A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: data.yaml}}}"},
            "nests it again",
        ),
        (
            {
                "nested/data": DATA.replace(
                    "Mode: { Type: String }", "Mode: { Type: String, AllowedValues: [PROVISIONED] }"
                )
            },
            "does not allow 'PAY_PER_REQUEST'",
        ),
    ],
)
def test_stacks_that_cannot_be_are_refused(tmp_path: Path, files: dict[str, str], what: str) -> None:
    with pytest.raises(TemplateError, match=what):
        stack(written(tmp_path, **files))


def test_exports_link_templates_that_are_given_together(tmp_path: Path) -> None:
    (tmp_path / "data.yaml").write_text(
        DATA.replace("{ Type: String }", "{ Type: String, Default: PROVISIONED }").replace(
            "{ Value: !Ref Orders }", '{ Value: !Ref Orders, Export: { Name: !Sub "${AWS::Region}-orders" } }'
        )
    )
    (tmp_path / "code.yaml").write_text(
        CODE.replace("!Ref Table }", "!ImportValue us-east-1-orders, OTHER: !ImportValue nowhere }").replace(
            "{ Type: Number }", "{ Type: Number, Default: 128 }"
        )
    )
    variables = stack(tmp_path, Table="x").resources["Handler"].get("Environment", "Variables")
    assert variables == {"TABLE": Reference("Orders"), "OTHER": Unknown("imported value nowhere")}
    with pytest.raises(TemplateError, match="No template has a parameter Tabel"):
        stack(tmp_path, Tabel="x")


def test_templates_with_the_same_names_keep_theirs_apart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(DATA)
    assert list(stack(tmp_path, Mode="PROVISIONED").resources) == ["a.Orders", "b.Orders"]


def workload_of(path: Path) -> Workload:
    read = read_architecture(path)
    return Workload(
        name="w",
        region="us-east-1",
        architecture=str(path),
        components=read.components,
        edges=read.edges,
        routes=(),
        traffic=Traffic(name="t", start_s=0.0, step_s=60.0, rates_per_s=(1.0,), evidence="declared"),
        objectives=(),
        stack=read.stack,
    )


def test_a_change_is_written_where_the_value_comes_from(tmp_path: Path) -> None:
    root = written(tmp_path)
    runtime = Change(component="Code.Handler", setting="Timeout", before=None, after=20)
    memory = Change(component="Code.Handler", setting="MemorySize", before=512, after=1024)
    done = patch(root, [runtime, memory], workload_of(root))
    assert set(done.files) == {str(root), str(tmp_path / "nested" / "code.yaml")}
    assert "Timeout: 20" in done.files[str(tmp_path / "nested" / "code.yaml")]
    # What the nested stack is given comes from a parameter of the root, whose default is edited.
    assert "Default: 1024" in done.files[str(root)]
    for name, text in done.files.items():
        Path(name).write_text(text)
    again = stack(root).resources["Code.Handler"]
    assert (again.get("Timeout"), again.get("MemorySize")) == (20, 1024)


def test_a_new_resource_joins_the_template_of_what_it_refers_to(tmp_path: Path) -> None:
    root = written(tmp_path)
    added = Addition(
        component="Code.Handler",
        title="an alarm",
        resources={
            "Code.HandlerAlarm": {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {"Dimensions": ({"Name": "FunctionName", "Value": Reference("Code.Handler")},)},
            }
        },
    )
    done = patch(root, [added], workload_of(root))
    (text,) = done.files.values()
    assert "  HandlerAlarm:\n" in text
    assert "!Ref Handler\n" in text
    (tmp_path / "nested" / "code.yaml").write_text(text)
    assert stack(root).resources["Code.HandlerAlarm"].get("Dimensions", 0, "Value") == Reference("Code.Handler")
