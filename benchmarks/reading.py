"""Reading and checking files beside cfn-lint, and a Terraform plan of 1,000 resources: CPU time and memory.

Run ``python benchmarks/reading.py --data ../shared/data`` (cfn-lint comes with the extra ``oracle``).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def measured(command: list[str]) -> tuple[float, float, float]:
    """Wall and CPU seconds of a process, and its peak memory in MiB."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def beside(title: str, files: list[str], bin_folder: Path, linter: str) -> None:
    """Both programs on the same files, three times each, the least taken."""
    ours = min(measured([str(bin_folder / "tonnage"), "check", *files]) for _ in range(3))
    theirs = min(measured([linter, *files]) for _ in range(3))
    print(f"{title}: {len(files)} files")
    for name, (wall, cpu, mib) in (("tonnage check", ours), ("cfn-lint", theirs)):
        print(f"  {name:14} {wall:6.2f} s, CPU {cpu:6.2f} s, {mib:5.0f} MiB")
    print(f"  cfn-lint / tonnage: CPU {theirs[1] / ours[1]:.1f}, memory {theirs[2] / ours[2]:.1f}")


def plan(count: int) -> str:
    """A plan of functions with roles, policies and tables, whose links are known only from the configuration."""
    resources, configured = [], []
    for k in range(count // 4):
        for kind, name, values in (
            ("aws_lambda_function", "f", {"memory_size": 512, "runtime": "python3.12"}),
            ("aws_dynamodb_table", "t", {"billing_mode": "PAY_PER_REQUEST"}),
            ("aws_iam_role", "r", {}),
            ("aws_iam_role_policy", "p", {}),
        ):
            resources.append({"address": f"{kind}.{name}{k}", "mode": "managed", "type": kind, "values": values})
        table, role = f"aws_dynamodb_table.t{k}", f"aws_iam_role.r{k}"
        configured += [
            {"address": f"aws_lambda_function.f{k}", "expressions": {"role": {"references": [f"{role}.arn", role]}}},
            {
                "address": f"aws_iam_role_policy.p{k}",
                "expressions": {
                    "role": {"references": [f"{role}.id", role]},
                    "policy": {"references": [f"{table}.arn", table]},
                },
            },
        ]
    content = {
        "format_version": "1.2",
        "terraform_version": "1.7.0",
        "planned_values": {"root_module": {"resources": resources}},
        "configuration": {"root_module": {"resources": configured}},
    }
    return json.dumps(content, indent=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the real data")
    parser.add_argument("--cfn-lint", default=str(Path(sys.executable).with_name("cfn-lint")), help="its program")
    options = parser.parse_args()
    bin_folder = Path(sys.executable).parent
    data = options.data / "iac"
    large = max((data / "cdk_synth").glob("*.json"), key=lambda file: file.stat().st_size)
    beside("the largest synthesised CDK template", [str(large)], bin_folder, options.cfn_lint)
    kinds = ("cloudformation/*.yaml", "sam/*.yaml", "cdk_synth/*.json")
    beside(
        "every template",
        [str(file) for kind in kinds for file in sorted(data.glob(kind))],
        bin_folder,
        options.cfn_lint,
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plan.json"
        file.write_text(plan(1000))
        wall, cpu, mib = min(measured([str(bin_folder / "tonnage"), "check", str(file)]) for _ in range(3))
    print(f"a Terraform plan of 1,000 resources: {wall:.2f} s, CPU {cpu:.2f} s, {mib:.0f} MiB (limit 3 s)")


if __name__ == "__main__":
    main()
