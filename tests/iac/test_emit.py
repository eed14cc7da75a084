import json
from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tonnage.iac.emit import Style, block, flow_text, inline, item_lines, spelled, style_of
from tonnage.iac.yaml_marks import parse
from tonnage.workload import Reference, TemplateError, Text, Unknown

YAML = Style(json=False, step=2, dash=2, quote="'", newline="\n", multiline=True)
JSON = Style(json=True, step=1, dash=2, quote='"', newline="\n", multiline=True)

scalars = st.one_of(st.booleans(), st.integers(-(10**9), 10**9), st.text(max_size=20))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple), st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def listed(value):
    if isinstance(value, tuple):
        return [listed(entry) for entry in value]
    return {key: listed(inner) for key, inner in value.items()} if isinstance(value, dict) else value


@given(values)
def test_block_style_reads_back(value):
    text = "\n".join(block("Key", value, 4, YAML)) + "\n"
    try:
        parse(text, "t")
    except TemplateError:
        # What no YAML may hold (control characters) is escaped, so the text must parse all the same.
        raise AssertionError(text) from None
    assert yaml.safe_load(text) == {"Key": listed(value)}


@given(values)
def test_flow_style_reads_back(value):
    assert yaml.safe_load(f"k: {inline(value, YAML, flow=True)}") == {"k": listed(value)}


@given(values)
def test_json_reads_back(value):
    assert json.loads(flow_text(value, 3, JSON)) == listed(value)
    assert json.loads(flow_text(value, 3, replace(JSON, multiline=False))) == listed(value)


@pytest.mark.parametrize(
    "text", ["yes", "12", "0123", "2010-09-09", "22:22", "a: b", "a #b", "*x", "!Ref", "~", "", " a", "1e3", "-"]
)
def test_text_that_yaml_would_misread_is_quoted(text):
    assert yaml.safe_load(f"k: {spelled(text, YAML)}") == {"k": text}


def test_plain_text_stays_plain():
    assert spelled("db.m7g.large", YAML) == "db.m7g.large"
    assert spelled("a, b", YAML) == "a, b"
    assert spelled("a, b", YAML, flow=True) == "'a, b'"


@pytest.mark.parametrize(
    ("old", "new", "written"),
    [
        ("5", 6, "6"),
        ("5", "6", "6"),
        ("'5'", 6, "'6'"),
        ('"5"', 6, '"6"'),
        ("'x'", "it's", "'it''s'"),
        ('"x"', 'say "x"', '"say \\"x\\""'),
        ("t3.small", "m7g.large", "m7g.large"),
        ("true", False, "false"),
        ("1", 0.25, "0.25"),
    ],
)
def test_a_replaced_scalar_keeps_its_quotes(old, new, written):
    node = parse(f"k: {old}", "t").root.value[0][1]
    assert spelled(new, YAML, like=node) == written


def test_references_are_written_as_each_format_does():
    assert inline(Reference("Queue"), YAML) == "!Ref Queue"
    assert inline(Reference("Queue", "Arn"), YAML) == "!GetAtt Queue.Arn"
    assert inline(Text(("a-", Reference("Q", "Arn"), "-${x}")), YAML) == "!Sub 'a-${Q.Arn}-${!x}'"
    assert inline((Reference("Q"),), JSON) == '[{"Ref": "Q"}]'
    assert inline(Reference("Q", "Arn"), JSON) == '{"Fn::GetAtt": ["Q", "Arn"]}'


def test_what_is_not_known_cannot_be_written():
    for style in (YAML, JSON):
        with pytest.raises(TemplateError, match="cannot be written"):
            inline({"a": Unknown("imported")}, style)


def test_items_of_mappings_are_aligned():
    assert item_lines({"Key": "a", "Value": {"B": 1}}, 2, YAML) == ["  - Key: a", "    Value:", "      B: 1"]


def test_the_style_of_a_file_is_seen():
    text = 'Resources:\r\n    A:\r\n        T:\r\n        - "x"\r\n        - "y"\r\n'
    assert style_of(parse(text, "t")) == Style(json=False, step=4, dash=0, quote='"', newline="\r\n", multiline=True)
    assert style_of(parse('{\n "Resources": {\n  "A": 1}}', "t")).step == 1
    assert not style_of(parse('{"Resources": {"A": 1}}', "t")).multiline
