import json
from pathlib import Path

from tonnage.iac.check import CheckedFile, check_all
from tonnage.report.check_report import check_json, check_lines

VOLUME = "Resources:\n  V:\n    Type: AWS::EC2::Volume\n    Properties: {VolumeType: io2, Size: 10, Iops: 20000}\n"


def checked(folder: Path) -> list[CheckedFile]:
    file = folder / "volume.yaml"
    file.write_text(VOLUME)
    return list(check_all([str(file), str(folder / "gone.yaml")], parameters={}, region="us-east-1"))


def test_a_line_is_one_that_an_editor_can_follow(tmp_path: Path) -> None:
    first, second, last = check_lines(checked(tmp_path))
    assert first.startswith(f"{tmp_path}/volume.yaml:4:")
    assert ": impossible: V: " in first
    assert first.endswith("[ebs-iops-out-of-range]")
    assert "There is no file" in second
    assert last.startswith("1 finding in 1 resources of 1 architecture; ")
    assert last.endswith("1 could not be read")


def test_json_says_what_every_check_answered(tmp_path: Path) -> None:
    content = json.loads(check_json(checked(tmp_path)))
    volume, gone = content["architectures"]
    assert (volume["findings"][0]["line"], volume["findings"][0]["severity"]) == (4, "impossible")
    assert volume["answers"]["ebs-iops-out-of-range"] == "not met"
    assert volume["answers"]["fargate-invalid-size"] == "not applicable"
    assert gone["refused"]
    assert content["version"] == 1
