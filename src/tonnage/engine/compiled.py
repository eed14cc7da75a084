"""Compiling with Numba: where the compiled kernels are kept, and the one decorator that all kernels use.

Numba's own cache notices a change of the file a kernel stands in, but not of the files it calls: the folder is
therefore named by a hash of all kernel sources. Without a writable folder the kernels are compiled for this process
alone, never an error.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _cache_folder() -> Path | None:
    """A writable folder for compiled kernels, or None."""
    digest = hashlib.sha256()
    for source in sorted(path for room in ("kernels", "fluid") for path in (Path(__file__).parent / room).glob("*.py")):
        digest.update(source.read_bytes())
    name = f"kernels-{digest.hexdigest()[:16]}"
    home = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    for parent in (Path(home) / "tonnage", Path(tempfile.gettempdir()) / f"tonnage-{os.getuid()}"):
        folder = parent / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".writable-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError:
            continue
        return folder
    return None


_folder = _cache_folder() if "NUMBA_CACHE_DIR" not in os.environ else Path(os.environ["NUMBA_CACHE_DIR"])
if _folder is not None:
    os.environ["NUMBA_CACHE_DIR"] = str(_folder)

import numba  # noqa: E402 - Numba reads its cache folder when it is imported

_LAW = {"nogil": True, "error_model": "numpy", "_nrt": False}
"""Kernels allocate nothing, so Numba's reference counting is switched off: counted arrays in tuples made them 20 times
slower. Division follows IEEE 754: the check for zero alone costs a third of the event loop."""


def cached() -> bool:
    """Whether all compiled kernels lie in the cache, so that the next run starts warm."""
    outer = ("advance.advance*.nbi", "counting.pass_time*.nbi")
    return _folder is not None and all(any(_folder.rglob(name)) for name in outer)


def is_kept() -> bool:
    """Whether what is compiled is kept for other processes."""
    return _folder is not None


def kernel(function: _Function) -> _Function:
    """Compile an outer kernel, kept on disk, running without the interpreter lock."""
    jit: Any = numba.njit
    compiled: _Function = jit(cache=_folder is not None, no_cfunc_wrapper=True, **_LAW)(function)
    return compiled


def inlined(function: _Function) -> _Function:
    """Compile a piece of a kernel that is always inlined: passing many arrays to a call costs more than the piece.

    Only kernels can call it: an entrance from Python for every piece would double the time to compile.
    """
    jit: Any = numba.njit
    compiled: _Function = jit(forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, **_LAW)(function)
    return compiled


def called(function: _Function) -> _Function:
    """Compile a piece of a kernel that stays a function of its own: rare, or used in many places."""
    jit: Any = numba.njit
    compiled: _Function = jit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **_LAW)(function)
    return compiled
