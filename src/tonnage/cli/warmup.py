"""``tonnage warmup``: compile the engine now."""


def command() -> int:
    """Compile the engine now rather than at the first review; does nothing where it is compiled."""
    from time import perf_counter

    from rich import print as show

    from tonnage.cli.engine import compile_engine

    begun = perf_counter()
    compile_engine()
    show(f"the engine is ready ({perf_counter() - begun:.1f} s)")
    return 0
