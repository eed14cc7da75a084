"""YAML and JSON with marks: every node knows where it stands in the text.

JSON goes through the same parser, since JSON is YAML's flow style; so both have line and column of each value.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tonnage.workload import Place, TemplateError

_BOM = "\ufeff"
_DEEPEST = 200
_MERGE = "tag:yaml.org,2002:merge"
_STRING, _SEQUENCE, _MAPPING = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))
_SEXAGESIMAL_OR_OCTAL = re.compile(r"[-+]?(?:0[0-9_]+|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?)$")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")

# PyYAML is built with or without libyaml; both give the same nodes and marks, libyaml about ten times faster.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """PyYAML's composer without the resolvers for dates and ``=``: both stay strings, as in CloudFormation.

    Nesting is bounded: libyaml's composer recurses on the C stack, and would end the process.
    """

    depth = 0

    def descend_resolver(self, _parent: Node | None, _index: object) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise RecursionError

    def ascend_resolver(self) -> None:
        self.depth -= 1


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":value"))]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed template.

    Attributes:
        file: Path as the user gave it.
        text: The text that the marks point into: the file's, without a byte order mark.
        root: The top-level mapping.
        bom: The byte order mark, or the empty string.
    """

    file: str
    text: str
    root: MappingNode
    bom: str = ""

    def place(self, node: Node) -> Place:
        """Where a node begins."""
        return Place(file=self.file, line=node.start_mark.line + 1, column=node.start_mark.column + 1)


_REPLACED: ContextVar[Mapping[str, str]] = ContextVar("replaced", default=MappingProxyType({}))


@contextmanager
def replaced(texts: Mapping[str, str]) -> Iterator[None]:
    """Read files as if they had other texts, those that are not there too; nothing is written.

    Args:
        texts: By file.
    """
    token = _REPLACED.set({str(Path(file).resolve()): text for file, text in texts.items()})
    try:
        yield
    finally:
        _REPLACED.reset(token)


def replaced_files() -> tuple[Path, ...]:
    """Files that are read as if they had other texts."""
    return tuple(Path(file) for file in _REPLACED.get())


def read_text(file: Path | str) -> str:
    """Text of a file with its own line ends.

    Raises:
        TemplateError: The file is missing, a folder, unreadable or not UTF-8.
    """
    shown, path = str(file), Path(file)
    if (texts := _REPLACED.get()) and (text := texts.get(str(path.resolve()))) is not None:
        return text
    if path.is_dir():
        raise TemplateError(f"{shown} is a folder", remedy="Give the template file inside it.")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise TemplateError(f"There is no file {shown}", remedy="Check the path.") from None
    except OSError as error:
        raise TemplateError(
            f"{shown} cannot be read: {error.strerror or error}", remedy="Check the path and its permissions."
        ) from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = Place(file=shown, line=data.count(b"\n", 0, error.start) + 1)
        raise TemplateError("The file is not UTF-8 text", place=place, remedy="Save it as UTF-8.") from None


def parse(text: str, file: str) -> Document:
    """Parse the text of a template.

    Raises:
        TemplateError: Empty, broken syntax, a key twice in one mapping, or no mapping at the top.
    """
    bom = _BOM if text.startswith(_BOM) else ""
    body = text.removeprefix(_BOM)
    root = _compose(body, file)
    if root is None:
        raise TemplateError(f"{file} is empty", remedy="Give a CloudFormation template with a Resources section.")
    if not isinstance(root, MappingNode):
        raise TemplateError(
            "The file is not a mapping of keys to values",
            place=Place(file=file, line=root.start_mark.line + 1, column=root.start_mark.column + 1),
            remedy="A CloudFormation template is a mapping with a Resources section.",
        )
    document = Document(file=file, text=body, root=root, bom=bom)
    _refuse_bad_keys(document)
    return document


def parse_all(text: str, file: str) -> list[Document]:
    """Parse a file of several documents, separated by ``---``; empty ones are left out.

    Raises:
        TemplateError: Broken syntax, a key twice in one mapping, or a document that is no mapping.
    """
    bom = _BOM if text.startswith(_BOM) else ""
    body = text.removeprefix(_BOM)
    loader = _Loader(body)
    documents: list[Document] = []
    try:
        while loader.check_node():
            root = loader.get_node()
            if isinstance(root, ScalarNode) and not root.value:
                continue
            if not isinstance(root, MappingNode):
                raise TemplateError(
                    "The document is not a mapping of keys to values",
                    place=Place(file=file, line=root.start_mark.line + 1),
                    remedy="A manifest is a mapping with apiVersion and kind.",
                )
            documents.append(Document(file=file, text=body, root=root, bom=bom))
    except yaml.YAMLError as error:
        raise _syntax_error(error, body, file) from None
    except RecursionError:
        raise TemplateError(f"{file} is nested too deeply to be a manifest") from None
    finally:
        loader.dispose()
    for document in documents:
        _refuse_bad_keys(document)
    return documents


