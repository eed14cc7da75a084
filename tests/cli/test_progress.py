"""Progress on standard error: a line a stage where nobody watches, nothing when quiet."""

import sys

import pytest

from tonnage.cli.progress import progress


def test_a_line_for_each_stage(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(quiet=False) as say:
        say("one")
        say("two")
    said = capsys.readouterr()
    assert said.err == "tonnage: one\ntonnage: two\n"
    assert said.out == ""


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(quiet=True) as say:
        say("one")
    assert capsys.readouterr().err == ""


def test_on_a_terminal_the_line_is_taken_away_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    with progress(quiet=False) as say:
        say("one")
    assert "tonnage: " not in capsys.readouterr().err
