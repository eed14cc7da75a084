"""Where compiled kernels are kept: a folder of their own for each version of the sources, or nowhere."""

import hashlib
from pathlib import Path

import pytest

from tonnage.engine import compiled


def test_the_folder_is_named_by_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    digest = hashlib.sha256()
    engine = Path(compiled.__file__).parent
    for source in sorted([*(engine / "kernels").glob("*.py"), *(engine / "fluid").glob("*.py")]):
        digest.update(source.read_bytes())
    folder = compiled._cache_folder()
    assert folder == tmp_path / "tonnage" / f"kernels-{digest.hexdigest()[:16]}"
    assert folder.is_dir()
    assert not list(folder.iterdir())


def test_a_home_that_cannot_be_written_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.write_text("a file, not a folder")
    open_ = tmp_path / "open"
    open_.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(closed))
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(open_))
    folder = compiled._cache_folder()
    assert folder is not None
    assert folder.is_relative_to(open_)
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(closed))
    assert compiled._cache_folder() is None


def test_kernels_count_as_cached_once_those_of_both_fidelities_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_folder", tmp_path)
    assert not compiled.cached()
    (tmp_path / "kernels_1").mkdir()
    (tmp_path / "kernels_1" / "advance.advance-1.py311.nbi").touch()
    assert not compiled.cached()
    (tmp_path / "kernels_1" / "counting.pass_time-1.py311.nbi").touch()
    assert compiled.cached()
    monkeypatch.setattr(compiled, "_folder", None)
    assert not compiled.cached()
