"""CloudWatch metric math, as far as alarms and scaling policies may use it: series by period, with gaps.

A series is one value a period, newest last; None is missing. In arithmetic and comparisons a missing value counts as 0
where another operand has one, and the point is missing where none has; a division by zero drops the point; comparisons
and ``AND``, ``OR`` give 0 or 1. ``IF`` and ``FILL`` follow their own documented rules.

Source: Amazon CloudWatch user guide, "Using math expressions with CloudWatch metrics". Left out: what gives a single
value or a search (``AVG(m1)``, ``SEARCH``, ``ANOMALY_DETECTION_BAND`` …), which an alarm for scaling cannot watch.
"""

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Series = tuple[float | None, ...]
Operand = Series | float
"""A series, or a number that stands for every period."""


class MathError(ValueError):
    """An expression that CloudWatch would refuse, or that an alarm cannot watch; the message is for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A part of an expression.

    Attributes:
        kind: ``number``, ``name``, ``word`` (REPEAT, LINEAR), ``array``, an operator, or a function in capitals.
        text: The number or name as written.
        column: Where it begins, from 1.
        parts: Operands or arguments.
    """

    kind: str
    text: str = ""
    column: int = 1
    parts: tuple["Node", ...] = ()


MOST_LENGTH = 2048
"""Characters of an expression that CloudWatch takes (API reference, ``MetricDataQuery``)."""
_MOST_DEPTH = 40
_MOST_TOKENS = 400
_TOKEN = re.compile(
    r"\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_]\w*)|(<=|>=|==|!=|&&|\|\||[-+*/^(),<>\[\]]))"
)
_LEVELS = (("OR", "||"), ("AND", "&&"), ("<", "<=", ">", ">=", "==", "!="), ("+", "-"), ("*", "/"))
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "AND": lambda a, b: a != 0 and b != 0,
    "&&": lambda a, b: a != 0 and b != 0,
    "OR": lambda a, b: a != 0 or b != 0,
    "||": lambda a, b: a != 0 or b != 0,
}
_EACH: Mapping[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}
_OVER_ARRAYS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
    "SUM": sum,
}
_ARGUMENTS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys((*_EACH, *_OVER_ARRAYS, "RATE", "DIFF", "PERIOD"), (1, 1)),
    "FILL": (2, 2),
    "IF": (2, 3),
    "METRICS": (0, 0),
}
_WORDS = ("REPEAT", "LINEAR")


def parse(text: str) -> Node:
    """An expression.

    Raises:
        MathError: It is none, with the column; or it uses what an alarm for scaling cannot watch.
    """
    if len(text) > MOST_LENGTH:
        raise MathError(f"it is {len(text)} characters long, and CloudWatch takes {MOST_LENGTH}")
    reader = _Reader(text)
    found = reader.expression(0, 0)
    kind, said, column = reader.peek()
    if kind:
        raise MathError(f"column {column}: {said!r} is too much")
    return found


