"""What is emitted joins the user's own files and is read back from there."""

import json
import shutil
from pathlib import Path

import pytest

from command_line import run
from iac.terraform.architectures import ALL
from shared_data import ROOT
from tonnage.iac.read_architecture import read_architecture

CONSTANT = "constant 20/s for 10 min"


def test_alarms_join_a_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples" / "web-shop", tmp_path / "shop")
    monkeypatch.chdir(tmp_path)
    made = run("emit", "alarms", "shop", "--patch", "alarms.diff", "-q")
    assert (made.code, made.err) == (0, "")
    assert "DatabaseInUseAlarm: DatabaseConnections Maximum > 273" in made.out
    assert run("apply-patch", "alarms.diff").code == 0
    stack = read_architecture("shop/template.yaml").stack
    alarms = {each.name: each for each in stack.of_kind("AWS::CloudWatch::Alarm")}
    assert alarms["DatabaseInUseAlarm"].get("Threshold") == 273
    assert "TonnageDashboard" not in stack.resources
    board = run("emit", "dashboard", "shop", "--patch", "board.diff", "-q")
    assert (board.code, board.err) == (0, "")
    assert run("apply-patch", "board.diff").code == 0
    assert "TonnageDashboard" in read_architecture("shop/template.yaml").stack.resources


def test_alarms_join_terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tf").mkdir()
    (tmp_path / "tf" / "main.tf").write_text(ALL["web"][1])
    monkeypatch.chdir(tmp_path)
    made = run("emit", "alarms", "tf", "--patch", "alarms.diff", "-q")
    assert (made.code, made.err) == (0, "")
    assert run("apply-patch", "alarms.diff").code == 0
    alarms = list(read_architecture("tf").stack.of_kind("AWS::CloudWatch::Alarm"))
    assert alarms
    text = "".join(path.read_text() for path in (tmp_path / "tf").iterdir())
    assert "arn_suffix" in text


def test_json_gives_the_resources_alone() -> None:
    made = run("emit", "alarms", str(ROOT / "examples" / "orders-api"), "--format", "json", "-q")
    resources = json.loads(made.out)["Resources"]
    assert resources["OrdersFunctionThrottlesAlarm"]["Properties"]["Dimensions"] == [
        {"Name": "FunctionName", "Value": {"Ref": "OrdersFunction"}}
    ]


def test_a_load_test_is_written(tmp_path: Path) -> None:
    file = tmp_path / "test.js"
    made = run("emit", "load-test", str(ROOT / "examples" / "orders-api"), "-o", str(file), "-q")
    assert (made.code, made.out) == (0, f"load test: {file}\n")
    assert "ramping-arrival-rate" in file.read_text()


def test_nothing_to_scale_is_said() -> None:
    assert run("emit", "scaling", str(ROOT / "examples" / "web-shop"), "-q").out == "nothing to add\n"
