"""HCL's native syntax as a tree in which every expression knows where it stands.

Our own, because the expressions must be evaluated and their literals edited in place: the published parser for Python
gives expressions as text, without positions inside them.

Source: HCL Native Syntax Specification.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tonnage.workload import Place, TemplateError

_DEEPEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of a file: character offsets, the end not in it, and the line it begins in."""

    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, true, false, null, or a string without templates."""

    value: bool | int | float | str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Template:
    """A string with interpolations."""

    parts: tuple[str | Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """The root of a traversal, for example ``var``, ``local`` or ``aws_lb``."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Attribute:
    """``of.name``."""

    of: Expression
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Index:
    """``of[key]``."""

    of: Expression
    key: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Splat:
    """``of[*]`` or ``of.*``; what follows is asked of each item."""

    of: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; ``expand`` where its last argument is a list of arguments."""

    name: str
    arguments: tuple[Expression, ...]
    expand: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Operation:
    """A unary or binary operation, or a conditional (``?``)."""

    operator: str
    operands: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Items:
    """A tuple in brackets."""

    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Object:
    """An object in braces; a bare key is a string."""

    pairs: tuple[tuple[Expression, Expression], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class For:
    """A ``for`` expression; with a ``key`` it makes an object."""

    names: tuple[str, ...]
    over: Expression
    key: Expression | None
    value: Expression
    when: Expression | None
    grouped: bool
    span: Span


Expression: TypeAlias = Literal | Template | Name | Attribute | Index | Splat | Call | Operation | Items | Object | For


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of configuration.

    Attributes:
        kind: ``resource``, ``variable``, ``ingress`` …
        labels: Its labels.
        attributes: Expressions by name.
        blocks: Blocks inside it, in order.
        span: From its first character to its last.
        file: The file.
    """

    kind: str
    labels: tuple[str, ...]
    attributes: Mapping[str, Expression]
    blocks: tuple[Block, ...]
    span: Span
    file: str = ""
    places: Mapping[str, Span] = field(default_factory=dict)

    def all(self, kind: str) -> list[Block]:
        """Blocks of a kind inside it."""
        return [block for block in self.blocks if block.kind == kind]

    def place(self) -> Place:
        """Where it begins."""
        return Place(file=self.file, line=self.span.line)


_TOKEN = re.compile(
    r"(?P<space>[ \t\r]+|#[^\n]*|//[^\n]*|/\*.*?\*/)"
    r"|(?P<newline>\n)"
    r"|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<heredoc><<-?[A-Za-z_][\w-]*[ \t\r]*\n)"
    r"|(?P<name>[^\W\d][\w-]*)"
    r"|(?P<quote>\")"
    r"|(?P<sign>\.\.\.|=>|==|!=|<=|>=|&&|\|\||[-+*/%<>!?:=.,()\[\]{}~])",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_POWER = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6}


def parse(text: str, file: str) -> Block:
    """The body of a file, as a block without kind.

    Raises:
        TemplateError: It is not HCL.
    """
    parser = _Parser(text, file)
    try:
        return parser.body("", (), 0, top=True)
    except RecursionError:
        raise TemplateError(f"{file} is nested too deeply") from None


def parse_expression(text: str, file: str) -> Expression:
    """One expression, as JSON syntax has it in its strings.

    Raises:
        TemplateError: It is none.
    """
    parser = _Parser(text, file)
    return parser.template_until(len(text))


