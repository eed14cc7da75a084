"""``tonnage services``: what is modelled, and what is assumed about it."""

from typing import Annotated

from cyclopts import Parameter


def command(
    kind: str | None = None, *, json: Annotated[bool, Parameter(negative="", help="Machine-readable output.")] = False
) -> int:
    """List what is modelled; with the name of a resource type, its settings, characteristics and demands.

    Args:
        kind: A resource type, or a part of its name.
        json: Machine-readable output.
    """
    import sys

    import msgspec
    from rich.console import Console

    from tonnage.services import Characteristic, Demand, Room, rooms
    from tonnage.workload import WorkloadError

    found = [room for name, room in rooms().items() if kind is None or kind.lower() in name.lower()]
    if not found:
        raise WorkloadError(f"Nothing modelled is called {kind!r}", remedy="'tonnage services' lists everything.")

    def described(room: Room) -> dict[str, object]:
        return {
            "kind": room.KIND,
            "also": list(room.ALSO),
            "title": room.TITLE,
            "settings": room.SETTINGS,
            "characteristics": room.CHARACTERISTICS,
            "demands": room.DEMANDS,
        }

    if json:
        encoded = msgspec.json.format(msgspec.json.encode([described(room) for room in found]), indent=2)
        sys.stdout.write(encoded.decode() + "\n")
        return 0
    console = Console(highlight=False, soft_wrap=True)
    for room in found:
        console.print(f"[bold]{room.KIND}[/]  {room.TITLE}")
        if kind is None:
            continue
        for setting in room.SETTINGS:
            console.print(f"  setting {setting.name} (default {setting.default}): {setting.meaning}", markup=False)
        assumed: tuple[Characteristic | Demand, ...] = (*room.CHARACTERISTICS, *room.DEMANDS)
        for item in assumed:
            q = item.quantity
            console.print(
                f"  {item.name} = {q.value:g} {q.unit} ({q.low:g} to {q.high:g}): {item.meaning} [{q.source}]",
                markup=False,
            )
    return 0
