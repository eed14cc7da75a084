import pytest

from tonnage.iac.edit import SetProperty, same, shown, title
from tonnage.workload import Reference, Text, Unknown


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ("30", 30, True),
        ("true", True, True),
        (0.5, "0.5", True),
        (1, True, False),
        ("a", "b", False),
        (None, "", False),
        (None, None, True),
        (("a", 1), ("a", "1"), True),
        (("a",), ("a", "b"), False),
        ({"A": "1"}, {"A": 1}, True),
        ({"A": 1}, {"B": 1}, False),
        (Reference("A"), Reference("A"), True),
        (Reference("A"), "A", False),
        ("A", Reference("A"), False),
        (Text(("a", Reference("A"))), Text(("a", Reference("A"))), True),
        (Unknown("x"), Unknown("x"), True),
        ("a", ("a",), False),
    ],
)
def test_same_as_cloudformation_takes_it(left, right, equal):
    assert same(left, right) is equal


def test_words_for_a_person():
    assert title(SetProperty(resource="Group", path=("Tags", 0, "Key"), value=1)) == "Group Tags.0.Key"
    assert shown(True) == "true"
    assert shown(Reference("A")) == "!Ref A"
