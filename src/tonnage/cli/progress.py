"""Progress on standard error: one line that changes on a terminal, one line per stage elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@contextmanager
def progress(*, quiet: bool) -> "Iterator[Callable[[str], None]]":
    """A function that shows what is being done, while the block runs."""
    if quiet:
        yield lambda _: None
    elif not sys.stderr.isatty():
        yield lambda text: print(f"tonnage: {text}", file=sys.stderr, flush=True)  # noqa: T201
    else:
        from rich.console import Console

        console = Console(stderr=True)
        with console.status("starting") as status:
            yield lambda text: status.update(text)
