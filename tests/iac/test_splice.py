import pytest
import yaml

from tonnage.iac.emit import style_of
from tonnage.iac.splice import (
    Splice,
    append_flow_pair,
    append_item,
    end_of,
    insert_pair,
    remove_item,
    remove_pair,
    replace_scalar,
    replace_value,
)
from tonnage.iac.yaml_marks import item, parse


def edited(text, make):
    document = parse(text, "t")
    splice = make(document.text, item(document.root, "M"), style_of(document))
    return splice.apply(text)


def inserted(text, value=9, **how):
    return edited(text, lambda whole, node, style: insert_pair(whole, node, "New", value, style, **how))


def test_a_splice_changes_only_its_span():
    assert Splice(1, 2, "X").apply("abc") == "aXc"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("M:\n  A: 1\nZ: 1\n", "M:\n  A: 1\n  New: 9\nZ: 1\n"),
        ("M:\n  A: 1 # why\n\nZ: 1\n", "M:\n  A: 1 # why\n  New: 9\n\nZ: 1\n"),
        ("M:\n  A: 1\n  # B: 2\n# Z\nZ: 1\n", "M:\n  A: 1\n  # B: 2\n  New: 9\n# Z\nZ: 1\n"),
        ("M:\n  A: |\n    x\n\nZ: 1\n", "M:\n  A: |\n    x\n  New: 9\n\nZ: 1\n"),
        (
            "M:\n  A:\n  - x\n  - y: [1,\n        2]\nZ: 1\n",
            "M:\n  A:\n  - x\n  - y: [1,\n        2]\n  New: 9\nZ: 1\n",
        ),
        ("M:\r\n  A: 1\r\nZ: 1\r\n", "M:\r\n  A: 1\r\n  New: 9\r\nZ: 1\r\n"),
        ("M:\n  A: 1\n  B: 2", "M:\n  A: 1\n  New: 9\n  B: 2"),
        ("M:\n  A:\nZ: 1\n", "M:\n  A:\n  New: 9\nZ: 1\n"),
        ("X: &x 1\nM:\n  A: *x\nZ: 1\n", "X: &x 1\nM:\n  A: *x\n  New: 9\nZ: 1\n"),
        ("M: {A: 1}\n", "M: {A: 1, New: 9}\n"),
        ("M: { A: 1, }\n", "M: { New: 9, A: 1, }\n"),
        ("M: {}\n", "M: {New: 9}\n"),
        (
            '{\n  "M": {\n    "A": 1,\n    "B": 2\n  }\n}\n',
            '{\n  "M": {\n    "A": 1,\n    "New": 9,\n    "B": 2\n  }\n}\n',
        ),
        ('{"M": {"A": 1}}', '{"M": {"A": 1, "New": 9}}'),
        ('{\n "M": {}\n}', '{\n "M": {\n  "New": 9\n }\n}'),
    ],
)
def test_a_new_key_touches_no_other_line(before, after):
    result = inserted(before)
    assert result == after
    assert yaml.safe_load(result)["M"]["New"] == 9


def test_a_collection_is_inserted_in_the_style_of_the_file():
    text = "M:\n    A:\n    - x\n    - y\n"
    assert inserted(text, {"B": ("z",), "C": {}}) == text + "    New:\n        B:\n        - z\n        C: {}\n"
    assert inserted('{\n "M": {\n  "A": 1\n }\n}\n', {"B": (1,)}) == (
        '{\n "M": {\n  "New": {\n   "B": [\n    1\n   ]\n  },\n  "A": 1\n }\n}\n'
    )


def test_behind_a_key_and_after_a_gap():
    assert inserted("M:\n  A: 1\n  B: 2\n", behind="A") == "M:\n  A: 1\n  New: 9\n  B: 2\n"
    assert inserted("M:\n  A: 1\n", gap=True) == "M:\n  A: 1\n\n  New: 9\n"
    assert inserted("M:\n  A: 1", gap=True) == "M:\n  A: 1\n\n  New: 9"


