"""The application: exit codes, one sentence for every mistake, no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from command_line import Result, run
from workloads import a_web_source, an_api_source

QUICK = ("--no-advise", "--window", "60", "--quiet")


def refused(result: Result, *said: str) -> None:
    assert result.code == 2, result
    assert result.out == ""
    assert result.err.startswith("tonnage: ")
    assert result.err.count("\n") == 1, result.err
    assert "Traceback" not in result.err
    for words in said:
        assert words in result.err


def test_objectives_met_missed_and_not_run_have_their_codes(tmp_path: Path) -> None:
    an_api_source(tmp_path / "good", traffic="constant 20/s for 5 min")
    an_api_source(tmp_path / "bad", traffic="constant 200/s for 5 min", throttle=50)
    assert run("review", str(tmp_path / "good"), *QUICK).code == 0
    assert run("review", str(tmp_path / "bad"), *QUICK).code == 1
    refused(run("review", str(tmp_path / "none"), *QUICK), "There is no file")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("review",), "--path"),
        (("reviw",), "reviw"),
        (("review", "{shop}", "--frmat", "json"), "--frmat"),
        (("review", "{shop}", "extra", "words"), "extra"),
        (("review", "{shop}", "--format", "xml"), "xml"),
        (("review", "{shop}", "--seed", "many"), "many"),
        (("review", "{shop}", "--seed", "-1"), "Seed -1"),
        (("review", "{shop}", "--seed", "99999999999999999999999"), "Seed"),
        (("review", "{shop}", "--window", "-5"), "longer than 0 s"),
        (("review", "{shop}", "--window", "0"), "longer than 0 s"),
        (("review", "{shop}", "--window", "nan"), "longer than 0 s"),
        (("review", "{shop}", "--growth", "-1"), "growth"),
        (("review", "{shop}", "--region", "mars-1"), "mars-1"),
        (("review", "{shop}", "--traffic", "none.csv"), "none.csv"),
        (("review", "{shop}", "--traffic", "waves"), "waves"),
        (("review", "{shop}", "--objective", "be fast"), "be fast"),
        (("review", "{shop}", "--parameter", "Nope=1"), "Nope"),
        (("review", "{shop}", "--parameter", "Nope"), "Name=Value"),
        (("review", "{shop}", "--html", "{folder}"), "is a folder"),
        (("review", "{shop}", "--patch", "{shop}/tonnage.yaml/x.patch"), "x.patch"),
        (("review", "{folder}"), "without a tonnage.yaml"),
        (("init", "{shop}/tonnage.yaml"), "is a workload file already"),
        (("init", "{folder}/none.yaml"), "There is no file"),
        (("services", "Nothing"), "Nothing"),
    ],
)
def test_every_mistake_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    shop, folder = tmp_path / "shop", tmp_path / "folder"
    a_web_source(shop)
    folder.mkdir()
    result = run(*(text.format(shop=shop, folder=folder) for text in arguments))
    refused(result, said)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "shop", "template.yaml", "tonnage.yaml"]


def test_a_mistake_in_the_files_has_its_place(tmp_path: Path) -> None:
    a_web_source(tmp_path, web_cpu="10 parsecs")
    refused(run("review", str(tmp_path), *QUICK), f"{tmp_path}/tonnage.yaml:", "10 parsecs")


def test_without_a_command_it_helps() -> None:
    for arguments in ((), ("--help",), ("review", "--help")):
        result = run(*arguments)
        assert result.code == 0
        assert "Usage" in result.out
    assert "Exit codes" in run("--help").out


def test_version() -> None:
    from tonnage import __version__

    assert run("--version").out.strip() == __version__


def test_an_interruption_is_said_and_has_its_own_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    an_api_source(tmp_path)
    monkeypatch.setattr("tonnage.review.review", interrupted)
    result = run("review", str(tmp_path), "--html", str(tmp_path / "report.html"), *QUICK)
    assert result.code == 130
    assert "interrupted" in result.err
    assert not (tmp_path / "report.html").exists()


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "tonnage", "services"], capture_output=True, text=True, check=True)
    assert done.stdout == run("services").out
