"""File systems as EFS answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import efs


def test_a_file_system_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        efs = client("efs")
        own = efs.create_file_system(
            CreationToken="t", ThroughputMode="provisioned", ProvisionedThroughputInMibps=64.0
        )["FileSystemId"]
        efs.create_access_point(FileSystemId=own, ClientToken="t")

    things = found(monkeypatch, efs, make)
    system = only(things, "AWS::EFS::FileSystem")
    assert system.properties["ThroughputMode"] == "provisioned"
    assert system.properties["ProvisionedThroughputInMibps"] == 64.0
    assert only(things, "AWS::EFS::AccessPoint").properties["FileSystemId"] in system.identifiers