class _Parser:
    def __init__(self, text: str, file: str) -> None:
        self.text, self.file, self.at, self.depth = text, file, 0, 0
        # Inside brackets a line's end means nothing; elsewhere it ends the expression.
        self.wrapped = False
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def error(self, what: str) -> TemplateError:
        line = self.line(self.at)
        place = Place(file=self.file, line=line)
        return TemplateError(f"Not valid Terraform: {what}", place=place, remedy="Correct it.")

    def line(self, at: int) -> int:
        return bisect_right(self.starts, at)

    def span(self, start: int) -> Span:
        return Span(start=start, end=self.at, line=self.line(start))

    def peek(self, *, newlines: bool = True) -> tuple[str, str, int, int]:
        """The next token without taking it: kind, text, start, end."""
        at = self.at
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            if match is None:
                self.at = at
                raise self.error(f"{self.text[at]!r} has no meaning here")
            kind = str(match.lastgroup)
            if kind == "space" or (kind == "newline" and newlines):
                at = match.end()
                continue
            return kind, match[0], match.start(), match.end()
        return "end", "", at, at

    def take(self, *, newlines: bool = True) -> tuple[str, str, int, int]:
        token = self.peek(newlines=newlines)
        self.at = token[3]
        return token

    def expect(self, sign: str) -> int:
        kind, text, start, _ = self.take()
        if text != sign or kind == "heredoc":
            self.at = start
            raise self.error(f"expected {sign!r}" + (f", found {text!r}" if text else ", the file ends"))
        return start

    # Structure --------------------------------------------------------------------------------------------------

    def body(self, kind: str, labels: tuple[str, ...], start: int, *, top: bool = False) -> Block:
        """Attributes and blocks up to the closing brace, or the end of the file."""
        self.deeper()
        attributes: dict[str, Expression] = {}
        places: dict[str, Span] = {}
        blocks: list[Block] = []
        while True:
            token, text, at, _ = self.take()
            if token == "end" and top:
                break
            if text == "}" and not top:
                break
            if token != "name":
                self.at = at
                raise self.error("expected an attribute or a block" if token != "end" else "a block is not closed")
            following = self.peek(newlines=False)
            if following[1] == "=":
                self.take()
                attributes[text] = self.expression()
                places[text] = self.span(at)
                continue
            inner: list[str] = []
            while self.peek(newlines=False)[1] != "{":
                what, word, where, _ = self.take(newlines=False)
                if what == "quote":
                    literal = self.quoted(where)
                    inner.append(str(literal.value) if isinstance(literal, Literal) else "?")
                elif what == "name":
                    inner.append(word)
                else:
                    self.at = where
                    raise self.error(f"expected {{ after {text}")
            self.expect("{")
            blocks.append(self.body(text, tuple(inner), at))
        self.depth -= 1
        return Block(
            kind=kind,
            labels=labels,
            attributes=attributes,
            blocks=tuple(blocks),
            span=self.span(start),
            file=self.file,
            places=places,
        )

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.error("it is nested too deeply")

    # Expressions ------------------------------------------------------------------------------------------------

    def expression(self) -> Expression:
        """A whole expression, conditionals included."""
        self.deeper()
        start = self.peek()[2]
        found = self.binary(0)
        if self.peek(newlines=self.wrapped)[1] == "?":
            self.take()
            first = self.expression()
            self.expect(":")
            second = self.expression()
            found = Operation("?", (found, first, second), self.span(start))
        self.depth -= 1
        return found

    def binary(self, power: int) -> Expression:
        start = self.peek()[2]
        left = self.unary()
        while (found := _POWER.get(self.peek(newlines=self.wrapped)[1], 0)) > power:
            operator = self.take()[1]
            left = Operation(operator, (left, self.binary(found)), self.span(start))
        return left

    def unary(self) -> Expression:
        kind, text, start, _ = self.peek()
        if kind == "sign" and text in {"-", "!"}:
            self.take()
            self.deeper()
            found: Expression = Operation(f"unary {text}", (self.unary(),), self.span(start))
            self.depth -= 1
            return found
        return self.postfix(self.primary())

    def postfix(self, found: Expression) -> Expression:
        start = found.span.start
        while True:
            _, text, _, _ = self.peek(newlines=False)
            if text == ".":
                self.take(newlines=False)
                kind, name, at, _ = self.take()
                if name == "*":
                    found = Splat(found, self.span(start))
                elif kind == "number":
                    for piece in name.split("."):
                        found = Index(found, Literal(int(piece), self.span(at)), self.span(start))
                elif kind == "name":
                    found = Attribute(found, name, self.span(start))
                else:
                    self.at = at
                    raise self.error("expected a name after the dot")
            elif text == "[":
                self.take(newlines=False)
                if self.peek()[1] == "*":
                    self.take()
                    self.expect("]")
                    found = Splat(found, self.span(start))
                else:
                    key = self.expression()
                    self.expect("]")
                    found = Index(found, key, self.span(start))
            else:
                return found

    def primary(self) -> Expression:
        kind, text, start, _ = self.take()
        if kind == "number":
            return Literal(float(text) if "." in text or "e" in text.lower() else int(text), self.span(start))
        if kind == "quote":
            return self.quoted(start)
        if kind == "heredoc":
            return self.heredoc(text)
        if kind == "name":
            if text in {"true", "false", "null"}:
                return Literal({"true": True, "false": False, "null": None}[text], self.span(start))
            if self.peek(newlines=False)[1] == "(":
                return self.call(text, start)
            return Name(text, self.span(start))
        if text in {"(", "[", "{"}:
            return self.bracketed(text, start)
        self.at = start
        raise self.error("expected a value" + (f", found {text!r}" if text else ", the file ends"))

    def bracketed(self, opening: str, start: int) -> Expression:
        before, self.wrapped = self.wrapped, opening != "{"
        if opening == "(":
            found = self.expression()
            self.expect(")")
        elif opening == "[":
            found = self.looped(start, "]") or self.items(start)
        else:
            found = self.looped(start, "}") or self.object(start)
        self.wrapped = before
        return found

    def call(self, name: str, start: int) -> Expression:
        before, self.wrapped = self.wrapped, True
        self.expect("(")
        arguments: list[Expression] = []
        expand = False
        while self.peek()[1] != ")":
            arguments.append(self.expression())
            if self.peek()[1] == "...":
                self.take()
                expand = True
            if self.peek()[1] == ",":
                self.take()
            elif self.peek()[1] != ")":
                raise self.error(f"expected a comma in the arguments of {name}")
        self.expect(")")
        self.wrapped = before
        return Call(name, tuple(arguments), expand, self.span(start))

    def items(self, start: int) -> Expression:
        found: list[Expression] = []
        while self.peek()[1] != "]":
            found.append(self.expression())
            if self.peek()[1] == ",":
                self.take()
            elif self.peek()[1] != "]":
                raise self.error("expected a comma or ]")
        self.expect("]")
        return Items(tuple(found), self.span(start))

    def object(self, start: int) -> Expression:
        pairs: list[tuple[Expression, Expression]] = []
        while self.peek()[1] != "}":
            key = self.expression()
            if isinstance(key, Name):
                key = Literal(key.name, key.span)
            if self.take()[1] not in {"=", ":"}:
                raise self.error("expected = in an object")
            pairs.append((key, self.expression()))
            if self.peek()[1] == ",":
                self.take()
        self.expect("}")
        return Object(tuple(pairs), self.span(start))

    def looped(self, start: int, closing: str) -> Expression | None:
        before, wrapped = self.at, self.wrapped
        if self.peek()[1] != "for" or self.text[self.peek()[3] : self.peek()[3] + 1] not in {" ", "\t", "\n", "\r"}:
            return None
        self.take()
        self.wrapped = True
        names: list[str] = []
        while True:
            kind, text, _, _ = self.take()
            if kind != "name":
                self.at, self.wrapped = before, wrapped
                return None
            names.append(text)
            if self.peek()[1] != ",":
                break
            self.take()
        if self.take()[1] != "in":
            self.at, self.wrapped = before, wrapped
            return None
        over = self.expression()
        self.expect(":")
        key: Expression | None = None
        value = self.expression()
        if closing == "}":
            self.expect("=>")
            key, value = value, self.expression()
        grouped = self.peek()[1] == "..."
        if grouped:
            self.take()
        when = None
        if self.peek()[1] == "if":
            self.take()
            when = self.expression()
        self.expect(closing)
        return For(tuple(names), over, key, value, when, grouped, self.span(start))

    # Strings ----------------------------------------------------------------------------------------------------

    def quoted(self, start: int) -> Expression:
        """A quoted string, whose opening quote is taken."""
        parts: list[str | Expression] = []
        text = ""
        while True:
            if self.at >= len(self.text) or self.text[self.at] == "\n":
                raise self.error("a string is not closed")
            sign = self.text[self.at]
            if sign == '"':
                self.at += 1
                break
            if sign == "\\":
                text += self.escaped()
            elif sign in "$%" and self.text[self.at + 1 : self.at + 2] == "{":
                parts, text = [*parts, text, self.interpolation()], ""
            elif sign in "$%" and self.text[self.at + 1 : self.at + 3] == f"{sign}{{":
                text, self.at = text + f"{sign}{{", self.at + 3
            else:
                text, self.at = text + sign, self.at + 1
        return self.joined([*parts, text], start)

    def escaped(self) -> str:
        following = self.text[self.at + 1 : self.at + 2]
        if following in {"u", "U"}:
            length = 4 if following == "u" else 8
            digits = self.text[self.at + 2 : self.at + 2 + length]
            try:
                found = chr(int(digits, 16))
            except ValueError:
                raise self.error("a Unicode escape is broken") from None
            self.at += 2 + length
            return found
        if following not in _ESCAPES:
            raise self.error(f"\\{following} is no escape")
        self.at += 2
        return _ESCAPES[following]

    def interpolation(self) -> Expression:
        """What stands in ``${…}``; directives (``%{if …}``) are not evaluated."""
        start, directive = self.at, self.text[self.at] == "%"
        self.at += 2
        if self.text[self.at : self.at + 1] == "~":
            self.at += 1
        if directive:
            end = self.text.find("}", self.at)
            if end < 0:
                raise self.error("a directive is not closed")
            self.at = end + 1
            return Call("%", (), False, self.span(start))
        before, self.wrapped = self.wrapped, True
        found = self.expression()
        while self.text[self.at : self.at + 1] in {" ", "\t", "\n", "~"}:
            self.at += 1
        self.expect("}")
        self.wrapped = before
        return found

    def joined(self, parts: list[str | Expression], start: int) -> Expression:
        kept = [part for part in parts if part != ""]
        if all(isinstance(part, str) for part in kept):
            return Literal("".join(str(part) for part in kept), self.span(start))
        return Template(tuple(kept), self.span(start))

    def heredoc(self, opening: str) -> Expression:
        word = opening.lstrip("<-").strip()
        end = re.compile(rf"^[ \t]*{re.escape(word)}[ \t\r]*$", re.MULTILINE).search(self.text, self.at)
        if end is None:
            raise self.error(f"the text up to {word} is not closed")
        body_end = end.start()
        found = self.template_until(body_end, indented=opening.startswith("<<-"))
        self.at = end.end()
        return found

    def template_until(self, end: int, *, indented: bool = False) -> Expression:
        """Text with interpolations up to an offset."""
        start = self.at
        parts: list[str | Expression] = []
        text = ""
        while self.at < end:
            sign = self.text[self.at]
            if sign in "$%" and self.text[self.at + 1 : self.at + 2] == "{":
                parts, text = [*parts, text, self.interpolation()], ""
            elif sign in "$%" and self.text[self.at + 1 : self.at + 3] == f"{sign}{{":
                text, self.at = text + f"{sign}{{", self.at + 3
            else:
                text, self.at = text + sign, self.at + 1
        if indented:
            text = re.sub(r"^[ \t]+", "", text, flags=re.MULTILINE)
            parts = [re.sub(r"^[ \t]+", "", p, flags=re.MULTILINE) if isinstance(p, str) else p for p in parts]
        return self.joined([*parts, text], start)
