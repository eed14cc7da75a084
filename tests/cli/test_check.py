from pathlib import Path

import pytest

from command_line import run

VOLUME = "Resources: {V: {Type: AWS::EC2::Volume, Properties: {VolumeType: io2, Size: 10, Iops: %d}}}\n"


@pytest.mark.parametrize(("iops", "code"), [(20_000, 1), (1_000, 0)])
def test_what_is_impossible_fails(tmp_path: Path, iops: int, code: int) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(VOLUME % iops)
    assert run("check", str(file)).code == code
    assert run("check", str(file), "--format", "json").code == code


def test_nothing_to_check_and_nothing_readable_are_said(tmp_path: Path) -> None:
    assert run("check").code == 2
    answer = run("check", str(tmp_path / "gone.yaml"))
    assert answer.code == 2
    assert "There is no file" in answer.out
