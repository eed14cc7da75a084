"""The workload file, ``tonnage.yaml``: its shape, its schema, and where each value stands."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from tonnage.workload import Path as KeyPath
from tonnage.workload import Place, WorkloadError

Amount = float | str
_DEEPEST = 100
_ERROR = re.compile(r"(.*?)(?: - at (?:`key` in )?`\$(.*)`)?", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\[(\.\.\.)\]")
_UNKNOWN_FIELD = re.compile(r"unknown field `(.+)`")


class RetryEntry(msgspec.Struct, forbid_unknown_fields=True):
    """How a failed call is tried again: tries in all, backoff and its jitter, and the purse that pays for it."""

    attempts: int = 3
    base: Amount = "50 ms"
    cap: Amount = "20 s"
    jitter: Literal["none", "full", "equal", "decorrelated"] = "full"
    budget: float | None = None


class BreakerEntry(msgspec.Struct, forbid_unknown_fields=True):
    """When a call is refused at once: share of failures among the latest calls, for how long, and how it is probed."""

    threshold: Amount = "50 %"
    window: int = 100
    open: Amount = "60 s"
    probes: int = 10


class CallEntry(
    msgspec.Struct,
    forbid_unknown_fields=True,
    rename={"on_miss": "on miss", "waits": "wait", "hedge": "hedge after", "deadline": "pass deadline on"},
):
    """One visit to a component, and the calls made during it, one after the other or in parallel."""

    call: str
    demands: dict[str, Amount] = {}
    then: list["CallEntry"] = []
    on_miss: list["CallEntry"] = []
    probability: Amount = 1.0
    times: int = 1
    timeout: Amount | None = None
    retries: int | None = None
    retry: RetryEntry | None = None
    parallel: bool = False
    waits: bool = True
    hedge: Amount | None = None
    breaker: BreakerEntry | None = None
    deadline: bool = False


class ArrivalsEntry(
    msgspec.Struct,
    forbid_unknown_fields=True,
    rename={"batch_mean": "batch", "burst_ratio": "burst ratio"},
):
    """How requests come within a step of the traffic, where not at random one by one."""

    exact: bool = False
    batch_mean: float = 1.0
    burst_ratio: float = 1.0
    burst: Amount | None = None
    calm: Amount | None = None


class RouteEntry(msgspec.Struct, forbid_unknown_fields=True, rename={"on_miss": "on miss"}):
    """One kind of request: its share of the traffic, the call by which it enters, and where it matters its path."""

    call: str
    share: Amount = 1.0
    deadline: Amount = 60.0
    demands: dict[str, Amount] = {}
    then: list[CallEntry] = []
    on_miss: list[CallEntry] = []
    parallel: bool = False
    request: str = ""


class WorkloadFile(msgspec.Struct, forbid_unknown_fields=True):
    """What a user says about a workload. Only the architecture must be named."""

    architecture: str
    name: str | None = None
    region: str | None = None
    parameters: dict[str, str | int | float | bool] = {}
    traffic: str | None = None
    clients: dict[str, Amount] = {}
    arrivals: ArrivalsEntry | None = None
    growth: float = 1.5
    objectives: list[str] = []
    routes: dict[str, RouteEntry] = {}
    components: dict[str, dict[str, Amount]] = {}


class Located(msgspec.Struct, frozen=True):
    """A workload file with the place of each key.

    Attributes:
        content: What it says.
        file: Path as the user gave it.
        places: Place of each value by its path of keys and indices.
    """

    content: WorkloadFile
    file: str
    places: dict[KeyPath, Place]

    def place(self, *path: str | int) -> Place:
        """Place of a value, or of its nearest parent that has one."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return Place(file=self.file, line=1)


def json_schema() -> dict[str, Any]:
    """JSON Schema of the workload file, for editors."""
    schema: dict[str, Any] = msgspec.json.schema(WorkloadFile)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Tonnage workload file"} | schema


