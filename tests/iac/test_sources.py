"""An architecture of one file or of a folder of templates and manifests."""

from pathlib import Path

import pytest

from tonnage.iac.sources import files_of, read_stack
from tonnage.workload import TemplateError

TEMPLATE = "Resources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n    Properties: {TableName: orders}\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"


def test_a_folder_is_read_whole_but_for_what_is_neither(tmp_path: Path) -> None:
    (tmp_path / "k8s").mkdir()
    (tmp_path / "k8s" / "web.yaml").write_text(SERVICE)
    (tmp_path / "aws.yaml").write_text(TEMPLATE)
    (tmp_path / "tonnage.yaml").write_text("architecture: .\n")
    (tmp_path / "values.yaml").write_text("image: web\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "more.yaml").write_text(SERVICE)
    assert [file.name for file in files_of(tmp_path)] == ["aws.yaml", "web.yaml"]
    stack = read_stack(tmp_path, parameters={}, region="us-east-1")
    assert list(stack.resources) == ["Orders", "web-service"]
    assert stack.resources["web-service"].place.file.endswith("web.yaml")


def test_two_files_may_not_name_one_resource(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(SERVICE)
    with pytest.raises(TemplateError, match="two resources web-service"):
        read_stack(tmp_path, parameters={}, region="us-east-1")


def test_a_folder_of_neither_is_refused(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("image: web\n")
    with pytest.raises(TemplateError, match="without a template or a manifest"):
        files_of(tmp_path)
