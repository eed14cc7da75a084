"""What every refusal must be: one line for a person, saying what is wrong, where, and what to do."""

import re
from collections.abc import Callable

import pytest

from tonnage.workload import InputError


def refusal(of: type[InputError], function: Callable[[], object], *, remedy: bool = True) -> InputError:
    """The error that a function raises, after checking that it is one clear sentence."""
    with pytest.raises(InputError) as caught:
        function()
    error = caught.value
    assert type(error) is of, f"{type(error).__name__}: {error}"
    assert "\n" not in str(error)
    assert not re.search(r"[.?!] +[A-Z]", error.what), f"more than one sentence: {error.what}"
    assert "Traceback" not in str(error)
    assert "object at 0x" not in str(error)
    if remedy:
        assert error.remedy, f"says not what to do: {error}"
    if error.place is not None:
        assert str(error).startswith(f"{error.place}: ")
    return error