def read_workload_file(file: str) -> Located:
    """Read ``tonnage.yaml``.

    Raises:
        WorkloadError: It is missing, is not YAML, or says something that is not known, with its line.
    """
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise WorkloadError(
            f"There is no file {file}", remedy="Check the path, or write one with 'tonnage init'."
        ) from None
    except UnicodeDecodeError:
        raise WorkloadError(f"{file} is not UTF-8 text", remedy="Save it as UTF-8.") from None
    except OSError as error:
        raise WorkloadError(f"{file} cannot be read: {error.strerror}", remedy="Check its permissions.") from None
    return parse_workload_file(text, file)


def parse_workload_file(text: str, file: str) -> Located:
    """Read the text of a workload file; see :func:`read_workload_file`."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(file=file, line=mark.line + 1, column=mark.column + 1) if mark else Place(file=file, line=1)
        problem = getattr(error, "problem", None) or "it is not YAML"
        raise WorkloadError(f"The workload file is not valid YAML: {problem}", place=place) from None
    if not isinstance(data, Mapping):
        raise WorkloadError(
            "The workload file is empty or not a mapping",
            place=Place(file=file, line=1),
            remedy="It needs at least 'architecture: template.yaml'.",
        )
    places: dict[KeyPath, Place] = {}
    _mark(node, (), file, places)
    try:
        content = msgspec.convert(data, WorkloadFile)
    except msgspec.ValidationError as error:
        what, where = _ERROR.fullmatch(str(error)).groups()  # type: ignore[union-attr]
        path = _path_of(data, str(error), where or "")
        unknown = _UNKNOWN_FIELD.search(what)
        located = Located(content=WorkloadFile(architecture=""), file=file, places=places)
        raise WorkloadError(
            f"The workload file: {what[0].lower()}{what[1:]}" + (f" at {_spelled(path)}" if path else ""),
            place=located.place(*path, *((unknown[1],) if unknown else ())),
            remedy="'tonnage schema' prints what it may contain.",
        ) from None
    return Located(content=content, file=file, places=places)


def _mark(node: yaml.Node | None, path: KeyPath, file: str, places: dict[KeyPath, Place]) -> None:
    if node is None:
        return
    if len(path) > _DEEPEST:
        raise WorkloadError(
            "The workload file is nested too deeply",
            place=Place(file=file, line=node.start_mark.line + 1),
            remedy="Do not let an anchor refer to itself.",
        )
    places.setdefault(path, Place(file=file, line=node.start_mark.line + 1))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = (*path, str(key.value))
            if below in places:
                raise WorkloadError(
                    f"The workload file says {str(key.value)!r} twice, first in line {places[below].line}",
                    place=Place(file=file, line=key.start_mark.line + 1),
                    remedy="Keep one of them.",
                )
            places[below] = Place(file=file, line=key.start_mark.line + 1)
            _mark(value, below, file, places)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _mark(value, (*path, index), file, places)


def _path_of(data: Any, error: str, where: str) -> KeyPath:  # noqa: ANN401 - whatever YAML holds
    """The path that msgspec means; it writes ``[...]`` for a key of a mapping, which is found by trying each alone.

    Args:
        data: The document; what does not lead to the error is dropped from it.
        error: What msgspec said.
        where: Its path.
    """
    path: list[str | int] = []
    node = data
    for field, index, anything in _STEP.findall(where):
        if anything:
            entries = dict(node)
            for key, value in entries.items():
                node.clear()
                node[key] = value
                if _fails_with(data, error):
                    break
            step: str | int = str(next(iter(node)))
            node = next(iter(node.values()))
        else:
            step = int(index) if index else field
            node = node[step]
        path.append(step)
    return tuple(path)


def _fails_with(data: Any, error: str) -> bool:  # noqa: ANN401
    try:
        msgspec.convert(data, WorkloadFile)
    except msgspec.ValidationError as again:
        return str(again) == error
    return False


def _spelled(path: KeyPath) -> str:
    return ".".join(str(step) if isinstance(step, str) else f"[{step}]" for step in path).replace(".[", "[")