def _compose(body: str, file: str) -> Node | None:
    try:
        return _compose_once(body)
    except yaml.YAMLError as error:
        if body.lstrip()[:1] == "{":
            # JSON allows what YAML refuses: tabs outside the braces and escaped surrogate pairs. Same lengths, so the
            # marks stay true.
            relaxed = _SURROGATE.sub(r"\\ufffd", body.replace("\t", " "))
            try:
                return _compose_once(relaxed)
            except yaml.YAMLError:
                pass
        raise _syntax_error(error, body, file) from None
    except RecursionError:
        raise TemplateError(f"{file} is nested too deeply to be a template") from None


def _compose_once(body: str) -> Node | None:
    loader = _Loader(body)
    try:
        node: Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def _syntax_error(error: yaml.YAMLError, body: str, file: str) -> TemplateError:
    remedy = "Correct the YAML or JSON there."
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        place = Place(file=file, line=mark.line + 1, column=mark.column + 1) if mark else Place(file=file, line=1)
        context = f" ({error.context} that begins in line {error.context_mark.line + 1})" if error.context_mark else ""
        problem = error.problem or "the syntax is broken"
        return TemplateError(f"Not valid YAML: {problem}{context}", place=place, remedy=remedy)
    position = getattr(error, "position", 0)
    place = Place(file=file, line=body.count("\n", 0, position) + 1)
    reason = getattr(error, "reason", "the syntax is broken")
    return TemplateError(f"Not valid YAML: {reason}", place=place, remedy=remedy)


def _refuse_bad_keys(document: Document) -> None:
    """Look at each mapping once, whatever aliases share it."""
    seen: set[int] = set()
    waiting: list[Node] = [document.root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, MappingNode):
            _refuse_duplicates(node, document)
            waiting.extend(value for _, value in node.value)


def _refuse_duplicates(node: MappingNode, document: Document) -> None:
    first: dict[str, Node] = {}
    for key, _ in node.value:
        if not isinstance(key, ScalarNode):
            raise TemplateError("A key is not a plain name", place=document.place(key), remedy="Use a string as key.")
        if key.tag == _MERGE:
            continue
        if key.value in first:
            line = document.place(first[key.value]).line
            raise TemplateError(
                f"The key {key.value} is written twice, first in line {line}",
                place=document.place(key),
                remedy="Keep one of them.",
            )
        first[key.value] = key


def pairs(node: MappingNode) -> Iterator[tuple[ScalarNode, Node]]:
    """Keys and values of a mapping, YAML merge keys (``<<``) applied: own keys first win, then earlier merges."""
    merges = [value for key, value in node.value if key.tag == _MERGE]
    if not merges:
        yield from node.value
        return
    taken = {key.value for key, _ in node.value if key.tag != _MERGE}
    yield from ((key, value) for key, value in node.value if key.tag != _MERGE)
    for merge in merges:
        for source in merge.value if isinstance(merge, SequenceNode) else [merge]:
            if not isinstance(source, MappingNode):
                continue
            for key, value in pairs(source):
                if key.value not in taken:
                    taken.add(key.value)
                    yield key, value


def item(node: Node | None, name: str) -> Node | None:
    """The value under a key of a mapping, or None."""
    if not isinstance(node, MappingNode):
        return None
    return next((value for key, value in pairs(node) if key.value == name), None)


def untagged(node: Node) -> Node:
    """The node without its own tag, so that a short form (``!Sub``) reads like the argument of its long form."""
    if isinstance(node, ScalarNode):
        return ScalarNode(_STRING, node.value, node.start_mark, node.end_mark, node.style)
    if isinstance(node, SequenceNode):
        return SequenceNode(_SEQUENCE, node.value, node.start_mark, node.end_mark, node.flow_style)
    flow = node.flow_style if isinstance(node, MappingNode) else None
    return MappingNode(_MAPPING, node.value, node.start_mark, node.end_mark, flow)


def scalar(node: ScalarNode) -> bool | int | float | str | None:
    """Value of a scalar by YAML 1.1's rules, as CloudFormation reads it.

    Digits with a leading zero and ``22:22`` stay strings: YAML 1.1 would make them octal and base-60 numbers, and no
    property of a template means that.
    """
    reader = _SCALARS.get(node.tag.removeprefix("tag:yaml.org,2002:"))
    if reader is None:
        return str(node.value)
    try:
        return reader(node.value)
    except ValueError:
        return str(node.value)


def _integer(text: str) -> int | str:
    if _SEXAGESIMAL_OR_OCTAL.match(text):
        return text
    return int(text.replace("_", ""), 0)


def _number(text: str) -> float | str:
    if _SEXAGESIMAL_OR_OCTAL.match(text) and ":" in text:
        return text
    plain = text.replace("_", "").lower()
    if plain.lstrip("+-") in {".inf", ".nan"}:
        return text
    return float(plain)


_TRUE = frozenset({"yes", "true", "on"})
_SCALARS: dict[str, Callable[[str], bool | int | float | str | None]] = {
    "bool": lambda text: text.lower() in _TRUE,
    "int": _integer,
    "float": _number,
    "null": lambda _: None,
}
