import pytest

from tonnage.iac.terraform.evaluate import Scope, evaluate
from tonnage.iac.terraform.syntax import parse
from tonnage.workload import Reference, Text, Unknown, Value

LB = Reference("aws_lb.web")
VARIABLES: dict[str, Value] = {
    "size": 3,
    "names": ("a", "b"),
    "tags": {"x": 1, "y": 2},
    "objects": ({"id": 1}, {"id": 2}),
    "lost": Unknown("variable lost has no value"),
}


def resolve(path: tuple[str | int, ...]) -> tuple[Value, int]:
    if path[0] == "var":
        return VARIABLES.get(str(path[1]), Unknown("no such variable")), 2
    return (LB, 2) if path[:2] == ("aws_lb", "web") else (Unknown("nothing"), len(path))


def value(text: str) -> Value:
    read = {"a.txt": "text", "t.tpl": "hello ${who}"}.get
    return evaluate(parse(f"a = {text}\n", "t.tf").attributes["a"], Scope(resolve, read=read))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ('var.size > 2 ? "many" : "few"', "many"),
        ('"n-${var.size}"', "n-3"),
        ('[for n in var.names : upper(n) if n != "a"]', ("B",)),
        ("{ for k, v in var.tags : v => k }", {"1": "x", "2": "y"}),
        ('{ for o in var.objects : "all" => o.id... }', {"all": (1, 2)}),
        ("var.objects[*].id", (1, 2)),
        ("var.objects.*.id", (1, 2)),
        ("var.objects[1].id", 2),
        ('var.tags["y"]', 2),
        ("try(var.lost, 5)", 5),
        ("can(var.lost)", False),
        ("aws_lb.web.arn", Reference("aws_lb.web", "arn")),
        ("aws_lb.web.arn != null", True),
        ('"x/${aws_lb.web.name}"', Text(("x/", Reference("aws_lb.web", "name")))),
        ("[aws_lb.web.id, var.lost][0]", Reference("aws_lb.web", "id")),
        ("-var.size", -3),
        ("!false && true", True),
        ("7 % 4", 3),
        ('file("a.txt")', "text"),
        ('templatefile("t.tpl", { who = "you" })', "hello you"),
        ("max([1, 5, 2]...)", 5),
    ],
)
def test_values(text: str, expected: Value) -> None:
    # Terraform language documentation, expressions and functions.
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("var.lost + 1", "variable lost"),
        ("1 / 0", "division by zero"),
        ("var.names[9]", "item 9"),
        ("var.tags.z", "no attribute z"),
        ('file("/etc/passwd")', "not at hand"),
        ("frobnicate(1)", "frobnicate() is not computed"),
        ("aws_lb.web.arn == aws_lb.web.id", "only after apply"),
        ("[for x in var.lost : x]", "variable lost"),
        ("upper(var.lost)", "variable lost"),
        ('"a" + 1', "no number"),
    ],
)
def test_what_is_not_known_says_why(text: str, reason: str) -> None:
    found = value(text)
    assert isinstance(found, Unknown)
    assert reason in found.reason


def test_an_undecided_condition_takes_what_is_there() -> None:
    assert value("var.lost ? aws_lb.web.arn : null") == Reference("aws_lb.web", "arn")
    assert value("var.lost ? [] : var.names") == ("a", "b")


def test_work_is_bounded() -> None:
    wide = "[for a in range(1000) : [for b in range(1000) : b]]"
    assert isinstance(value(f"length(flatten({wide}))"), Unknown | int)
