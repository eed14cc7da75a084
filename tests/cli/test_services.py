"""``tonnage services``: what is modelled, and what is assumed."""

import json
from pathlib import Path

from command_line import run
from tonnage.services import rooms


def test_every_kind_is_listed_once() -> None:
    result = run("services")
    assert result.code == 0
    assert [line.split()[0] for line in result.out.splitlines()] == list(rooms())


def test_a_part_of_a_name_shows_settings_and_assumptions_with_their_sources() -> None:
    out = run("services", "lambda").out
    assert out.startswith("AWS::Lambda::Function  Lambda function")
    assert "setting MemorySize (default 128)" in out
    room = rooms()["AWS::Lambda::Function"]
    for item in (*room.CHARACTERISTICS, *room.DEMANDS):
        assert f"  {item.name} = " in out
        assert f"[{item.quantity.source}]" in out


def test_json_names_everything_too() -> None:
    found = json.loads(run("services", "--json").out)
    assert [item["kind"] for item in found] == list(rooms())
    table = json.loads(run("services", "DynamoDB", "--json").out)[0]
    assert {"name", "quantity", "meaning"} <= table["demands"][0].keys()
    assert {"value", "unit", "low", "high", "source"} <= table["demands"][0]["quantity"].keys()


def test_what_is_not_modelled_is_refused() -> None:
    result = run("services", "Firehose")
    assert (result.code, result.out) == (2, "")
    assert "'Firehose'" in result.err


def test_the_reference_in_docs_is_what_the_rooms_say(tmp_path: Path) -> None:
    assert run("services", "--markdown", str(tmp_path)).code == 0
    docs = Path(__file__).parents[2] / "docs/reference/services"
    written = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert written == {file.name: file.read_text() for file in docs.iterdir()}, (
        "run: tonnage services --markdown docs/reference/services"
    )


def test_the_reference_needs_a_folder(tmp_path: Path) -> None:
    result = run("services", "--markdown", str(tmp_path / "absent"))
    assert (result.code, result.out) == (2, "")
    assert "is not a folder" in result.err
