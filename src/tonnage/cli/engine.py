"""Starting the engine: the first run compiles it, and says so."""

import gc
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tonnage.engine.model import Model


def start_engine(say: Callable[[str], None]) -> None:
    """Import the engine; announce the compilation where nothing is compiled yet."""
    from tonnage.engine.compiled import cached

    if not cached():
        say("compiling the engine, once: 10 to 20 s")
        compile_engine()


def compile_engine() -> None:
    """Compile all kernels: the fluid ones in a process of their own, where what it compiles is kept."""
    from tonnage.engine.compiled import is_kept

    # Compiling makes millions of small objects that all live on: looking for garbage among them costs a tenth.
    collecting = gc.isenabled()
    gc.disable()
    try:
        beside = None
        if is_kept():
            words = "import gc; gc.disable(); from tonnage.cli.engine import compile_fluid; compile_fluid()"
            beside = subprocess.Popen([sys.executable, "-c", words], stderr=subprocess.DEVNULL)
        compile_kernels()
        if beside is None or beside.wait() != 0:
            compile_fluid()
    finally:
        if collecting:
            gc.enable()


def compile_kernels() -> None:
    """Compile the kernels of the request-level engine by running a tiny model."""
    from tonnage.engine.run import Run
    from tonnage.engine.start import Measure

    run = Run(_tiny_model(), [1.0], 1.0, Measure(start_s=0.0, end_s=1.0, window_s=1.0), seed=1)
    run.advance(1.0)
    run.set_speed("warm-up/cpu", 0, 2.0)


def compile_fluid() -> None:
    """Compile the kernels of the fluid fidelity likewise."""
    from tonnage.engine.fluid.layout import lay_out
    from tonnage.engine.fluid.run import FluidRun

    FluidRun(lay_out(_tiny_model()), 1).advance(1.0, 1.0, window=0)


def _tiny_model() -> "Model":
    from tonnage.engine.model import build
    from tonnage.engine.primitives import Cache, Fleet, Primitive, constant
    from tonnage.engine.program import Lookup, Program, Visit, Work

    visit = Visit(component="warm-up", enter=(Work("warm-up/cpu", constant(0.001)), Lookup("warm-up/cache")))
    primitives: dict[str, Primitive] = {"warm-up/cpu": Fleet(servers=1), "warm-up/cache": Cache(objects=2, capacity=1)}
    return build(primitives, [Program(route="warm-up", share=1.0, entry=visit)])
