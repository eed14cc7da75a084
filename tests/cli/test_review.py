"""``tonnage review``: what it prints and writes, and that nothing is written by halves."""

import json
from pathlib import Path

import pytest

from command_line import run
from refusals import refusal
from tonnage.cli.review import parameters_of, write_whole
from tonnage.workload import WorkloadError
from workloads import an_api_source

QUICK = ("--no-advise", "--window", "60", "--quiet")


@pytest.fixture
def api(tmp_path: Path) -> Path:
    an_api_source(tmp_path / "api", traffic="constant 20/s for 5 min")
    return tmp_path / "api"


def test_the_answer_goes_to_standard_output_and_progress_to_standard_error(api: Path) -> None:
    quiet, told = run("review", str(api), *QUICK), run("review", str(api), *QUICK[:-1])
    assert quiet.err == ""
    assert quiet.out == told.out
    assert "Load line" in quiet.out
    assert all(line.startswith("tonnage: ") for line in told.err.splitlines())
    assert "requests/s" in told.err


def test_json_is_json_and_the_same_each_time(api: Path) -> None:
    first, again = (run("review", str(api), *QUICK, "--format", "json").out for _ in range(2))
    assert first == again
    assert isinstance(json.loads(first), dict)
    assert json.loads(run("review", str(api), *QUICK, "-f", "json", "--seed", "2").out) != json.loads(first)


def test_a_report_is_written_into_a_folder_that_is_made(api: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "report.html"
    result = run("review", str(api), *QUICK, "--html", str(target))
    assert result.code == 0
    assert target.read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert str(target) in result.out.replace("\n", "")
    assert [path.name for path in target.parent.iterdir()] == ["report.html"]


def test_the_best_patch_is_written_and_applies(tmp_path: Path) -> None:
    an_api_source(tmp_path / "api", traffic="constant 150/s for 10 min", cpu="100 ms", concurrency=10)
    target = tmp_path / "best.patch"
    result = run("review", str(tmp_path / "api"), "--window", "60", "--quiet", "--patch", str(target), "--diff")
    assert result.code == 1, "today's load is missed, whatever the patch would do"
    text = target.read_text(encoding="utf-8")
    assert "-      ReservedConcurrentExecutions: 10" in text
    assert "ReservedConcurrentExecutions" in result.out
    assert f"patch: {target}" in result.out.replace("\n", "")


def test_without_a_patch_none_is_written_and_it_is_said(api: Path, tmp_path: Path) -> None:
    target = tmp_path / "best.patch"
    result = run("review", str(api), *QUICK, "--patch", str(target))
    assert "nothing was written" in result.out
    assert not target.exists()


def test_a_failed_review_makes_no_folder(api: Path, tmp_path: Path) -> None:
    (api / "template.yaml").write_text("Resources: {}\n")
    assert run("review", str(api), *QUICK, "--html", str(tmp_path / "new" / "report.html")).code == 2
    assert not (tmp_path / "new").exists()


def test_parameters_are_name_and_value() -> None:
    assert parameters_of(["A=1", "B=x=y", "C="]) == {"A": "1", "B": "x=y", "C": ""}
    for bad in ("A", "=1", ""):
        assert repr(bad) in refusal(WorkloadError, lambda bad=bad: parameters_of([bad])).what


# --- written whole or not at all ------------------------------------------------------------------------------------


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    write_whole(str(target), "first")
    write_whole(str(target), "second\nµ\n")
    assert target.read_bytes() == "second\nµ\n".encode()
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("step", ["write_text", "replace"])
@pytest.mark.parametrize("problem", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_an_interruption_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, problem: BaseException
) -> None:
    target = tmp_path / "report.html"
    target.write_text("old")
    write = Path.write_text

    def interrupted(self: Path, *arguments: object, **options: object) -> None:
        if step == "write_text":
            write(self, "ha")
        raise problem

    monkeypatch.setattr(Path, step, interrupted)
    with pytest.raises(KeyboardInterrupt if isinstance(problem, KeyboardInterrupt) else WorkloadError):
        write_whole(str(target), "half of it")
    monkeypatch.undo()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for target in (tmp_path / "file" / "report.html", tmp_path / "folder"):
        assert str(target) in refusal(WorkloadError, lambda target=target: write_whole(str(target), "x")).what
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]


def test_what_a_distribution_answers_itself_the_instances_need_not(tmp_path: Path) -> None:
    an_api_source(tmp_path / "api", traffic="constant 20/s for 5 min")
    template = (tmp_path / "api" / "template.yaml").read_text()
    site = """
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        DefaultCacheBehavior: {TargetOriginId: api, CachePolicyId: POLICY}
        Origins: [{Id: api, DomainName: !Sub "${Api}.execute-api.${AWS::Region}.amazonaws.com"}]
"""
    visits = {}
    for policy in ("658327ea-f89d-4fab-a63d-7e88639e58f6", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"):
        file = tmp_path / f"{policy}.yaml"
        file.write_text(template + site.replace("POLICY", policy))
        said = json.loads(run("review", str(file), "--traffic", "constant 20/s for 5 min", *QUICK, "-f", "json").out)
        (route,) = said["workload"]["routes"]
        assert route["entry"]["component"] == "Site"
        visits[policy[:4]] = {name: each["visits_per_s"] for name, each in said["loads"][0]["components"].items()}
    assert visits["4135"]["Api"] == pytest.approx(visits["4135"]["Site"], rel=0.01)
    # Seven of ten are taken to hit.
    assert visits["6583"]["Api"] / visits["6583"]["Site"] == pytest.approx(0.3, abs=0.05)
