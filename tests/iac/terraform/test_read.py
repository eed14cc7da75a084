from pathlib import Path

import pytest

from command_line import run
from iac.terraform.architectures import API, WEB
from tonnage.iac.terraform.read import is_terraform, read_terraform
from tonnage.workload import TemplateError

QUICK = ("--traffic", "constant 50/s for 10 min", "-q")


def test_folders_files_plans_and_states_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(WEB[1])
    (tmp_path / "other").mkdir()
    assert is_terraform(tmp_path)
    assert is_terraform(tmp_path / "main.tf")
    assert not is_terraform(tmp_path / "other")
    assert is_terraform(tmp_path / "p.json", '{"format_version": "1.0", "terraform_version": "1.5"}')
    assert not is_terraform(tmp_path / "t.json", '{"Resources": {}}')


def test_nothing_at_all_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('module "v" { source = "hashicorp/x" }')
    with pytest.raises(TemplateError, match="makes no resource") as raised:
        read_terraform(tmp_path, None, parameters={}, region="us-east-1")
    assert "terraform show -json" in (raised.value.remedy or "")


def test_a_folder_of_configuration_is_reviewed(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(API[1])
    answer = run("review", str(tmp_path), *QUICK)
    # 1: an assumed objective is missed at half as much again.
    assert answer.code in {0, 1}, answer.err
    assert "Load line" in answer.out
    assert "aws_lambda_function.handler" in answer.out
