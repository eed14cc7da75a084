"""The Region that files state by themselves."""

import json
from pathlib import Path

import pytest

from tonnage.iac.stated_region import stated_region


@pytest.mark.parametrize(
    ("name", "text", "region"),
    [
        ("main.tf", 'provider "aws" {\n  region = "eu-west-1"\n}\n', "eu-west-1"),
        ("main.tf", 'provider "aws" {\n  alias = "x"\n  region = "eu-west-1"\n}\n', None),
        (
            "main.tf",
            'variable "where" {\n  default = "ap-south-1"\n}\nprovider "aws" {\n  region = var.where\n}\n',
            "ap-south-1",
        ),
        ("main.tf", 'provider "aws" {\n  region = var.where\n}\n', None),
        ("a.json", json.dumps({"Metadata": {"Tonnage": {"Region": "eu-north-1"}}}), "eu-north-1"),
        ("a.json", json.dumps({"Metadata": {"Tonnage": {"Region": "north"}}}), None),
        (
            "plan.json",
            json.dumps(
                {
                    "configuration": {
                        "provider_config": {"aws": {"expressions": {"region": {"constant_value": "sa-east-1"}}}}
                    }
                }
            ),
            "sa-east-1",
        ),
        ("broken.json", "{", None),
        ("t.yaml", "Resources: {}", None),
    ],
)
def test_a_file_states_its_region(tmp_path: Path, name: str, text: str, region: str | None) -> None:
    (tmp_path / name).write_text(text)
    assert stated_region(tmp_path / name) == region


def test_folders_state_theirs(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('provider "aws" {\n  region = "eu-west-1"\n}\n')
    assert stated_region(tmp_path) == "eu-west-1"
    stacks = {
        name: {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://unknown-account/{region}",
            "properties": {"templateFile": "t.json"},
        }
        for name, region in (("A", "eu-west-2"), ("B", "eu-west-2"))
    }
    out = tmp_path / "cdk"
    out.mkdir()
    (out / "t.json").write_text('{"Resources": {}}')
    (out / "manifest.json").write_text(json.dumps({"artifacts": stacks}))
    assert stated_region(out) == "eu-west-2"
    stacks["B"]["environment"] = "aws://unknown-account/us-east-1"
    (out / "manifest.json").write_text(json.dumps({"artifacts": stacks}))
    assert stated_region(out) is None
