from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_data import shared
from tonnage.iac.terraform.syntax import Block, For, Literal, Object, Operation, Template, parse
from tonnage.workload import TemplateError


def attribute(text: str) -> object:
    return parse(f"a = {text}\n", "main.tf").attributes["a"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("2.5", 2.5),
        ("true", True),
        ("null", None),
        (r'"a\"b\n${"$"}{c}"'.replace('${"$"}', "$$"), 'a"b\n${c}'),
        ('"\\u00e9"', "é"),
        ("<<EOT\n  two\nlines\nEOT", "  two\nlines\n"),
        ("<<-EOT\n  two\n  lines\n  EOT", "two\nlines\n"),
    ],
)
def test_literals(text: str, value: object) -> None:
    # HCL Native Syntax Specification: literals, template literals, heredocs.
    found = attribute(text)
    assert isinstance(found, Literal)
    assert found.value == value


def test_a_literal_knows_its_characters() -> None:
    text = 'resource "aws_lb" "web" {\n  idle_timeout = 60 # seconds\n}\n'
    (block,) = parse(text, "main.tf").blocks
    found = block.attributes["idle_timeout"]
    assert text[found.span.start : found.span.end] == "60"
    assert (found.span.line, block.labels, block.place().line) == (2, ("aws_lb", "web"), 1)
    assert text[block.span.start : block.span.end] == text.strip()


def test_operators_bind_as_they_should() -> None:
    found = attribute("1 + 2 * 3 == 7 && !false ? 1 : 2")
    assert isinstance(found, Operation)
    assert found.operator == "?"
    condition = found.operands[0]
    assert isinstance(condition, Operation)
    assert condition.operator == "&&"


def test_a_line_ends_an_expression_but_not_inside_brackets() -> None:
    body = parse("a = 1\nb = (2\n  + 3)\nc = [\n 1,\n 2,\n]\nd = {\n x = 1\n y : 2\n}\n", "main.tf")
    assert list(body.attributes) == ["a", "b", "c", "d"]
    assert isinstance(body.attributes["d"], Object)
    assert len(body.attributes["d"].pairs) == 2


def test_loops_and_templates() -> None:
    assert isinstance(attribute('{ for k, v in var.x : k => v... if v != "" }'), For)
    assert isinstance(attribute("[for each in var.x : each.name]"), For)
    assert isinstance(attribute('"${var.a}-${~ var.b ~}"'), Template)
    for_is_a_name = attribute("{ for = 1 }")
    assert isinstance(for_is_a_name, Object)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a = ", "expected a value"),
        ("a = 1 2", "expected an attribute"),
        ('a = "x', "not closed"),
        ("resource {", "not closed"),
        ("a = [1, 2", "comma or"),
        ("a = <<EOT\nx\n", "not closed"),
        ('a = "\\q"', "no escape"),
        ("a = £", "no meaning"),
        ("a = " + "(" * 5000 + ")" * 5000, "too deep"),
    ],
)
def test_what_is_not_hcl_is_refused_with_its_line(text: str, what: str) -> None:
    with pytest.raises(TemplateError, match=what) as raised:
        parse(f"b = 1\n{text}", "main.tf")
    assert raised.value.place is not None or "too deeply" in raised.value.what


@given(st.text(alphabet='abc=.{}[]()"$<-\n 1,?:*!&|%\\#/'))
def test_no_text_ends_in_anything_but_a_refusal(text: str) -> None:
    with suppress(TemplateError):
        assert isinstance(parse(text, "main.tf"), Block)


def test_every_real_file_is_parsed() -> None:
    files = list(shared("iac/terraform").rglob("*.tf"))
    assert len(files) >= 30
    for file in files:
        parse(file.read_text(), str(file))
