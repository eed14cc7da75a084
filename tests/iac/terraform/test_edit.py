"""Changes written into configuration, read back: only what was wanted differs."""

from pathlib import Path

import pytest

from services.gathering import a_workload
from tonnage.iac import patch
from tonnage.iac.edit import SetProperty
from tonnage.iac.read_architecture import read_architecture
from tonnage.iac.terraform.edit import edit_terraform, spelled_back
from tonnage.iac.terraform.kinds import spellings
from tonnage.iac.terraform.read import read_terraform
from tonnage.workload import Addition, Change, Reference, TemplateError, Value

TEXT = """# the shop
variable "memory" {
  type    = number
  default = 512 # MiB
}

resource "aws_lambda_function" "f" {
  runtime     = "python3.12"
  memory_size = var.memory
  timeout     = 10
  environment { variables = { A = "b" } }
}

resource "aws_launch_template" "t" {
  instance_type = join(".", ["t3", "medium"])
  monitoring { enabled = false }
}
resource "aws_autoscaling_group" "g" {
  min_size = 2
  max_size = 4
  launch_template { id = aws_launch_template.t.id }
}
"""


def edited(folder: Path, resource: str, path: tuple[str, ...], value: Value) -> tuple[dict[str, str], tuple[str, ...]]:
    (folder / "main.tf").write_text(TEXT)
    terraform = read_terraform(folder, None, parameters={}, region="us-east-1")
    return edit_terraform(terraform, [SetProperty(resource=resource, path=path, value=value)], folder, parameters={})


def lines(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


@pytest.mark.parametrize(
    ("resource", "path", "value", "gone", "come"),
    [
        ("aws_lambda_function.f", ("Timeout",), 20, ["  timeout     = 10"], ["  timeout     = 20"]),
        ("aws_lambda_function.f", ("MemorySize",), 1024, ["  default = 512 # MiB"], ["  default = 1024 # MiB"]),
        ("aws_lambda_function.f", ("ReservedConcurrentExecutions",), 5, [], ["  reserved_concurrent_executions = 5"]),
        ("aws_lambda_function.f", ("Architectures",), ("arm64",), [], ['  architectures = ["arm64"]']),
        (
            "aws_launch_template.t",
            ("LaunchTemplateData", "Monitoring", "Enabled"),
            True,
            ["  monitoring { enabled = false }"],
            ["  monitoring { enabled = true }"],
        ),
        (
            "aws_launch_template.t",
            ("LaunchTemplateData", "CreditSpecification", "CpuCredits"),
            "unlimited",
            [],
            ["  credit_specification {", '    cpu_credits = "unlimited"', "  }"],
        ),
        ("aws_autoscaling_group.g", ("DefaultInstanceWarmup",), 60, [], ["  default_instance_warmup = 60"]),
    ],
)
def test_only_the_touched_lines_differ(
    tmp_path: Path, resource: str, path: tuple[str, ...], value: Value, gone: list[str], come: list[str]
) -> None:
    texts, _ = edited(tmp_path, resource, path, value)
    (text,) = texts.values()
    assert lines(TEXT, text) == (gone, come)


def test_what_is_computed_is_overridden_in_a_file_beside(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(TEXT)
    terraform = read_terraform(tmp_path, None, parameters={}, region="us-east-1")
    wanted = SetProperty(
        resource="aws_launch_template.t", path=("LaunchTemplateData", "InstanceType"), value="m6g.large"
    )
    texts, _ = edit_terraform(terraform, [wanted], tmp_path, parameters={})
    assert texts == {
        str(
            tmp_path / "tonnage_override.tf"
        ): 'resource "aws_launch_template" "t" {\n  instance_type = "m6g.large"\n}\n'
    }


def test_a_default_is_told(tmp_path: Path) -> None:
    _, notes = edited(tmp_path, "aws_lambda_function.f", ("MemorySize",), 1024)
    assert notes == ("The default of memory is edited; a value given where you apply overrides it.",)


def test_plans_cannot_be_edited(tmp_path: Path) -> None:
    terraform = read_terraform(_written(tmp_path), None, parameters={}, region="us-east-1")
    edit = SetProperty(resource="aws_lambda_function.f", path=("Timeout",), value=1)
    with pytest.raises(TemplateError, match="is a plan or a state"):
        edit_terraform(terraform, [edit], tmp_path / "plan.json", parameters={})


def _written(folder: Path) -> Path:
    (folder / "main.tf").write_text(TEXT)
    return folder


def test_a_change_of_a_workload_becomes_a_diff(tmp_path: Path) -> None:
    read = read_architecture(_written(tmp_path))
    workload = a_workload(read.stack, *read.components.values())
    change = Change(component="aws_autoscaling_group.g", setting="MaxSize", before=4, after=8)
    done = patch(tmp_path, [change], workload)
    assert "-  max_size = 4\n+  max_size = 8\n" in done.diff
    assert list(done.files) == [str(tmp_path / "main.tf")]


def test_a_new_resource_is_written_in_hcl(tmp_path: Path) -> None:
    read = read_architecture(_written(tmp_path))
    workload = a_workload(read.stack, *read.components.values())
    group = Reference("aws_autoscaling_group.g")
    body: dict[str, Value] = {
        "AutoScalingGroupName": group,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingConfiguration": {
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            "TargetValue": 50,
        },
    }
    added = Addition(
        component="aws_autoscaling_group.g",
        title="a policy",
        resources={"WebTracking": {"Type": "AWS::AutoScaling::ScalingPolicy", "Properties": body}},
    )
    (text,) = patch(tmp_path, [added], workload).files.values()
    assert 'resource "aws_autoscaling_policy" "web_tracking" {\n' in text
    assert "  autoscaling_group_name = aws_autoscaling_group.g.name\n" in text
    (tmp_path / "main.tf").write_text(text)
    again = read_architecture(tmp_path).components["aws_autoscaling_group.g"]
    assert [policy.settings["TargetValue"] for policy in again.policies] == [50]


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("aws_lambda_function", ("MemorySize",), ("memory_size",)),
        ("aws_db_instance", ("DBInstanceClass",), ("instance_class",)),
        ("aws_dynamodb_table", ("ProvisionedThroughput", "ReadCapacityUnits"), ("read_capacity",)),
        ("aws_lambda_function", ("EphemeralStorage", "Size"), ("ephemeral_storage", 0, "size")),
        ("aws_lambda_function", ("A", 0, "B"), None),
    ],
)
def test_properties_are_spelled_back(kind: str, path: tuple[str | int, ...], expected: object) -> None:
    assert spelled_back(path, spellings()[kind].spec) == expected
