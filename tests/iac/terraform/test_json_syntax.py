from pathlib import Path

from tonnage.iac.read_architecture import read_architecture
from tonnage.iac.terraform.json_syntax import parse_json

TEXT = """{
  "variable": { "size": { "default": 512 } },
  "resource": {
    "aws_lambda_function": {
      "f": { "runtime": "python3.12", "memory_size": "${var.size * 2}",
             "environment": { "variables": { "TABLE": "${aws_dynamodb_table.t.name}" } } }
    },
    "aws_dynamodb_table": { "t": [{ "billing_mode": "PAY_PER_REQUEST" }] }
  }
}
"""


def test_blocks_are_told_by_their_labels() -> None:
    found = [(block.kind, block.labels) for block in parse_json(TEXT, "main.tf.json").blocks]
    assert found == [
        ("variable", ("size",)),
        ("resource", ("aws_lambda_function", "f")),
        ("resource", ("aws_dynamodb_table", "t")),
    ]


def test_json_is_read_as_the_native_syntax_is(tmp_path: Path) -> None:
    (tmp_path / "main.tf.json").write_text(TEXT)
    read = read_architecture(tmp_path)
    assert read.components["aws_lambda_function.f"].settings["MemorySize"] == 1024
    assert [(edge.caller, edge.callee) for edge in read.edges] == [("aws_lambda_function.f", "aws_dynamodb_table.t")]
