"""Starting the engine: compilation is announced where there is none yet."""

import gc

import pytest

from tonnage.cli import engine


@pytest.mark.parametrize("compiled", [False, True])
def test_a_compilation_is_announced(monkeypatch: pytest.MonkeyPatch, compiled: bool) -> None:
    said: list[str] = []
    monkeypatch.setattr("tonnage.engine.compiled.cached", lambda: compiled)
    monkeypatch.setattr(engine, "compile_engine", lambda: said.append("compiled"))
    engine.start_engine(said.append)
    assert (said == []) == compiled
    if not compiled:
        assert "once" in said[0]
        assert said[-1] == "compiled"


def test_the_tiny_model_runs_in_both_fidelities() -> None:
    engine.compile_kernels()
    engine.compile_fluid()


@pytest.mark.parametrize(("kept", "ends"), [(True, 0), (True, 1), (False, 0)])
def test_the_fluid_kernels_are_compiled_beside_or_here(monkeypatch: pytest.MonkeyPatch, kept: bool, ends: int) -> None:
    done: list[str] = []

    class Beside:
        def __init__(self, command: list[str], **_: object) -> None:
            assert "compile_fluid()" in command[-1]
            done.append("beside")

        def wait(self) -> int:
            return ends

    monkeypatch.setattr("tonnage.engine.compiled.is_kept", lambda: kept)
    monkeypatch.setattr("tonnage.cli.engine.subprocess.Popen", Beside)
    monkeypatch.setattr(engine, "compile_kernels", lambda: done.append("request level"))
    monkeypatch.setattr(engine, "compile_fluid", lambda: done.append("fluid"))
    engine.compile_engine()
    assert done == [*(["beside"] if kept else []), "request level", *(["fluid"] if ends or not kept else [])]
    assert gc.isenabled()
