"""Starting the engine: compilation is announced where there is none yet."""

import pytest

from tonnage.cli import engine


@pytest.mark.parametrize("compiled", [False, True])
def test_a_compilation_is_announced(monkeypatch: pytest.MonkeyPatch, compiled: bool) -> None:
    said: list[str] = []
    monkeypatch.setattr("tonnage.engine.compiled.cached", lambda: compiled)
    monkeypatch.setattr(engine, "compile_kernels", lambda: said.append("compiled"))
    engine.start_engine(said.append)
    assert (said == []) == compiled
    if not compiled:
        assert "once" in said[0]
        assert said[-1] == "compiled"


def test_the_tiny_model_runs() -> None:
    engine.compile_kernels()
