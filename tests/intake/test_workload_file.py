"""The workload file: its shape, its schema, and where each value stands."""

from textwrap import dedent

import msgspec
import pytest

from refusals import refusal
from tonnage.intake.workload_file import WorkloadFile, json_schema, parse_workload_file, read_workload_file
from tonnage.workload import InputError, WorkloadError


def parsed(text: str):
    return parse_workload_file(dedent(text), "shop.yaml")


def refused(text: str) -> InputError:
    return refusal(WorkloadError, lambda: parsed(text), remedy=False)


def test_only_the_architecture_must_be_named() -> None:
    content = parsed("architecture: template.yaml\n").content
    assert content.architecture == "template.yaml"
    assert (content.region, content.growth, content.traffic) == (None, 1.5, None)
    assert "architecture" in refused("name: shop\n").what


def test_every_value_has_its_place() -> None:
    located = parsed(
        """\
        architecture: template.yaml
        objectives:
          - p99 latency < 1 s
          - errors < 1 %
        routes:
          browse:
            call: Web
            then:
              - call: Cache
                on miss:
                  - call: Database
                    demands:
                      cpu: 3 ms
        """
    )
    assert located.place("objectives", 1).line == 4
    assert located.place("routes", "browse").line == 6
    assert located.place("routes", "browse", "then", 0, "on miss", 0, "demands", "cpu").line == 13
    # What is not written stands where its nearest parent does.
    assert located.place("routes", "browse", "share").line == 6
    assert located.place("growth").line == 1
    assert str(located.place("objectives", 0)) == "shop.yaml:3"
    below = located.content.routes["browse"].then[0]
    assert below.on_miss[0].call == "Database"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("architecture: t.yaml\nspeed: fast\n", 2, "speed"),
        ("architecture: t.yaml\nroutes:\n  a:\n    call: Web\n    speed: 1\n", 5, "speed"),
        ("architecture: t.yaml\nroutes:\n  a:\n    call: W\n    then:\n      - cal: X\n", 6, "cal"),
        ("architecture: t.yaml\ngrowth: [1]\n", 2, "growth"),
        ("architecture: 7\n", 1, "architecture"),
        ("architecture: t.yaml\nroutes:\n  a: Web\n", 3, "routes"),
        ("architecture: t.yaml\nname: 2024-01-01\n", 2, "name"),
        ("architecture: t.yaml\nroutes:\n  1: {call: Web}\n", 2, "routes"),
        ("architecture: t.yaml\nobjectives:\n  - errors < 1 %\n  - 3\n", 4, "objectives[1]"),
        ("architecture: t.yaml\ncomponents:\n  a: {x: 1}\n  b:\n    x: 1\n    y: [2]\n", 6, "components.b.y"),
    ],
)
def test_what_it_may_not_say_is_told_with_its_line(text: str, line: int, said: str) -> None:
    error = refused(text)
    assert error.place.line == line
    assert said in error.what
    assert error.remedy


def test_two_unknown_keys_of_one_name_are_told_apart() -> None:
    # The one inside the route is unknown; the component of the same name is not.
    error = refused("architecture: t.yaml\nroutes:\n  a:\n    call: W\n    speed: 1\ncomponents:\n  speed: {x: 1}\n")
    assert error.place.line == 5


def test_the_second_of_two_alike_is_told_apart_from_the_first() -> None:
    route = "    call: Web\n    then:\n      - call: Database\n        times: {}\n"
    error = refused(f"architecture: t.yaml\nroutes:\n  a:\n{route.format(2)}  b:\n{route.format('often')}")
    assert error.place.line == 12
    assert "at routes.b.then[0].times" in error.what


def test_broken_yaml_has_line_and_column() -> None:
    error = refused("architecture: t.yaml\nobjectives: [a,\n  b: c: d\n")
    assert (error.place.line, error.place.column > 1) == (3, True)
    assert "\n" not in error.what


@pytest.mark.parametrize(
    "text",
    ["architecture: t.yaml\narchitecture: u.yaml\n", "architecture: t.yaml\nroutes:\n  a: {call: W}\n  a: {call: X}\n"],
)
def test_a_key_twice_is_told_at_the_second(text: str) -> None:
    error = refused(text)
    assert "twice" in error.what
    assert error.place.line == len(text.splitlines())


@pytest.mark.parametrize("text", ["architecture: &a [*a]\n", "architecture: t.yaml\nroutes: &r {a: *r}\n"])
def test_an_anchor_that_refers_to_itself_is_refused(text: str) -> None:
    assert "nested too deeply" in refused(text).what


def test_anchors_and_merges_are_yaml_too() -> None:
    content = parsed(
        """\
        architecture: t.yaml
        routes:
          a: &a {call: Web, share: 0.5, then: [{call: Database}]}
          b: {<<: *a, call: Api}
        """
    ).content
    assert (content.routes["b"].call, content.routes["b"].share) == ("Api", 0.5)


def test_files_that_cannot_be_read(tmp_path) -> None:
    assert "no file" in refusal(WorkloadError, lambda: read_workload_file(str(tmp_path / "none.yaml"))).what
    (tmp_path / "latin.yaml").write_bytes("architecture: caf\xe9.yaml".encode("latin-1"))
    assert "UTF-8" in refusal(WorkloadError, lambda: read_workload_file(str(tmp_path / "latin.yaml"))).what
    (tmp_path / "bom.yaml").write_bytes(b"\xef\xbb\xbfarchitecture: t.yaml\n")
    assert read_workload_file(str(tmp_path / "bom.yaml")).content.architecture == "t.yaml"


def test_the_schema_names_every_key() -> None:
    schema = json_schema()
    assert schema["$schema"].startswith("https://json-schema.org/")
    top = schema["$defs"]["WorkloadFile"]
    assert set(top["properties"]) == set(WorkloadFile.__struct_fields__)
    assert top["required"] == ["architecture"]
    assert top["additionalProperties"] is False
    assert "on miss" in schema["$defs"]["CallEntry"]["properties"]
    assert msgspec.json.decode(msgspec.json.encode(schema)) == schema
