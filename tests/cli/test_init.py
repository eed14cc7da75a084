"""``tonnage init``: a first workload file that reviews."""

from pathlib import Path

import pytest

from command_line import run
from workloads import an_api_source


@pytest.fixture
def template(tmp_path: Path) -> Path:
    an_api_source(tmp_path / "api")
    (tmp_path / "api" / "tonnage.yaml").unlink()
    return tmp_path / "api" / "template.yaml"


def test_it_writes_beside_the_template_and_the_result_reviews(template: Path) -> None:
    result = run("init", str(template))
    written = template.with_name("tonnage.yaml")
    assert result.code == 0
    assert str(written) in result.out.replace("\n", "")
    assert "architecture: template.yaml" in written.read_text()
    assert run("review", str(written), "--no-advise", "--window", "60", "--quiet").code in {0, 1}


def test_to_standard_output_nothing_is_written(template: Path) -> None:
    result = run("init", str(template), "-o", "-")
    assert result.code == 0
    assert result.out.startswith("# What Tonnage understood")
    assert [path.name for path in template.parent.iterdir()] == ["template.yaml"]
    assert run("init", str(template), "--output", "-").out == result.out


def test_elsewhere_it_names_the_way_to_the_template(template: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "shop.yaml"
    assert run("init", str(template), "--output", str(target)).code == 0
    assert "architecture: ../api/template.yaml" in target.read_text()
    assert run("review", str(target), "--no-advise", "--window", "60", "--quiet").code in {0, 1}


def test_it_never_overwrites(template: Path) -> None:
    own = template.with_name("tonnage.yaml")
    own.write_text("mine")
    result = run("init", str(template))
    assert result.code == 2
    assert "exists already" in result.err
    assert own.read_text() == "mine"


def test_a_broken_template_writes_nothing(template: Path) -> None:
    template.write_text("Resources: {\n")
    result = run("init", str(template))
    assert result.code == 2
    assert [path.name for path in template.parent.iterdir()] == ["template.yaml"]
