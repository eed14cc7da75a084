"""The Region that an architecture's own files state, where they do.

A template that 'tonnage account read' wrote says it, a cloud assembly has it in its manifest, Terraform in the settings
of its provider.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tonnage.iac.cdk_assembly import assembly_of, region_of
from tonnage.iac.yaml_marks import read_text
from tonnage.workload import TemplateError

DEFAULT_REGION = "us-east-1"
_NAME = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_PROVIDER = re.compile(r'^provider\s+"aws"\s*\{(?P<body>[^{}]*)', re.MULTILINE)
_REGION = re.compile(r'^\s*region\s*=\s*(?:"(?P<text>[a-z0-9-]+)"|var\.(?P<variable>\w+))', re.MULTILINE)


def stated_region(path: Path | str) -> str | None:
    """The Region, or None where the files say nothing, or cannot be read: whoever reads them says why.

    Args:
        path: A file or a folder.
    """
    given = Path(path)
    try:
        found = next((name for name in _candidates(given) if _NAME.fullmatch(name)), None)
    except (TemplateError, OSError, ValueError, RecursionError):
        return None
    return found


def _candidates(path: Path) -> Iterator[str]:
    if path.is_dir():
        assembly = assembly_of(path)
        own = region_of(assembly) if assembly else None
        if own:
            yield own
        texts = [read_text(file) for file in sorted(path.glob("*.tf"))]
        yield from _of_providers("\n".join(texts))
    elif path.suffix == ".tf":
        yield from _of_providers(read_text(path))
    elif path.suffix == ".json" and path.is_file():
        yield from _of_json(json.loads(read_text(path)))


def _of_providers(text: str) -> Iterator[str]:
    for provider in _PROVIDER.finditer(text):
        if re.search(r"^\s*alias\s*=", provider["body"], re.MULTILINE):
            continue
        stated = _REGION.search(provider["body"])
        if stated and stated["text"]:
            yield stated["text"]
        elif stated:
            default = re.search(
                rf'^variable\s+"{stated["variable"]}"\s*\{{[^{{}}]*?\bdefault\s*=\s*"([a-z0-9-]+)"', text, re.MULTILINE
            )
            if default:
                yield default[1]


def _of_json(document: object) -> Iterator[str]:
    for steps in (
        ("Metadata", "Tonnage", "Region"),
        ("configuration", "provider_config", "aws", "expressions", "region", "constant_value"),
        ("variables", "aws_region", "value"),
        ("variables", "region", "value"),
    ):
        value = document
        for step in steps:
            value = value.get(step) if isinstance(value, Mapping) else None
        if isinstance(value, str):
            yield value
