"""``tonnage catalog``: answers without the engine, and says what is in the way."""

import json
from pathlib import Path

import pytest

from catalog.test_refreshed import described
from command_line import run


def test_types_that_fit() -> None:
    said = json.loads(run("catalog", "find", "--vcpus", "4", "--memory", "16", "--arch", "arm64", "-f", "json").out)
    assert "m7g.xlarge" in [each["name"] for each in said["types"]]
    assert "m7g.xlarge" in run("catalog", "find", "--vcpus", "4", "--memory", "16", "--burstable", "no").out


def test_for_databases_and_caches() -> None:
    said = run("catalog", "find", "--for", "rds", "--vcpus", "4:", "--engine", "mysql").out
    assert "db." in said
    assert "cache." in run("catalog", "find", "--for", "elasticache", "--max-price", "0.3").out


def test_nothing_that_fits_and_bad_input() -> None:
    refused = run("catalog", "find", "--vcpus", "4", "--memory", "16", "--network", "400")
    assert refused.code == 2
    assert "Without --network" in refused.err
    assert "no range" in run("catalog", "find", "--vcpus", "four").err
    assert "not a known AWS Region" in run("catalog", "find", "--vcpus", "4", "--region", "us-east-9").err


def test_one_type() -> None:
    assert "speed of a vCPU" in run("catalog", "show", "m7g.large").out
    assert json.loads(run("catalog", "show", "db.m7g.large", "-f", "json").out)["prices"]["postgres"]["usd"] > 0
    assert "Did you mean" in run("catalog", "show", "m7g.larg").err


def test_a_refresh_is_kept_and_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TONNAGE_CATALOG", str(tmp_path / "catalog"))
    monkeypatch.setattr(
        "tonnage.telemetry.price_list.ask",
        lambda *_: ([described("m7g.large"), described("zz9.large")], {"m7g.large": 0.0999}),
    )
    said = run("catalog", "refresh", "-q").out
    assert "1 instance types and 1 prices of us-east-1" in said
    assert "speed of their family is not known: zz9" in said
    assert (tmp_path / "catalog" / "ec2_prices.csv").is_file()
