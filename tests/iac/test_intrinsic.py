import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnage.iac.intrinsic import (
    assemble,
    intrinsic,
    join,
    length,
    literal,
    placeholders,
    select,
    split,
    to_json_string,
    zones,
)
from tonnage.iac.yaml_marks import parse
from tonnage.workload import Reference, Text, Unknown

LB = Reference("LB", "Arn")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("!Ref X", "Ref"),
        ("{Ref: X}", "Ref"),
        ("!GetAtt X.Arn", "Fn::GetAtt"),
        ("{'Fn::GetAtt': [X, Arn]}", "Fn::GetAtt"),
        ("!Condition X", "Condition"),
        ("{Condition: X}", None),
        ("{Ref: X, Other: Y}", None),
        ("{Ref: [X]}", None),
        ("{'Fn::ForEach::Loop': [a, [b], {}]}", None),
        ("plain", None),
        ("[a]", None),
    ],
)
def test_both_spellings_are_recognised(text, name):
    call = intrinsic(parse(f"k: {text}", "t").root.value[0][1])
    assert (call and call[0]) == name


def test_known_pieces_make_a_plain_string():
    assert assemble(["a", 1, True, 0.5, None], "-") == "a-1-true-0.5-"


def test_pieces_that_are_not_known_stay_in_order():
    assert assemble(["a", "b", LB, Text(("c", Unknown("u"))), "d"]) == Text(("ab", LB, "c", Unknown("u"), "d"))


def test_a_lone_reference_stays_itself():
    assert assemble(["", LB]) == LB


def test_a_list_inside_a_string_is_joined_by_commas():
    assert assemble([("a", "b"), "!"]) == "a,b!"


@given(st.lists(st.text(alphabet="abc", max_size=3), min_size=1, max_size=5))
def test_split_undoes_join(items):
    assert split("|", join("|", tuple(items))) == tuple(items)


def test_split_and_select_keep_the_wiring():
    assert select(1, split("/", LB)) == LB
    assert select(0, split("/", Text(("x/", LB)))) == Text(("x/", LB))


@pytest.mark.parametrize("index", [3, -1])
def test_select_beyond_the_list_is_unknown(index):
    assert isinstance(select(index, ("a", "b", "c")), Unknown)


def test_select_takes_an_index_in_quotes():
    assert select("1", ("a", "b")) == "b"
    assert isinstance(select("x", ("a", "b")), Unknown)


def test_placeholders():
    assert placeholders("a${X}b${!Y}${Z.Arn}") == [
        (False, "a"),
        (True, "X"),
        (False, "b"),
        (False, "${Y}"),
        (True, "Z.Arn"),
    ]


def test_dynamic_references_are_unknown():
    assert literal("{{resolve:ssm:/a}}") == Unknown("dynamic reference {{resolve:ssm:/a}}")
    assert literal("x{{resolve:ssm:/a}}y") == Text(("x", Unknown("dynamic reference {{resolve:ssm:/a}}"), "y"))


def test_zones_of_a_region():
    assert zones("", "eu-west-1") == ("eu-west-1a", "eu-west-1b", "eu-west-1c")
    assert zones("us-west-2", "eu-west-1") == ("us-west-2a", "us-west-2b", "us-west-2c")
    assert isinstance(zones(LB, "eu-west-1"), Unknown)


def test_language_extensions():
    assert length(("a", "b")) == 2
    assert isinstance(length(LB), Unknown)
    assert to_json_string({"a": (1, True)}) == '{"a":[1,true]}'
    assert isinstance(to_json_string({"a": LB}), Unknown)
