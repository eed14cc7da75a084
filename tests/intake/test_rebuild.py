"""A workload after changes, by way of the files."""

from pathlib import Path

import pytest

from tonnage.iac import patch
from tonnage.intake import Overrides, load, open_source, read_back, rebuilt
from tonnage.workload import Change, InputError
from workloads import a_web_source


def test_what_is_read_again_is_what_was_changed(tmp_path: Path) -> None:
    a_web_source(tmp_path, max_size=6)
    source = open_source(str(tmp_path), Overrides())
    workload = load(source)
    before = (tmp_path / "template.yaml").read_text()
    after = rebuilt(source, workload, [Change(component="Web", setting="MaxSize", before=6, after=9)])
    assert str(after.components["Web"].settings["MaxSize"]) == "9"
    assert (tmp_path / "template.yaml").read_text() == before
    unchanged = patch(source.architecture, (), workload)
    again = read_back(source, unchanged, workload).components
    assert {name: each.settings for name, each in again.items()} == {
        name: each.settings for name, each in workload.components.items()
    }


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    a_web_source(tmp_path)
    source = open_source(str(tmp_path), Overrides())
    with pytest.raises(InputError):
        rebuilt(source, load(source), [Change(component="None", setting="MaxSize", before=6, after=9)])
