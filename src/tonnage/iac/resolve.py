"""The resolver: every value of a template becomes known, a reference to a resource, or unknown for a stated reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tonnage.iac.functions import FUNCTIONS, arguments
from tonnage.iac.intrinsic import NO_VALUE, intrinsic, literal, one_line, plain_text
from tonnage.iac.parameters import Parameter, near
from tonnage.iac.sam_globals import IMPLICIT_APIS
from tonnage.iac.yaml_marks import Document, item, pairs, scalar
from tonnage.workload import Path, Reference, TemplateError, Unknown, Value, known

# A YAML file of a few lines can unfold to billions of values through nested aliases.
_MOST_VALUES = 200_000
_SAM = "AWS::Serverless"


class _NoValue:
    """Stands for ``AWS::NoValue`` until the property that holds it is removed."""


_REMOVED: Final = _NoValue()
_Resolved: TypeAlias = "Value | _NoValue"


@dataclass(frozen=True, slots=True)
class Written:
    """Where the value at a path is written.

    Attributes:
        key: The property's key, or None for an item of a list.
        value: The node of its value before functions are applied.
        removed: Whether it resolves to ``AWS::NoValue``.
    """

    key: ScalarNode | None
    value: Node
    removed: bool = False


@dataclass(slots=True)
class Resolver:
    """Resolves the values of one template for one set of parameters and one Region.

    Attributes:
        document: The template.
        parameters: Its parameters by name.
        region: The Region.
        names: Name in the stack of every resource by its logical id, including those whose condition is false.
        macro: The transform that may add resources (``AWS::Serverless-2016-10-31`` …), or None.
        stack_name: For ``AWS::StackName``.
        notes: What a reader must know, in order, each once.
    """

    document: Document
    parameters: Mapping[str, Parameter]
    region: str
    names: Mapping[str, str]
    macro: str | None
    stack_name: str
    notes: dict[str, None] = field(default_factory=dict)
    _decided: dict[str, bool | Unknown] = field(default_factory=dict)
    _deciding: list[str] = field(default_factory=list)
    _budget: int = _MOST_VALUES

    def value(self, node: Node) -> Value:
        """The resolved value; ``AWS::NoValue`` gives None."""
        resolved = self._resolve(node, None, ())
        return None if isinstance(resolved, _NoValue) else resolved

    def properties(self, node: MappingNode, trace: dict[Path, Written]) -> dict[str, Value]:
        """Resolve a mapping of properties, recording in ``trace`` where each value is written."""
        resolved = self._resolve(node, trace, ())
        if isinstance(resolved, Unknown):
            self.note(f"{self.document.place(node)}: the properties are {resolved.reason}, and so are not known")
        return dict(resolved) if isinstance(resolved, Mapping) else {}

    # Values -----------------------------------------------------------------------------------------------------

    def _resolve(self, node: Node, trace: dict[Path, Written] | None, path: Path) -> _Resolved:
        self._budget -= 1
        if self._budget < 0:
            raise TemplateError(
                f"{self.document.file} unfolds to more than {_MOST_VALUES:,} values through its YAML aliases",
                remedy="Write the repeated parts out, or remove them.",
            )
        call = intrinsic(node)
        if call is not None:
            return self._call(call[0], call[1], node, trace, path)
        if isinstance(node, ScalarNode):
            value = scalar(node)
            return literal(value) if isinstance(value, str) else value
        if isinstance(node, SequenceNode):
            return self._sequence(node, trace, path)
        return self._mapping(node, trace, path) if isinstance(node, MappingNode) else None

    def _mapping(self, node: MappingNode, trace: dict[Path, Written] | None, path: Path) -> Mapping[str, Value]:
        values: dict[str, Value] = {}
        for key, inner in pairs(node):
            name = key.value
            if name.startswith("Fn::") and (name.startswith("Fn::ForEach") or len(node.value) > 1):
                self.note(f"{self.document.place(key)}: {name} was not expanded; what it makes is missing")
                continue
            below = (*path, name)
            value = self._resolve(inner, trace, below)
            if trace is not None:
                trace[below] = Written(key, inner, isinstance(value, _NoValue))
            if not isinstance(value, _NoValue):
                values[name] = value
        return values

    def _sequence(self, node: SequenceNode, trace: dict[Path, Written] | None, path: Path) -> tuple[Value, ...]:
        values: list[Value] = []
        for inner in node.value:
            below = (*path, len(values))
            value = self._resolve(inner, trace, below)
            if isinstance(value, _NoValue):
                continue
            values.append(value)
            if trace is not None:
                trace[below] = Written(None, inner)
        return tuple(values)

    # Functions --------------------------------------------------------------------------------------------------

    def _call(self, name: str, argument: Node, node: Node, trace: dict[Path, Written] | None, path: Path) -> _Resolved:
        if name == "Ref":
            return self._ref(str(argument.value), node)
        if name == "Fn::If":
            return self._resolve(self.branch(node), trace, path)
        function = FUNCTIONS.get(name)
        if function is not None:
            return function(self, argument, node)
        if name in {"Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals", "Condition"}:
            return self.decide(node)
        if node.tag.startswith("!"):
            raise TemplateError(
                f"{node.tag} is not a function of CloudFormation",
                place=self.document.place(node),
                remedy="Correct its spelling, or quote the text.",
            )
        return Unknown(f"{name} is a function that Tonnage does not know")

    def named(self, name: str, node: Node) -> Value:
        """What ``Ref`` of a name gives, or ``${name}`` in ``Fn::Sub``."""
        value = self._ref(name, node)
        return None if isinstance(value, _NoValue) else value

    def _ref(self, name: str, node: Node) -> _Resolved:
        if name == NO_VALUE:
            return _REMOVED
        pseudo = self._pseudo(name)
        if pseudo is not None:
            return pseudo
        if name in self.parameters:
            return self.parameters[name].value
        resource, _, attribute = name.partition(".")
        return self.reference(resource, attribute or None, node)

    def _pseudo(self, name: str) -> Value:
        region = self.region
        china, government = region.startswith("cn-"), region.startswith("us-gov-")
        partition = "aws-cn" if china else "aws-us-gov" if government else "aws"
        stack_id = f"arn:{partition}:cloudformation:{region}:123456789012:stack/{self.stack_name}/tonnage"
        return {
            "AWS::Region": region,
            "AWS::AccountId": "123456789012",
            "AWS::Partition": partition,
            "AWS::URLSuffix": "amazonaws.com.cn" if china else "amazonaws.com",
            "AWS::StackName": self.stack_name,
            "AWS::StackId": stack_id,
            "AWS::NotificationARNs": (),
        }.get(name)

    def reference(self, name: str, attribute: str | None, node: Node) -> Value:
        """A reference to a resource of the template.

        Raises:
            TemplateError: The template has no such resource, and no transform that could make it.
        """
        if name in self.names:
            return Reference(self.names[name], attribute)
        if self.macro is not None:
            if name in IMPLICIT_APIS and self.macro.startswith(_SAM):
                return Reference(name, attribute)
            return Unknown(f"{name} is made by the transform {self.macro}")
        known_names = {**self.names, **self.parameters}
        raise TemplateError(
            f"{one_line(name)} is neither a resource nor a parameter of the template",
            place=self.document.place(node),
            remedy=near(name, known_names, "It has"),
        )

    # Conditions -------------------------------------------------------------------------------------------------

    def condition(self, name: str, node: Node) -> bool | Unknown:
        """Whether a condition of the template holds; unknown where its inputs are.

        Raises:
            TemplateError: It does not exist, or depends on itself.
        """
        if name in self._decided:
            return self._decided[name]
        section = item(self.document.root, "Conditions")
        body = item(section, name)
        if body is None:
            names = [key.value for key, _ in pairs(section)] if isinstance(section, MappingNode) else []
            raise TemplateError(
                f"There is no condition {one_line(name)}",
                place=self.document.place(node),
                remedy=near(name, names, "Conditions are"),
            )
        if name in self._deciding:
            circle = " → ".join([*self._deciding[self._deciding.index(name) :], name])
            raise TemplateError(
                f"Conditions depend on each other in a circle: {circle}",
                place=self.document.place(body),
                remedy="Break the circle.",
            )
        self._deciding.append(name)
        decision = self.decide(body)
        self._deciding.pop()
        self._decided[name] = decision
        if isinstance(decision, Unknown):
            self.note(
                f"Condition {name} cannot be decided ({decision.reason}): resources under it are kept, and Fn::If "
                "takes its first value"
            )
        return decision

    def decide(self, node: Node) -> bool | Unknown:
        """Truth of a condition expression, in Kleene's three-valued logic."""
        call = intrinsic(node)
        if call is None and isinstance(node, MappingNode) and len(node.value) == 1:
            key, argument = node.value[0]
            call = ("Condition", argument) if key.value == "Condition" else None
        name, argument = call if call is not None else ("", node)
        if name == "Condition":
            return self.condition(str(argument.value), node)
        if name == "Fn::Equals":
            left, right = (self.value(part) for part in arguments(self, argument, node, name, 2, 2))
            return _equal(left, right)
        if name == "Fn::Not":
            inner = self.decide(arguments(self, argument, node, name, 1, 1)[0])
            return inner if isinstance(inner, Unknown) else not inner
        if name in {"Fn::And", "Fn::Or"}:
            decisions = [self.decide(part) for part in arguments(self, argument, node, name, 1, 100)]
            settles = name == "Fn::Or"
            if any(decision is settles for decision in decisions):
                return settles
            return next((decision for decision in decisions if isinstance(decision, Unknown)), not settles)
        value = self.value(node)
        text = plain_text(value)
        if text is not None and text.lower() in {"true", "false"}:
            return text.lower() == "true"
        return value if isinstance(value, Unknown) else Unknown("a condition that Tonnage does not understand")

    def branch(self, node: Node) -> Node:
        """The node that an ``Fn::If`` picks; undecided, the first one unless that is ``AWS::NoValue``."""
        call = intrinsic(node)
        argument = call[1] if call is not None else node
        name, first, second = arguments(self, argument, node, "Fn::If", 3, 3)
        decision = self.condition(str(name.value), name)
        if isinstance(decision, Unknown):
            return second if intrinsic(first) is not None and self._resolve(first, None, ()) is _REMOVED else first
        return first if decision else second

    def note(self, text: str) -> None:
        """Keep a note, once."""
        self.notes.setdefault(text)


def _equal(left: Value, right: Value) -> bool | Unknown:
    for side in (left, right):
        if isinstance(side, Unknown):
            return side
    if known(left) and known(right):
        return plain_text(left) == plain_text(right)
    if isinstance(left, tuple) and isinstance(right, tuple) and all(known(part) for part in (*left, *right)):
        return left == right
    return Unknown("it compares what is known only after deployment")
