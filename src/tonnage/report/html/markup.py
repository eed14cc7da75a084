"""HTML and SVG by construction: whatever is not markup already is escaped; nothing of a user's file becomes markup."""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child: TypeAlias = "str | Markup | Iterable[Child] | None"
Attribute: TypeAlias = "str | float | bool | None"

_VOID = frozenset({"meta", "br", "hr"})


def element(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """An element.

    Args:
        name: Its tag.
        children: Text is escaped, markup is taken as it is, None is left out, an iterable gives its items.
        attributes: ``class_`` is ``class``, ``stroke_width`` is ``stroke-width``; True is an attribute without value,
            None and False are left out; numbers are written with two decimals at most.
    """
    words = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        spelled = key.rstrip("_").replace("_", "-")
        words.append(spelled if value is True else f'{spelled}="{_attribute(value)}"')
    opening = f"<{' '.join(words)}>"
    return Markup(opening if name in _VOID else f"{opening}{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Markup:
    """Children one after the other."""
    return Markup("".join(_flat(children)))


def _flat(children: Iterable[Child]) -> Iterable[str]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, Markup):
            yield child
        elif isinstance(child, str):
            yield escape(child, quote=False)
        else:
            yield from _flat(child)


def _attribute(value: str | float) -> str:
    if isinstance(value, str):
        return escape(value, quote=True)
    return number(value)


def number(value: float) -> str:
    """A coordinate with two decimals at most."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
