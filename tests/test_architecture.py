"""The house keeps its order: tests mirror the code, inner rooms start nothing, and the longest parts are shown."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from shared_data import ROOT

SOURCE, TESTS = ROOT / "src" / "tonnage", ROOT / "tests"
CHECKS = SOURCE / "advise" / "checks"
"""Tried together, each on an example of its own: ``tests/advise/checks``."""
SPELLINGS = SOURCE / "iac" / "terraform" / "kinds"
"""Tables, tried on whole architectures: ``tests/iac/terraform/test_same_as_cloudformation.py``."""
ACTIONS = SOURCE / "iac" / "account" / "actions"
"""Tried together on an example of each: ``tests/iac/account/actions``."""
SUITES = {
    "services/conformance",
    "backlog",
    "iac/account/actions/every_action",
    "advise/checks/every_check",
    "iac/terraform/same_as_cloudformation",
}
"""What is tried on every module of a folder."""
OWN_ORDER = ("e2e", "golden", "validation")
"""Folders of tests about the whole, which mirror nothing."""


def modules() -> set[str]:
    """Modules of the package that have something to test, as paths below it without suffix.

    What several modules of a folder share (a leading underscore) may be tested through them.
    """
    return {
        str(path.relative_to(SOURCE).with_suffix(""))
        for path in SOURCE.rglob("*.py")
        if not path.stem.startswith("_") and path.parent not in {CHECKS, SPELLINGS, ACTIONS} and _has_behaviour(path)
    }


def with_test_files() -> set[str]:
    """Modules that a test file is named after."""
    return {
        str(path.relative_to(TESTS).with_name(path.stem.removeprefix("test_")))
        for path in TESTS.rglob("test_*.py")
        if path.relative_to(TESTS).parts[0] not in OWN_ORDER and path != Path(__file__)
    }


def _has_behaviour(path: Path) -> bool:
    """Whether a module holds more than plain values: a function, or a class with a method."""
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def test_every_module_has_its_test_file() -> None:
    missing = sorted(modules() - with_test_files())
    assert not missing, "no test file mirrors " + ", ".join(f"{name}.py" for name in missing)


def test_no_test_file_is_an_orphan() -> None:
    known = {str(path.relative_to(SOURCE).with_suffix("")) for path in SOURCE.rglob("*.py")}
    scripts = {path.stem for path in (ROOT / "scripts").glob("*.py")}
    orphans = sorted(name for name in with_test_files() - known - SUITES if Path(name).name not in scripts)
    assert not orphans, "there is no module for " + ", ".join(orphans)


def test_every_folder_of_tests_mirrors_a_folder_of_the_package() -> None:
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    for folder in folders - {Path()}:
        assert folder.parts[0] in OWN_ORDER or (SOURCE / folder).is_dir(), f"tests/{folder} mirrors nothing"


@pytest.mark.parametrize(
    ("entrance", "unwanted"),
    [
        ("import tonnage", ("numba", "numpy", "yaml", "msgspec", "rich", "cyclopts")),
        ("import tonnage.cli.app", ("numba", "numpy", "yaml", "msgspec", "tonnage.engine", "tonnage.services")),
        ("import tonnage.workload", ("numba", "numpy", "yaml", "msgspec", "rich")),
        ("import tonnage.intake", ("numba", "rich", "cyclopts")),
    ],
)
def test_an_entrance_starts_nothing_that_it_does_not_need(entrance: str, unwanted: tuple[str, ...]) -> None:
    script = f"{entrance}\nimport sys\nprint(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    started = [name for name in unwanted if any(each == name or each.startswith(f"{name}.") for each in loaded)]
    assert not started, f"'{entrance}' starts {', '.join(started)}"


def test_help_starts_no_engine() -> None:
    script = (
        "import sys\nfrom tonnage.cli import main\nsys.argv = ['tonnage', '--help']\n"
        "try:\n    main()\nfinally:\n    print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "Usage" in done.stdout
    loaded = set(done.stderr.split())
    assert "tonnage.cli.app" in loaded
    assert not {"numba", "numpy", "tonnage.services", "tonnage.simulate"} & loaded


def test_the_longest_files_and_functions_are_shown() -> None:
    # For a reader, not a limit: run with -s to see them.
    files = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCE.rglob("*.py")}
    functions = {
        f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    longest_files = sorted(((n, str(path.relative_to(SOURCE))) for path, n in files.items()), reverse=True)[:10]
    longest_functions = sorted(((n, name) for name, n in functions.items()), reverse=True)[:10]
    for n, name in (*longest_files, *longest_functions):
        sys.stdout.write(f"{n:5} {name}\n")
    assert len(longest_files) == len(longest_functions) == 10
