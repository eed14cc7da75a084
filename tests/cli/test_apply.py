"""A live account changed to what its file says, and back."""

import json
from pathlib import Path
from typing import Any

import pytest

from command_line import run
from iac.account.architectures import ALL
from iac.account.server import an_account


def changed(file: Path, name: str, **properties: Any) -> None:
    body = json.loads(file.read_text())
    body["Resources"][name]["Properties"].update(properties)
    file.write_text(json.dumps(body, indent=2))


def test_a_change_is_planned_made_and_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, journal = tmp_path / "shop.json", tmp_path / "journal.json"
    with an_account(monkeypatch) as (address, client):
        for name in ("web", "api", "containers"):
            ALL[name][0](client)
        at = ("--endpoint-url", address, "-q")
        run("account", "read", "-o", str(file), *at)
        as_read = run("apply", str(file), *at)
        assert as_read.out == "the account is as the file says, as far as Tonnage changes it\n"
        changed(file, "Web", MinSize=3, MaxSize=12)
        changed(file, "Handler", MemorySize=1024)
        changed(file, "Orders", BillingMode="PAY_PER_REQUEST", TableClass="STANDARD")
        body = json.loads(file.read_text())
        body["Resources"]["Tracking"]["Properties"]["TargetTrackingConfiguration"]["TargetValue"] = 30
        file.write_text(json.dumps(body))
        shown = run("apply", str(file), "--dry-run", *at)
        assert "Web: MinSize 2 → 3, MaxSize 8 → 12\n   autoscaling update_auto_scaling_group" in shown.out
        assert "not done: Orders.TableClass differs, and is not changed by Tonnage" in shown.out
        unasked = run("apply", str(file), *at)
        assert (unasked.code, unasked.out.splitlines()[-1]) == (1, "nothing was changed")
        assert state(client) == (2, 8, 50.0, 512, "PROVISIONED")
        made = run("apply", str(file), "--yes", "--journal", str(journal), *at)
        assert (made.code, made.err) == (0, "")
        assert state(client) == (3, 12, 30.0, 1024, "PAY_PER_REQUEST")
        again = run("apply", str(file), "--yes", "--journal", str(journal), *at)
        assert "exists already" in again.err or "the account is as the file says" in again.out
        undone = run("apply", "--revert", str(journal), "--yes", *at)
        assert (undone.code, undone.err) == (0, "")
        assert state(client) == (2, 8, 50.0, 512, "PROVISIONED")
        assert "nothing to undo" in run("apply", "--revert", str(journal), "--yes", *at).out


def state(client: Any) -> tuple[Any, ...]:
    (group,) = client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    (policy,) = client("autoscaling").describe_policies()["ScalingPolicies"]
    table = client("dynamodb").describe_table(TableName="orders")["Table"]
    return (
        group["MinSize"],
        group["MaxSize"],
        policy["TargetTrackingConfiguration"]["TargetValue"],
        client("lambda").get_function_configuration(FunctionName="handler")["MemorySize"],
        table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
    )


def test_a_failing_step_stops_and_says_what_was_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, journal = tmp_path / "shop.json", tmp_path / "journal.json"
    with an_account(monkeypatch) as (address, client):
        ALL["web"][0](client)
        ALL["workers"][0](client)
        at = ("--endpoint-url", address, "-q")
        run("account", "read", "-o", str(file), *at)
        changed(file, "Web", MaxSize=10)
        (mapping,) = [name for name in json.loads(file.read_text())["Resources"] if name.startswith("Mapping")]
        changed(file, mapping, BatchSize=99999)
        failed = run("apply", str(file), "--yes", "--journal", str(journal), *at)
        assert failed.code == 2
        assert "done: Web: MaxSize 8 → 10" in failed.out
        assert f"--revert {journal}" in failed.err
        run("apply", "--revert", str(journal), "--yes", *at)
        (group,) = client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        assert group["MaxSize"] == 8


def test_a_file_or_a_journal_must_be_given() -> None:
    assert "one of both" in run("apply").err
