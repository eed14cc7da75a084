"""Terraform's expressions evaluated, with references to resources kept and what is not known given its reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tonnage.iac.intrinsic import assemble, plain_text
from tonnage.iac.terraform.functions import FUNCTIONS, KEEPS_UNKNOWN, unknown_in
from tonnage.iac.terraform.syntax import (
    Attribute,
    Call,
    Expression,
    For,
    Index,
    Items,
    Literal,
    Name,
    Object,
    Operation,
    Splat,
    Template,
    parse_expression,
)
from tonnage.workload import Reference, TemplateError, Text, Unknown, Value

_MOST_STEPS = 500_000


@dataclass(slots=True)
class Scope:
    """What names mean in one module, for one instance of a resource.

    Attributes:
        resolve: Value of a traversal from its root: ``("var", "size")``; the number of its pieces that it used.
        names: Values of loops: ``each``, ``count``, iterators.
        budget: Steps left, shared by all scopes.
        read: Text of a file of the configuration by its path; None where it may not be read.
    """

    resolve: Callable[[tuple[str | int, ...]], tuple[Value, int]]
    names: Mapping[str, Value] = field(default_factory=dict)
    budget: list[int] = field(default_factory=lambda: [_MOST_STEPS])
    read: Callable[[str], str | None] = lambda _: None

    def inside(self, **names: Value) -> "Scope":
        """The scope with further names."""
        return Scope(self.resolve, {**self.names, **names}, self.budget, self.read)


def evaluate(node: Expression, scope: Scope) -> Value:
    """Value of an expression."""
    scope.budget[0] -= 1
    if scope.budget[0] < 0:
        return Unknown("more is computed than can be followed")
    match node:
        case Literal(value):
            return value
        case Template(parts):
            return _template(parts, scope)
        case Name() | Attribute() | Index() | Splat():
            return _traverse(node, scope)
        case Items(items):
            return tuple(evaluate(each, scope) for each in items)
        case Object(pairs):
            return {_key(evaluate(key, scope)): evaluate(value, scope) for key, value in pairs}
        case Call():
            return _call(node, scope)
        case Operation(operator, operands):
            return _operation(operator, operands, scope)
        case For():
            return _for(node, scope)


def _key(value: Value) -> str:
    text = plain_text(value)
    return text if text is not None else "?"


def _template(parts: tuple[str | Expression, ...], scope: Scope) -> Value:
    if len(parts) == 1 and not isinstance(parts[0], str):
        return evaluate(parts[0], scope)
    return assemble(each if isinstance(each, str) else evaluate(each, scope) for each in parts)


def _traverse(node: Expression, scope: Scope) -> Value:
    """A traversal as a whole: the root decides how many of its pieces it takes."""
    steps: list[str | int | None] = []
    inner: Expression = node
    while isinstance(inner, Attribute | Index | Splat):
        if isinstance(inner, Attribute):
            steps.append(inner.name)
        elif isinstance(inner, Index):
            key = evaluate(inner.key, scope)
            if not isinstance(key, str | int) or isinstance(key, bool):
                steps = [None]
                inner = inner.of
                continue
            steps.append(key)
        else:
            steps.append("*")
        inner = inner.of
    steps.reverse()
    if not isinstance(inner, Name):
        return _below(evaluate(inner, scope), steps)
    if inner.name in scope.names:
        return _below(scope.names[inner.name], steps)
    known: list[str | int] = []
    for step in steps:
        if step is None:
            break
        known.append(step)
    value, used = scope.resolve((inner.name, *known))
    return _below(value, steps[used - 1 :] if used else steps)


def _below(value: Value, steps: list[str | int | None]) -> Value:
    """What stands below a value."""
    for k, step in enumerate(steps):
        if step == "*":
            if value is None:
                return ()
            items = value if isinstance(value, tuple) else (value,)
            return tuple(_below(each, steps[k + 1 :]) for each in items)
        if isinstance(value, Unknown | Text):
            return value
        if isinstance(value, Reference):
            if value.attribute is None and isinstance(step, str):
                value = Reference(value.resource, step)
            # Deeper attributes are of the same resource.
            continue
        if step is None:
            return Unknown("an index that is not known")
        if isinstance(value, Mapping):
            if str(step) not in value:
                return Unknown(f"no attribute {step}")
            value = value[str(step)]
        elif isinstance(value, tuple) and isinstance(step, int):
            if not -len(value) <= step < len(value):
                return Unknown(f"item {step} of a list of {len(value)}")
            value = value[step]
        elif isinstance(value, tuple):
            # A block that may be there several times, of which there is one.
            value = _below(value[0], [step]) if value else Unknown(f"no attribute {step}")
        else:
            return Unknown(f"no attribute {step}")
    return value


def _call(node: Call, scope: Scope) -> Value:
    if node.name == "%":
        return Unknown("a template directive")
    if node.name in {"try", "can"}:
        values = [evaluate(each, scope) for each in node.arguments]
        if node.name == "can":
            return not isinstance(values[0], Unknown) if values else False
        return next((each for each in values if not isinstance(each, Unknown)), values[-1] if values else None)
    values = [evaluate(each, scope) for each in node.arguments]
    if node.expand and values and isinstance(values[-1], tuple):
        values = [*values[:-1], *values[-1]]
    if node.name in {"file", "templatefile"}:
        return _file(node.name, values, scope)
    function = FUNCTIONS.get(node.name)
    if function is None:
        return Unknown(f"{node.name}() is not computed")
    unknown = unknown_in(values)
    if unknown is not None and node.name not in KEEPS_UNKNOWN:
        return unknown
    try:
        return function(*values)
    except (TypeError, ValueError, IndexError, OverflowError):
        return Unknown(f"{node.name}() of values that it does not take")


def _file(name: str, values: list[Value], scope: Scope) -> Value:
    """Text of a file, its interpolations evaluated where it is a template."""
    text = scope.read(values[0]) if values and isinstance(values[0], str) else None
    if text is None:
        return Unknown(f"{name}() of a file that is not at hand")
    if name == "file":
        return text
    variables = values[1] if len(values) > 1 and isinstance(values[1], Mapping) else {}
    try:
        return evaluate(parse_expression(text, str(values[0])), scope.inside(**variables))
    except TemplateError:
        return Unknown("templatefile() of a template that cannot be read")


def _operation(operator: str, operands: tuple[Expression, ...], scope: Scope) -> Value:
    if operator == "?":
        decision = evaluate(operands[0], scope)
        if isinstance(decision, bool):
            return evaluate(operands[1 if decision else 2], scope)
        first, second = (evaluate(each, scope) for each in operands[1:])
        return first if first == second or second in (None, (), "") else (second if first in (None, (), "") else first)
    values = [evaluate(each, scope) for each in operands]
    if operator in {"&&", "||"}:
        settles = operator == "||"
        if settles in [each for each in values if isinstance(each, bool)]:
            return settles
        return next((each for each in values if isinstance(each, Unknown)), not settles)
    if unknown := unknown_in(values):
        return unknown
    if operator in {"==", "!="}:
        if any(isinstance(each, Reference | Text) for each in values):
            # What a resource is called is never null and never empty.
            certain = None in values or "" in values
            return operator == "!=" if certain else Unknown("it compares what is known only after apply")
        return (_alike(values[0]) == _alike(values[1])) is (operator == "==")
    if operator == "unary !":
        return not values[0] if isinstance(values[0], bool) else Unknown("a condition that is not known")
    return _arithmetic(operator, values)


def _alike(value: Value) -> Value:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _arithmetic(operator: str, values: list[Value]) -> Value:
    numbers: list[float] = []
    for each in values:
        try:
            numbers.append(float(plain_text(each) or ""))
        except ValueError:
            return Unknown("arithmetic of what is no number")
    left, right = numbers[0], numbers[-1]
    if operator in {"/", "%"} and right == 0.0:
        return Unknown("a division by zero")
    if operator in {"<", ">", "<=", ">="}:
        return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[operator]
    result = {
        "unary -": lambda: -left,
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right,
        "%": lambda: left % right,
    }[operator]()
    return int(result) if result == int(result) else result


def _for(node: For, scope: Scope) -> Value:
    over = evaluate(node.over, scope)
    pairs: list[tuple[Value, Value]]
    if isinstance(over, Mapping):
        pairs = list(over.items())
    elif isinstance(over, tuple):
        pairs = list(enumerate(over))
    elif isinstance(over, Unknown):
        return over
    else:
        return Unknown("a loop over what is not known")
    made: list[Value] = []
    keyed: dict[str, Value] = {}
    for key, value in pairs:
        names = {node.names[-1]: value} | ({node.names[0]: key} if len(node.names) > 1 else {})
        inner = scope.inside(**names)
        if node.when is not None and evaluate(node.when, inner) is False:
            continue
        result = evaluate(node.value, inner)
        if node.key is None:
            made.append(result)
            continue
        name = _key(evaluate(node.key, inner))
        before = keyed.get(name, ())
        keyed[name] = (*before, result) if node.grouped and isinstance(before, tuple) else result
    return tuple(made) if node.key is None else keyed
