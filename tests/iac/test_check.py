from pathlib import Path

from iac.terraform.architectures import ALL
from tonnage.iac.check import check_all

VOLUME = "Resources: {V: {Type: AWS::EC2::Volume, Properties: {VolumeType: io2, Size: 10, Iops: 20000}}}\n"


def test_what_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("Resources: [")
    (tmp_path / "volume.yaml").write_text(VOLUME)
    broken, volume = check_all(
        [str(tmp_path / "broken.yaml"), str(tmp_path / "volume.yaml")], parameters={}, region="us-east-1"
    )
    assert "broken.yaml:2" in broken.refused
    assert broken.architecture is None
    assert [finding.check for finding in volume.findings] == ["ebs-iops-out-of-range"]
    assert volume.findings[0].place is not None


def test_terraform_is_checked_by_the_same_checks(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_ebs_volume" "v" {\n  type = "io2"\n  size = 10\n  iops = 20000\n}\n'
    )
    (found,) = check_all([str(tmp_path)], parameters={}, region="us-east-1")
    assert [(finding.check, finding.component) for finding in found.findings] == [
        ("ebs-iops-out-of-range", "aws_ebs_volume.v")
    ]
    assert found.findings[0].place is not None
    assert found.findings[0].place.line == 4


def test_every_check_answers_for_every_architecture(tmp_path: Path) -> None:
    for name, (template, configuration) in ALL.items():
        (tmp_path / name).mkdir()
        (tmp_path / f"{name}.yaml").write_text(template)
        (tmp_path / name / "main.tf").write_text(configuration)
    paths = [str(tmp_path / f"{name}{ending}") for name in ALL for ending in ("", ".yaml")]
    terraform, cloudformation = [], []
    for k, found in enumerate(check_all(paths, parameters={}, region="us-east-1")):
        assert not found.refused
        answers = {each.check.id: each.answer for each in found.answers}
        (cloudformation if k % 2 else terraform).append(answers)
    assert terraform == cloudformation
