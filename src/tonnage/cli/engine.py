"""Starting the engine: the first run compiles it, and says so."""

from collections.abc import Callable


def start_engine(say: Callable[[str], None]) -> None:
    """Import the engine; announce the compilation where nothing is compiled yet."""
    from tonnage.engine.compiled import cached

    if not cached():
        say("compiling the engine, once: 10 to 15 s")
        compile_kernels()


def compile_kernels() -> None:
    """Compile every kernel by running a tiny model."""
    from tonnage.engine.model import build
    from tonnage.engine.primitives import Cache, Fleet, Primitive, constant
    from tonnage.engine.program import Lookup, Program, Visit, Work
    from tonnage.engine.run import Run
    from tonnage.engine.start import Measure

    visit = Visit(component="warm-up", enter=(Work("warm-up/cpu", constant(0.001)), Lookup("warm-up/cache")))
    primitives: dict[str, Primitive] = {"warm-up/cpu": Fleet(servers=1), "warm-up/cache": Cache(objects=2, capacity=1)}
    model = build(primitives, [Program(route="warm-up", share=1.0, entry=visit)])
    run = Run(model, [1.0], 1.0, Measure(start_s=0.0, end_s=1.0, window_s=1.0), seed=1)
    run.advance(1.0)
    run.set_speed("warm-up/cpu", 0, 2.0)
