"""IAM policies as Terraform has them: the data source ``aws_iam_policy_document``, and text that is JSON."""

import json
from collections.abc import Mapping

from tonnage.iac.terraform.functions import as_value
from tonnage.workload import Reference, Text, Unknown, Value, references


def policy_document(values: Mapping[str, Value]) -> Value:
    """The document that the data source makes of its ``statement`` blocks.

    Source: AWS provider for Terraform, data source aws_iam_policy_document.
    """
    written = values.get("statement")
    statements: list[Value] = [
        {
            "Effect": each.get("effect", "Allow"),
            "Action": each.get("actions", ()),
            "Resource": each.get("resources", ()),
        }
        for each in (written if isinstance(written, tuple) else (written,))
        if isinstance(each, Mapping)
    ]
    for name in ("source_policy_documents", "override_policy_documents"):
        others = values.get(name)
        for other in others if isinstance(others, tuple) else ():
            inner = as_document(other)
            more = inner.get("Statement") if isinstance(inner, Mapping) else None
            statements += more if isinstance(more, tuple) else ()
    return {"Version": "2012-10-17", "Statement": tuple(statements)}


def as_document(value: Value) -> Value:
    """A policy, or any JSON text, as what it says.

    Text that is known only after apply is taken as one statement about all that it refers to.
    """
    if isinstance(value, str):
        try:
            return as_value(json.loads(value))
        except (ValueError, RecursionError):
            return Unknown("text that is not JSON")
    if isinstance(value, Reference | Text):
        named = tuple(references(value))
        return {"Statement": ({"Effect": "Allow", "Action": "*", "Resource": named},)} if named else Unknown("a policy")
    return value
