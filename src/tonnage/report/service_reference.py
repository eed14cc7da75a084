"""Reference pages of what is modelled: one page a service, written from its room, and their index."""

from collections.abc import Iterable, Mapping

from tonnage.services import Room
from tonnage.workload import Quantity


def pages(rooms: Iterable[Room]) -> Mapping[str, str]:
    """Markdown by file name: a page for every room, and ``README.md`` that lists them."""
    found = {f"{_file(room)}.md": page(room) for room in rooms}
    listed = sorted(rooms, key=lambda room: room.TITLE.lower())
    rows = [(f"[{room.TITLE}]({_file(room)}.md)", _kinds(room), _first_sentence(room)) for room in listed]
    index = (
        "# Services\n\nWritten by `tonnage services --markdown docs/reference/services` from the rooms in "
        "`src/tonnage/services`.\n\n" + _table(("service", "resource types", "what it is made of"), rows)
    )
    return {"README.md": index, **found}


def page(room: Room) -> str:
    """The page of one room."""
    parts = [f"# {room.TITLE}", _kinds(room), _text(room)]
    if room.SETTINGS:
        rows = [(f"`{s.name}`", _value(s.default), s.unit, s.meaning, s.source) for s in room.SETTINGS]
        parts += ["## Settings", "Read from the template; what is absent has AWS's default."]
        parts.append(_table(("setting", "default", "unit", "meaning", "source"), rows))
    for title, note, items in (
        ("Characteristics", "What no template states: under `components:` in tonnage.yaml.", room.CHARACTERISTICS),
        ("Demands", "What one visit asks: under the call in tonnage.yaml.", room.DEMANDS),
    ):
        if items:
            rows = [(f"`{item.name}`", *_quantity(item.quantity), item.meaning, item.quantity.source) for item in items]
            parts += [f"## {title}", note]
            parts.append(_table((title[:-1].lower(), "assumed", "range", "meaning", "because"), rows))
    spelled = ", ".join(f"`{value}` ({where})" for where, value in room.SPELLINGS.items())
    parts += ["## Elsewhere", f"The same resource: {spelled}."]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _file(room: Room) -> str:
    return str(room.__name__).rpartition(".")[2]  # type: ignore[attr-defined]


def _kinds(room: Room) -> str:
    return ", ".join(f"`{kind}`" for kind in (room.KIND, *room.ALSO))


def _text(room: Room) -> str:
    return (room.__doc__ or "").replace("``", "`").strip()


def _first_sentence(room: Room) -> str:
    return " ".join(_text(room).split("\n\n")[0].split())


def _value(value: object) -> str:
    return "unset" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _quantity(quantity: Quantity) -> tuple[str, str]:
    unit = "" if quantity.unit == "1" else f" {quantity.unit}"
    return f"{quantity.value:g}{unit}", f"{quantity.low:g} to {quantity.high:g}{unit}"


def _table(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
