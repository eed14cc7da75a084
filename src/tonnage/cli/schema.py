"""``tonnage schema``: the JSON Schema of the workload file."""


def command() -> int:
    """Print the JSON Schema of tonnage.yaml, for editors."""
    import json
    import sys

    from tonnage.intake import json_schema

    sys.stdout.write(json.dumps(json_schema(), indent=2) + "\n")
    return 0
