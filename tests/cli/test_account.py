"""An account read from the command line, and reviewed without it."""

import json
from pathlib import Path

import pytest

from command_line import run
from iac.account.architectures import ALL
from iac.account.server import an_account


def test_an_account_is_read_and_reviewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "shop.json"
    with an_account(monkeypatch) as (address, client):
        ALL["web"][0](client)
        result = run("account", "read", "-o", str(file), "--endpoint-url", address, "-q")
    assert (result.code, result.err) == (0, "")
    assert f"in {file}" in result.out
    text = file.read_text()
    assert "hunter2" not in text
    report = json.loads(run("review", str(file), "--format", "json", "-q").out)
    assert {each["name"] for each in report["workload"]["components"]} >= {"Balancer", "Web", "Database"}


def test_the_policy_is_printed() -> None:
    (statement,) = json.loads(run("account", "policy").out)["Statement"]
    assert statement["Effect"] == "Allow"
    assert "ec2:DescribeInstances" in statement["Action"]
    assert not [
        each
        for each in statement["Action"]
        if not each.partition(":")[2].startswith(("Describe", "List", "Get", "GET"))
    ]


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    result = run("account", "read", "-o", str(tmp_path), "-q")
    assert result.code == 2
    assert result.err == f"tonnage: {tmp_path} is a folder. Give a file name in it.\n"
