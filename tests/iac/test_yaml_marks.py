import textwrap
from pathlib import Path

import pytest
from yaml.nodes import ScalarNode

from tonnage.iac.yaml_marks import item, pairs, parse, read_text, replaced, replaced_files, scalar
from tonnage.workload import Place, TemplateError


def value_of(text):
    node = parse(f"k: {text}\n", "t.yaml").root.value[0][1]
    assert isinstance(node, ScalarNode)
    return scalar(node)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("1_000", 1000),
        ("0x10", 16),
        ("0.5", 0.5),
        ("yes", True),
        ("Off", False),
        ("true", True),
        ("~", None),
        ("", None),
        ("'5'", "5"),
        ("2010-09-09", "2010-09-09"),
        ("22:22", "22:22"),
        ("1:30.5", "1:30.5"),
        ("0123", "0123"),
        ("012345678901", "012345678901"),
        (".nan", ".nan"),
        ("=", "="),
        ("1e3", "1e3"),
    ],
)
def test_scalars_read_as_cloudformation_reads_them(text, value):
    read = value_of(text)
    assert read == value
    assert type(read) is type(value)


def test_marks_count_from_one():
    document = parse("A: 1\nB:\n  C: x\n", "t.yaml")
    node = item(item(document.root, "B"), "C")
    assert document.place(node) == Place(file="t.yaml", line=3, column=6)


def test_merge_keys_give_way_to_own_keys_and_earlier_merges():
    document = parse("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  a: 0\n", "t.yaml")
    merged = {key.value: value.value for key, value in pairs(item(document.root, "z"))}
    assert merged == {"a": "0", "b": "1", "c": "2"}


def test_json_with_tabs_outside_braces_and_escaped_surrogates_keeps_its_marks():
    text = '\t{\n\t"A": "\\ud83d\\ude00",\n\t"B": 1\n}\n\t'
    document = parse(text, "t.json")
    node = item(document.root, "B")
    assert text[node.start_mark.index : node.end_mark.index] == "1"
    assert document.place(node).line == 3


def test_a_byte_order_mark_is_kept_aside():
    document = parse("\ufeffA: 1\n", "t.yaml")
    assert (document.bom, document.text) == ("\ufeff", "A: 1\n")
    assert document.root.value[0][0].value == "A"


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("a: 1\n b: 2\n", "mapping values are not allowed", 2),
        ('{"a": [1, 2}\n', "flow sequence", 1),
        ("a: 1\nb: 2\na: 3\n", "The key a is written twice, first in line 1", 3),
        ("a:\n  ? [x]\n  : 1\n", "A key is not a plain name", 2),
        ("a: 1\nb: \x00\n", "control characters", 2),
        ("- a\n- b\n", "not a mapping", 1),
        ("just text\n", "not a mapping", 1),
        ("a: *nowhere\n", "undefined alias", 1),
        ("a: 1\n---\nb: 2\n", "single document", 2),
    ],
)
def test_bad_text_is_one_sentence_with_its_line(text, what, line):
    with pytest.raises(TemplateError, match=what) as caught:
        parse(text, "t.yaml")
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.line) == ("t.yaml", line)
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "   \n", "# only a comment\n", "\ufeff"])
def test_an_empty_file_says_so(text):
    with pytest.raises(TemplateError, match=r"t\.yaml is empty"):
        parse(text, "t.yaml")


def test_nesting_without_end_is_refused():
    with pytest.raises(TemplateError):
        parse("a: " + "[" * 50_000, "t.yaml")


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(TemplateError, match="There is no file"):
        read_text(tmp_path / "none.yaml")
    with pytest.raises(TemplateError, match="is a folder"):
        read_text(tmp_path)
    odd = tmp_path / "latin.yaml"
    odd.write_bytes("A: 1\nB: Größe\n".encode("latin-1"))
    with pytest.raises(TemplateError, match="not UTF-8") as caught:
        read_text(odd)
    assert caught.value.place.line == 2


def test_text_keeps_its_line_ends(tmp_path):
    file = tmp_path / "t.yaml"
    file.write_bytes(b"A: 1\r\nB: 2")
    assert read_text(file) == "A: 1\r\nB: 2"


def test_block_text_is_plain(tmp_path):
    text = textwrap.dedent("""\
        A: |
          one
          two
        """)
    assert parse(text, "t").root.value[0][1].value == "one\ntwo\n"


def test_a_file_may_be_read_as_if_it_had_another_text(tmp_path: Path) -> None:
    there, missing = tmp_path / "a.yaml", tmp_path / "b.yaml"
    there.write_text("old")
    with replaced({str(there): "new", str(missing): "made"}):
        assert (read_text(there), read_text(missing)) == ("new", "made")
        assert set(replaced_files()) == {there.resolve(), missing.resolve()}
    assert read_text(there) == "old"
    assert replaced_files() == ()
