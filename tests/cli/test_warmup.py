"""``tonnage warmup``: the engine, compiled now."""

from command_line import run
from tonnage.engine.compiled import cached


def test_afterwards_the_engine_is_compiled() -> None:
    result = run("warmup")
    assert result.code == 0
    assert "the engine is ready" in result.out
    assert cached()
