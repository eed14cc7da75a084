"""Reads and reviews every real template of a data folder and writes what became of it: ``docs/reference/templates.md``.

A resource is modelled where it is a component or was read into one; quiet where it carries no requests; missing where
requests pass through it and it is not simulated; unknown where Tonnage does not know its type.

Run ``python scripts/template_coverage.py --data ../shared/data --out docs/reference/templates.md`` (two minutes).
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tonnage.iac.read_architecture import Architecture, read_architecture
from tonnage.intake import Overrides, open_source
from tonnage.report import figures
from tonnage.review import review
from tonnage.workload import TonnageError

TRAFFIC = "constant 20/s for 1 h"
FOLDERS = ("iac/cloudformation", "iac/sam", "iac/cdk_synth", "lambda/products_api")
UNKNOWN = "Tonnage has no model of"
INTRODUCTION = """# Real templates, as Tonnage reads them

Written by `scripts/template_coverage.py`. Modelled: a component, or read into one. Quiet: carries no requests (access
control, networks, monitoring, delivery). Missing: requests pass through it, and it is not simulated; every review
says so. Unknown: a type that Tonnage does not know. The load line is that of inferred routes and assumed demands at a
p99 of 500 ms: it says that the template can be reviewed, not what it carries.

"""
HEAD = (
    ("template", "resources", "modelled", "quiet", "missing", "unknown", "calls", "read, ms", "review at 20/s"),
    ("---", *(["---:"] * 7), "---"),
)


def templates(data: Path) -> Iterator[Path]:
    """Every template of the folder."""
    for folder in FOLDERS:
        for path in sorted((data / folder).rglob("*")):
            if path.name.endswith((".yaml", ".yml", ".template.json")) and path.name != "load-test.yml":
                yield path
    yield from sorted((data / "iac/terraform").iterdir())
    yield from sorted((data / "iac/terraform_plan").glob("*.json"))


def counted(read: Architecture) -> Counter[str]:
    """Resources by what became of them."""
    counts: Counter[str] = Counter()
    left = {item.name: item for item in read.not_modelled}
    for name in read.stack.resources:
        item = left.get(name)
        if item is None:
            counts["modelled"] += 1
        elif item.reason.startswith(UNKNOWN):
            counts["unknown"] += 1
        else:
            counts["missing" if item.matters else "quiet"] += 1
    return counts


def row(path: Path, data: Path) -> tuple[str, ...]:
    """One line of the table."""
    name = str(path.relative_to(data))
    parameters = (
        {"LambdaArchitecture": "arm64"}
        if path.is_file() and "LambdaArchitecture:\n    Type: String\n    Allowed" in path.read_text()
        else {}
    )
    begun = time.perf_counter()
    try:
        read = read_architecture(path, parameters=parameters)
    except TonnageError:
        return (name, *["0"] * 7, "its modules come from a registry: give a plan")
    read_ms = (time.perf_counter() - begun) * 1e3
    counts = counted(read)
    try:
        source = open_source(str(path), Overrides(traffic=TRAFFIC, parameters=parameters))
        answer = review(source, advise=False)
        line = answer.load_line
        told = "misses p99 < 500 ms at any load" if line.never else f"load line {figures.rate(line.rate_per_s)}"
    except TonnageError as error:
        told = error.what.removeprefix(str(path)).removeprefix(": ").strip()
    numbers = [counts[name] for name in ("modelled", "quiet", "missing", "unknown")]
    return (name, str(len(read.stack.resources)), *map(str, numbers), str(len(read.edges)), f"{read_ms:,.0f}", told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the real data")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows = []
    for path in templates(options.data):
        rows.append(row(path, options.data))
        print(" | ".join(rows[-1]), flush=True)
    sums = [sum(int(each[k].replace(",", "")) for each in rows) for k in range(1, 7)]
    total = (f"all {len(rows)}", *(f"{each:,}" for each in sums), "", "")
    table = (f"| {' | '.join(cells)} |" for cells in (*HEAD, *rows, total))
    options.out.write_text(INTRODUCTION + "\n".join(table) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
