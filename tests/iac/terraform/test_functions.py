import pytest

from tonnage.iac.terraform.functions import FUNCTIONS, as_value, unknown_in
from tonnage.workload import Reference, Unknown, Value


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("merge", ({"a": 1}, {"b": 2}, {"a": 3}), {"a": 3, "b": 2}),
        ("concat", (("a",), ("b", "c")), ("a", "b", "c")),
        ("flatten", ((("a",), ("b", ("c",))),), ("a", "b", "c")),
        ("toset", (("b", "a", "b"),), ("a", "b")),
        ("lookup", ({"a": 1}, "b", 7), 7),
        ("element", (("a", "b"), 3), "b"),
        ("coalesce", ("", None, "x"), "x"),
        ("format", ("%s-%03d", "a", 7), "a-007"),
        ("join", (",", ("a", "b")), "a,b"),
        ("split", (",", "a,b"), ("a", "b")),
        ("replace", ("a-b", "-", "_"), "a_b"),
        ("zipmap", (("a", "b"), (1, 2)), {"a": 1, "b": 2}),
        ("range", (1, 4), (1, 2, 3)),
        ("ceil", (1.2,), 2),
        ("min", (3, 1, 2), 1),
        ("keys", ({"b": 1, "a": 2},), ("a", "b")),
        ("values", ({"b": 1, "a": 2},), (2, 1)),
        ("compact", (("a", "", None),), ("a",)),
        ("contains", (("a",), "a"), True),
        ("jsondecode", ('{"a": [1]}',), {"a": (1,)}),
        ("base64encode", ("hi",), "aGk="),
        ("one", (("a",),), "a"),
        ("slice", (("a", "b", "c"), 1, 3), ("b", "c")),
        ("tonumber", ("12",), 12),
    ],
)
def test_functions_do_what_the_documentation_says(name: str, arguments: tuple[Value, ...], expected: Value) -> None:
    # Terraform language documentation, functions.
    assert FUNCTIONS[name](*arguments) == expected


def test_json_keeps_its_references() -> None:
    policy = {"Resource": Reference("aws_sqs_queue.jobs", "arn")}
    assert FUNCTIONS["jsonencode"](policy) == policy


def test_unknown_items_are_found() -> None:
    assert unknown_in((1, ("a", Unknown("why")))) == Unknown("why")
    assert unknown_in((1, ("a",))) is None
    assert as_value({"a": [None, 1.5]}) == {"a": (None, 1.5)}
