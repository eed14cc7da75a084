"""``Rules`` of a template: what its parameters must be together, checked before anything is made.

Source: CloudFormation user guide, "Rules", "Rule-specific intrinsic functions". What compares values that are not known
(those of ``Fn::ValueOf`` and ``Fn::RefAll`` are known to AWS alone) decides nothing.
"""

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tonnage.iac.intrinsic import intrinsic, plain_text
from tonnage.iac.resolve import Resolver
from tonnage.iac.yaml_marks import item, pairs
from tonnage.workload import TemplateError, Unknown


def keep_rules(resolver: Resolver) -> None:
    """Hold the parameters against every rule.

    Raises:
        TemplateError: An assertion is false for the values given and the defaults.
    """
    section = item(resolver.document.root, "Rules")
    for key, rule in pairs(section) if isinstance(section, MappingNode) else ():
        when = item(rule, "RuleCondition")
        if when is not None and _holds(resolver, when) is not True:
            continue
        assertions = item(rule, "Assertions")
        for each in assertions.value if isinstance(assertions, SequenceNode) else ():
            claim = item(each, "Assert")
            if claim is not None and _holds(resolver, claim) is False:
                said = item(each, "AssertDescription")
                why = str(said.value) if isinstance(said, ScalarNode) else "an assertion does not hold"
                raise TemplateError(
                    f"The parameters break rule {key.value}: {why}",
                    place=resolver.document.place(each),
                    remedy="Give other values with --parameter NAME=VALUE or under parameters: in the workload file.",
                )


def _holds(resolver: Resolver, node: Node) -> bool | Unknown:
    """Truth of a rule's expression, in Kleene's three-valued logic."""
    call = intrinsic(node)
    name, argument = call if call is not None else ("", node)
    parts = argument.value if isinstance(argument, SequenceNode) else [argument]
    if name in {"Fn::And", "Fn::Or"}:
        decisions = [_holds(resolver, part) for part in parts]
        settles = name == "Fn::Or"
        if settles in decisions:
            return settles
        return next((each for each in decisions if isinstance(each, Unknown)), not settles)
    if name == "Fn::Not" and parts:
        inner = _holds(resolver, parts[0])
        return inner if isinstance(inner, Unknown) else not inner
    if name in {"Fn::Contains", "Fn::EachMemberIn", "Fn::EachMemberEquals"} and len(parts) == 2:
        left, right = (_texts(resolver, part) for part in parts)
        if left is None or right is None:
            return Unknown(f"{name} of values that are not known")
        if name == "Fn::Contains":
            return all(each in left for each in right)
        return all(each in right for each in left)
    return resolver.decide(node)


def _texts(resolver: Resolver, node: Node) -> list[str] | None:
    """Values of a list, or of one value, as text; None where one is not known."""
    value = resolver.value(node)
    texts = [plain_text(each) for each in (value if isinstance(value, tuple) else (value,))]
    return None if None in texts else [str(text) for text in texts]
