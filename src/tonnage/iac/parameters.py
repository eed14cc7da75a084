"""Template parameters: the value given, else the default, else unknown; the rules a given value must keep."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tonnage.iac.intrinsic import plain_text
from tonnage.iac.yaml_marks import Document, item, pairs
from tonnage.workload import Place, TemplateError, Unknown, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a template.

    Attributes:
        name: Its name.
        type: CloudFormation parameter type (``String``, ``Number``, ``List<AWS::EC2::Subnet::Id>`` …).
        value: What ``Ref`` gives.
        given: Whether the value comes from outside the template.
        node: The declaration.
        place: Where it is declared.
    """

    name: str
    type: str
    value: Value
    given: bool
    node: MappingNode
    place: Place

    @property
    def from_ssm(self) -> bool:
        """Whether the value is kept in the SSM Parameter Store."""
        return self.type.startswith("AWS::SSM::Parameter::Value<")


_NOTHING: Mapping[str, Value] = {}


def read_parameters(
    document: Document,
    given: Mapping[str, str],
    passed: Mapping[str, Value] = _NOTHING,
    *,
    shared: bool = False,
) -> dict[str, Parameter]:
    """Every parameter of a template with its value.

    Args:
        document: The template.
        given: Values from outside, by name.
        passed: Values from the stack that nests it; they may refer to that one's resources.
        shared: Whether ``given`` is for other templates too.

    Raises:
        TemplateError: ``given`` names a parameter that the template lacks, or breaks a rule the template states.
    """
    section = item(document.root, "Parameters")
    declared = dict(_declarations(section)) if isinstance(section, MappingNode) else {}
    for name in given:
        if name not in declared and not shared:
            raise TemplateError(
                f"{document.file} has no parameter {name}", remedy=near(name, declared, "Its parameters are")
            )
    texts = {name: text for name, value in passed.items() if (text := _as_text(value)) is not None}
    read = {name: _parameter(name, node, document, {**given, **texts}) for name, node in declared.items()}
    return {
        name: replace(each, value=passed[name], given=True) if name in passed and name not in texts else each
        for name, each in read.items()
    }


def _as_text(value: Value) -> str | None:
    """A value as the text that a nested stack is given, lists with commas; None where it is not known."""
    if isinstance(value, tuple):
        parts = [plain_text(each) for each in value]
        return None if None in parts else ",".join(str(part) for part in parts)
    return plain_text(value)


def near(name: str, known: Mapping[str, object] | list[str], introduction: str) -> str:
    """A remedy that offers the names most like the one not found, or all when few."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    if not names:
        return "There is none at all."
    return f"{introduction} {', '.join(names[:12])}{' …' if len(names) > 12 else ''}."


def _declarations(section: MappingNode) -> list[tuple[str, MappingNode]]:
    return [(key.value, node) for key, node in pairs(section) if isinstance(node, MappingNode)]


def _parameter(name: str, node: MappingNode, document: Document, given: Mapping[str, str]) -> Parameter:
    place = document.place(node)
    type_node = item(node, "Type")
    kind = type_node.value if isinstance(type_node, ScalarNode) else "String"
    if name in given:
        text: str | None = str(given[name])
        _keep_rules(name, text or "", kind, node, place)
    else:
        text = _default(item(node, "Default"))
    return Parameter(
        name=name, type=kind, value=_value(name, text, kind, place), given=name in given, node=node, place=place
    )


def _default(node: Node | None) -> str | None:
    if isinstance(node, ScalarNode):
        return str(node.value)
    if isinstance(node, SequenceNode):
        return ",".join(str(entry.value) for entry in node.value)
    return None


def _value(name: str, text: str | None, kind: str, place: Place) -> Value:
    if text is None:
        return Unknown(
            f"parameter {name} has no value; give it with --parameter {name}=… "
            "or under parameters: in the workload file"
        )
    if kind.startswith("AWS::SSM::Parameter::Value<"):
        return Unknown(f"SSM parameter {text}")
    if kind == "CommaDelimitedList" or kind.startswith("List<"):
        entries = tuple(entry.strip() for entry in text.split(",")) if text.strip() else ()
        return tuple(number(entry, name, place) for entry in entries) if kind == "List<Number>" else entries
    return number(text, name, place) if kind == "Number" else text


def number(text: str, name: str, place: Place) -> int | float:
    """Value of a ``Number`` parameter.

    Raises:
        TemplateError: It is not a number.
    """
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise TemplateError(
            f"Parameter {name} is a Number, but its value is {text!r}", place=place, remedy="Give a number."
        ) from None


def _keep_rules(name: str, text: str, kind: str, node: MappingNode, place: Place) -> None:
    several = kind == "CommaDelimitedList" or kind.startswith("List<")
    for entry in [part.strip() for part in text.split(",")] if several else [text]:
        if broken := broken_rule(name, entry, kind, node, place):
            raise TemplateError(broken, place=place, remedy="Give a value that the template allows.")


def broken_rule(name: str, text: str, kind: str, node: MappingNode, place: Place) -> str | None:
    """The rule of the declaration that a value breaks, as a sentence, or None."""
    allowed = allowed_values(node)
    if allowed is not None and text not in allowed:
        shown = ", ".join(allowed[:12]) + (" …" if len(allowed) > 12 else "")
        return f"Parameter {name} does not allow {text!r}; AllowedValues are {shown}"
    pattern = _rule(node, "AllowedPattern")
    if pattern is not None and not _matches(pattern, text):
        return f"Parameter {name} does not allow {text!r}; AllowedPattern is {pattern}"
    size = number(text, name, place) if kind in {"Number", "List<Number>"} else None
    for rule, measure, most in (
        ("MinValue", size, False),
        ("MaxValue", size, True),
        ("MinLength", len(text), False),
        ("MaxLength", len(text), True),
    ):
        limit = _rule(node, rule)
        if limit is None or measure is None or (rule.endswith("Length") and kind != "String"):
            continue
        bound = number(limit, f"{name} ({rule})", place)
        if measure > bound if most else measure < bound:
            return f"Parameter {name} does not allow {text!r}; {rule} is {limit}"
    return None


def allowed_values(node: MappingNode) -> list[str] | None:
    """``AllowedValues`` of a declaration as strings, or None where it has none."""
    allowed = item(node, "AllowedValues")
    return [str(entry.value) for entry in allowed.value] if isinstance(allowed, SequenceNode) else None


def _rule(node: MappingNode, name: str) -> str | None:
    rule = item(node, name)
    return str(rule.value) if isinstance(rule, ScalarNode) else None


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        # CloudFormation's patterns are Java's; what Python cannot read, only CloudFormation can judge.
        return True
