"""The command line in this process: as a user types it, with what it says and its exit code."""

import contextlib
import io
import sys
from dataclasses import dataclass
from unittest import mock

from tonnage.cli.app import main


@dataclass(frozen=True)
class Result:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


def run(*arguments: str) -> Result:
    """Run ``tonnage`` with these arguments; what escapes as an exception fails the test."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with (
        mock.patch.object(sys, "argv", ["tonnage", *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return Result(code=code, out=out.getvalue(), err=err.getvalue())