def test_the_last_pair_of_json():
    result = edited(
        '{\n "M": {\n  "A": 1\n }\n}\n', lambda whole, node, style: append_flow_pair(whole, node, "New", 9, style)
    )
    assert result == '{\n "M": {\n  "A": 1,\n  "New": 9\n }\n}\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("M: [a, b]\n", "M: [a, b, c]\n"),
        ("M: []\n", "M: [c]\n"),
        ("M: ['a']\n", "M: ['a', 'c']\n"),
        ("M:\n- a\n- b # b\nZ: 1\n", "M:\n- a\n- b # b\n- c\nZ: 1\n"),
        ("M:\n  - 'a'\n", "M:\n  - 'a'\n  - 'c'\n"),
        ("M:\n  - a", "M:\n  - a\n  - c"),
        ('{\n "M": [\n  "a"\n ]\n}\n', '{\n "M": [\n  "a",\n  "c"\n ]\n}\n'),
        ('{"M": ["a"]}', '{"M": ["a", "c"]}'),
    ],
)
def test_a_new_item_looks_like_the_one_before(before, after):
    assert edited(before, lambda whole, node, style: append_item(whole, node, "c", style)) == after


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ("M:\n  A: 1\n  B: |\n    x\n\n  C: 3\n", "B", "M:\n  A: 1\n\n  C: 3\n"),
        ("M:\n  A: 1\n", "A", "M:\n  {}\n"),
        ("M: {A: 1, B: 2, C: 3}\n", "B", "M: {A: 1, C: 3}\n"),
        ("M: {A: 1, B: 2}\n", "A", "M: {B: 2}\n"),
        ("M: {A: 1}\n", "A", "M: {}\n"),
        ('{\n "M": {\n  "A": 1,\n  "B": 2\n }\n}', "B", '{\n "M": {\n  "A": 1\n }\n}'),
        ('{\n "M": {\n  "A": 1,\n  "B": 2\n }\n}', "A", '{\n "M": {\n  "B": 2\n }\n}'),
    ],
)
def test_a_key_leaves_without_a_trace(before, name, after):
    assert edited(before, lambda whole, node, _: remove_pair(whole, node, name)) == after


def test_the_last_item_leaves():
    assert edited("M:\n  - a\n  - b: 1\n    c: 2\nZ: 1\n", lambda t, n, _: remove_item(t, n, 1)) == "M:\n  - a\nZ: 1\n"
    assert edited("M: [a, b]\n", lambda t, n, _: remove_item(t, n, 1)) == "M: [a]\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("M: 1 # why\n", "M: 2 # why\n"),
        ("M:   'x'\n", "M:   '2'\n"),
        ("M: !!str 5\n", "M: !!str 2\n"),
        ("M:\nZ: 1\n", "M: 2\nZ: 1\n"),
        ("M: a long\n  plain text\nZ: 1\n", "M: 2\nZ: 1\n"),
        ("M: |\n  x\n\nZ: 1\n", "M: 2\n\nZ: 1\n"),
        ('{"M":1}', '{"M":2}'),
    ],
)
def test_a_scalar_is_replaced_in_place(before, after):
    assert edited(before, lambda t, n, s: replace_scalar(t, n, 2, s, flow=False)) == after


def test_a_value_of_any_shape_is_replaced():
    def replaced(text, value, flow=False):
        document = parse(text, "t")
        key, node = document.root.value[0]
        return replace_value(text, key, node, value, style_of(document), flow=flow).apply(text)

    assert replaced("M: !Ref X # c\nZ: 1\n", 5) == "M: 5 # c\nZ: 1\n"
    assert replaced("M: 5\nZ: 1\n", {"A": 1}) == "M:\n  A: 1\nZ: 1\n"
    assert replaced("M:\n  A: 1\n\nZ: 1\n", ()) == "M: []\n\nZ: 1\n"
    assert replaced('{"M": {"Ref": "X"}}', 5, flow=True) == '{"M": 5}'


def test_the_end_of_a_value_leaves_out_what_follows():
    text = "M:\n  A:\n    - x\n    # comment\n\nZ: 1\n"
    assert text[: end_of(text, item(parse(text, "t").root, "M"), 0)].endswith("- x")
