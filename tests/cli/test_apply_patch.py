"""The patch of a review, made in the files."""

import shutil
from pathlib import Path

import pytest

from command_line import run
from shared_data import ROOT
from tonnage.cli import review


def test_the_patch_of_a_review_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples" / "web-shop", tmp_path / "shop")
    monkeypatch.chdir(tmp_path)
    run("review", "shop", "-q", "--patch", "out.diff")
    template = Path("shop/template.yaml")
    before = template.read_text()
    tried = run("apply-patch", "out.diff", "--dry-run")
    assert (tried.code, tried.out) == (0, "shop/template.yaml: changed (not written)\n")
    assert template.read_text() == before
    made = run("apply-patch", "out.diff")
    assert (made.code, made.out, made.err) == (0, "shop/template.yaml: changed\n", "")
    assert template.read_text() != before
    again = run("apply-patch", "out.diff")
    assert again.code == 2
    assert "The patch was applied before." in again.err


def test_a_link_that_leads_outside_is_not_followed(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "t.yaml").write_text("a\n")
    (inside / "t.yaml").symlink_to(tmp_path / "t.yaml")
    (tmp_path / "p.diff").write_text("--- a/t.yaml\n+++ b/t.yaml\n@@ -1 +1 @@\n-a\n+b\n")
    refused = run("apply-patch", str(tmp_path / "p.diff"), "--into", str(inside))
    assert refused.code == 2
    assert "leads outside" in refused.err
    assert (tmp_path / "t.yaml").read_text() == "a\n"


def test_files_are_written_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").write_text("1")
    written = review.write_whole

    def fails(file: str, text: str) -> None:
        if file.endswith("three"):
            raise OSError("full")
        written(file, text)

    monkeypatch.setattr(review, "write_whole", fails)
    with pytest.raises(OSError, match="full"):
        review.write_together({str(tmp_path / name): name for name in ("one", "two", "three")})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"one": "1"}
