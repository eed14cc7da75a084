"""The installed command, in processes of its own, as a user runs it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workloads import an_api_source

pytestmark = pytest.mark.e2e

COMMAND = (sys.executable, "-c", "from tonnage.cli import main; main()")


def tonnage(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, cwd=folder, check=False, timeout=120)


def test_the_same_seed_gives_the_same_bytes_in_two_processes(tmp_path: Path) -> None:
    an_api_source(tmp_path / "api", traffic="constant 60/s for 5 min", concurrency=4, cpu="50 ms", growth=1.2)
    arguments = ("review", "api", "--window", "60", "--quiet", "--format", "json", "--seed", "3")
    first, again = (tonnage(*arguments, folder=tmp_path) for _ in range(2))
    assert first.returncode == again.returncode == 1, first.stderr
    assert first.stdout == again.stdout
    assert first.stderr == again.stderr == ""
    assert json.loads(first.stdout)
    # Paths with other names, and a random hash seed, are no part of the answer.
    other = tonnage(*arguments[:-1], "4", folder=tmp_path)
    assert other.stdout != first.stdout


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_an_interruption_leaves_nothing_behind(tmp_path: Path) -> None:
    an_api_source(tmp_path / "api", traffic="constant 400/s for 2 h")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    process = subprocess.Popen(
        [*COMMAND, "review", "api", "--html", "out/report.html"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = ""
    while "runs of" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, said + err
    assert out == ""
    assert err.splitlines()[-1] == "interrupted: nothing was written"
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_mistake_ends_with_code_2_and_one_line(tmp_path: Path) -> None:
    done = tonnage("review", "none.yaml", folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "tonnage: There is no file none.yaml. Check the path.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_stops_reading_is_no_error(tmp_path: Path) -> None:
    an_api_source(tmp_path, traffic="constant 20/s for 5 min")
    command = " ".join(f"'{part}'" for part in (*COMMAND, "services", "--json"))
    done = subprocess.run(
        ["sh", "-c", f"{command} | head -c 1"], capture_output=True, text=True, cwd=tmp_path, check=False, timeout=60
    )
    assert done.stdout == "["
    assert done.stderr == ""