class _Reader:
    """Reads an expression by its operators' levels."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str, int]] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                column = at + len(text[at:]) - len(text[at:].lstrip()) + 1
                raise MathError(f"column {column}: {text[column - 1]!r} is not part of metric math")
            number, name, sign = found.groups()
            said = number or name or sign
            self.tokens.append(("number" if number else "name" if name else "sign", said, found.end() - len(said) + 1))
            at = found.end()
        if len(self.tokens) > _MOST_TOKENS:
            raise MathError(f"it has {len(self.tokens)} parts, more than {_MOST_TOKENS}")
        self.at = 0
        self.end = len(text) + 1

    def peek(self) -> tuple[str, str, int]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("", "", self.end)

    def takes(self, *said: str) -> bool:
        """Whether the next token is one of these; it is taken if so."""
        if self.peek()[1] in said:
            self.at += 1
            return True
        return False

    def needs(self, said: str) -> None:
        _, found, column = self.peek()
        if not self.takes(said):
            raise MathError(f"column {column}: {said!r} is missing" + (f" before {found!r}" if found else ""))

    def expression(self, level: int, depth: int) -> Node:
        """An expression of operators that bind at least so strongly."""
        if level == len(_LEVELS):
            return self.power(depth)
        left = self.expression(level + 1, depth)
        while True:
            kind, said, column = self.peek()
            if kind not in {"sign", "name"} or not self.takes(*_LEVELS[level]):
                return left
            right = self.expression(level + 1, depth)
            left = Node(kind=said, column=column, parts=(left, right))

    def power(self, depth: int) -> Node:
        if depth > _MOST_DEPTH:
            raise MathError("it is nested too deeply")
        _, _, column = self.peek()
        if self.takes("-"):
            return Node(kind="negative", column=column, parts=(self.power(depth + 1),))
        base = self.single(depth)
        _, _, column = self.peek()
        if self.takes("^"):
            return Node(kind="^", column=column, parts=(base, self.power(depth + 1)))
        return base

    def single(self, depth: int) -> Node:
        kind, said, column = self.peek()
        self.at += 1
        if kind == "number":
            return Node(kind="number", text=said, column=column)
        if said == "(":
            inner = self.expression(0, depth + 1)
            self.needs(")")
            return inner
        if said == "[":
            return Node(kind="array", column=column, parts=tuple(self.listed("]", depth)))
        if kind == "name" and self.takes("("):
            return self.function(said, column, depth)
        if kind == "name":
            return Node(kind="word" if said in _WORDS else "name", text=said, column=column)
        raise MathError(
            f"column {column}: " + (f"{said!r} where a value should be" if said else "something is missing")
        )

    def function(self, name: str, column: int, depth: int) -> Node:
        if name not in _ARGUMENTS:
            raise MathError(f"column {column}: {name} cannot be watched by an alarm here")
        arguments = tuple(self.listed(")", depth))
        least, most = _ARGUMENTS[name]
        if not least <= len(arguments) <= most:
            raise MathError(
                f"column {column}: {name} takes {least if least == most else f'{least} or {most}'} arguments"
            )
        if name in _OVER_ARRAYS and arguments[0].kind not in {"array", "METRICS"}:
            raise MathError(f"column {column}: {name} of one series is a single value, which an alarm cannot watch")
        words = [part for part in arguments if part.kind == "word"]
        if words and (name != "FILL" or arguments[1].kind != "word" or len(words) > 1):
            raise MathError(f"column {words[0].column}: {words[0].text} is for the second argument of FILL")
        return Node(kind=name, column=column, parts=arguments)

    def listed(self, end: str, depth: int) -> Iterator[Node]:
        if self.takes(end):
            return
        yield self.expression(0, depth + 1)
        while self.takes(","):
            yield self.expression(0, depth + 1)
        self.needs(end)


def names(node: Node) -> tuple[str, ...]:
    """Ids of the metrics that an expression names, in order, each once."""
    found = [node.text] if node.kind == "name" else []
    return tuple(dict.fromkeys([*found, *(name for part in node.parts for name in names(part))]))


def evaluate(node: Node, metrics: Mapping[str, Series], period_s: float) -> Series:
    """The series of an expression.

    Args:
        node: The expression.
        metrics: (n,) values of each metric by id, all of the same periods, newest last.
        period_s: Length of a period.

    Raises:
        MathError: It names a metric that is not there, or is a number and no series.
    """
    length = max((len(series) for series in metrics.values()), default=0)
    found = _value(node, metrics, period_s, length)
    if isinstance(found, float):
        raise MathError("it is a number, and an alarm watches a series")
    return found


def _value(node: Node, metrics: Mapping[str, Series], period_s: float, length: int) -> Operand:
    def of(part: Node) -> Operand:
        return _value(part, metrics, period_s, length)

    match node.kind:
        case "number":
            return float(node.text)
        case "name":
            if node.text not in metrics:
                raise MathError(f"column {node.column}: no metric has the id {node.text}")
            return metrics[node.text]
        case "array" | "METRICS" | "word":
            raise MathError(f"column {node.column}: a single series is needed here")
        case "negative":
            return _each(lambda value: -value, of(node.parts[0]))
        case "ABS" | "CEIL" | "FLOOR":
            return _each(_EACH[node.kind], of(node.parts[0]))
        case "PERIOD":
            of(node.parts[0])
            return float(period_s)
        case "RATE" | "DIFF":
            return _difference(of(node.parts[0]), period_s if node.kind == "RATE" else None)
        case "FILL":
            series, filler = node.parts
            return _filled(of(series), filler.text if filler.kind == "word" else of(filler))
        case "IF":
            return _chosen([of(part) for part in node.parts], length)
        case "AVG" | "MIN" | "MAX" | "SUM":
            (inner,) = node.parts
            items = list(metrics.values()) if inner.kind == "METRICS" else [of(part) for part in inner.parts]
            return _over(_OVER_ARRAYS[node.kind], items, length)
    return _pairwise(node.kind, of(node.parts[0]), of(node.parts[1]))


def _each(function: Callable[[float], float], operand: Operand) -> Operand:
    if isinstance(operand, float):
        return float(function(operand))
    return tuple(None if value is None else float(function(value)) for value in operand)


def _pairwise(sign: str, left: Operand, right: Operand) -> Operand:
    if isinstance(left, float) and isinstance(right, float):
        result = _apply(sign, left, right)
        return math.nan if result is None else result
    length = len(left) if not isinstance(left, float) else len(right) if not isinstance(right, float) else 0
    lefts, rights = _spread(left, length), _spread(right, length)
    series = [operand for operand, given in ((lefts, left), (rights, right)) if not isinstance(given, float)]
    return tuple(
        None if all(operand[k] is None for operand in series) else _apply(sign, lefts[k] or 0.0, rights[k] or 0.0)
        for k in range(length)
    )


def _spread(operand: Operand, length: int) -> Series:
    return (operand,) * length if isinstance(operand, float) else operand


def _apply(sign: str, left: float, right: float) -> float | None:
    if sign in _COMPARE:
        return float(_COMPARE[sign](left, right))
    try:
        match sign:
            case "+":
                found = left + right
            case "-":
                found = left - right
            case "*":
                found = left * right
            case "/":
                found = left / right
            case _:
                found = math.pow(left, right)
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return found if math.isfinite(found) else None


def _over(function: Callable[[Sequence[float]], float], items: Sequence[Operand], length: int) -> Series:
    """Over several series, period by period; a missing value counts as 0 where another has one."""
    spread = [_spread(item, length) for item in items]
    return tuple(
        None if all(item[k] is None for item in spread) else float(function([item[k] or 0.0 for item in spread]))
        for k in range(length)
        if spread
    )


def _chosen(parts: Sequence[Operand], length: int) -> Series:
    """``IF``: missing conditions drop the point; a chosen series without a value gives 0, except beside a number."""
    condition = _spread(parts[0], length)
    first, second = parts[1], parts[2] if len(parts) > 2 else None
    found: list[float | None] = []
    for k in range(length):
        if condition[k] is None:
            found.append(None)
        elif condition[k] != 0:
            found.append(first if isinstance(first, float) else first[k] or 0.0)
        elif second is None:
            found.append(None)
        elif isinstance(second, float):
            found.append(second)
        else:
            found.append(second[k] if isinstance(first, float) else second[k] or 0.0)
    return tuple(found)


def _filled(series: Operand, filler: str | Operand) -> Operand:
    """``FILL``: gaps become a number, another series, the value before, or lie on a line between their neighbours."""
    if isinstance(series, float):
        return series
    if not isinstance(filler, str):
        other = _spread(filler, len(series))
        return tuple(other[k] if value is None else value for k, value in enumerate(series))
    real = [k for k, value in enumerate(series) if value is not None]
    found = list(series)
    for k, value in enumerate(series):
        if value is not None:
            continue
        before = max((at for at in real if at < k), default=None)
        after = min((at for at in real if at > k), default=None)
        if before is None:
            continue
        low = series[before]
        assert low is not None
        found[k] = low
        if filler == "LINEAR" and after is not None:
            high = series[after]
            assert high is not None
            found[k] = low + (high - low) * (k - before) / (after - before)
    return tuple(found)


def _difference(series: Operand, period_s: float | None) -> Operand:
    """``DIFF`` between a value and the one before it that is there, ``RATE`` by the seconds between them."""
    if isinstance(series, float):
        return 0.0
    found: list[float | None] = []
    last: tuple[int, float] | None = None
    for k, value in enumerate(series):
        if value is None:
            found.append(None)
            continue
        if last is None:
            found.append(None)
        else:
            change = value - last[1]
            found.append(change if period_s is None else change / (period_s * (k - last[0])))
        last = (k, value)
    return tuple(found)
