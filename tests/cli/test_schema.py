"""``tonnage schema``: the schema of the workload file, for editors."""

import json

from command_line import run
from tonnage.intake import json_schema


def test_it_prints_the_schema() -> None:
    result = run("schema")
    assert result.code == 0
    assert json.loads(result.out) == json_schema()
