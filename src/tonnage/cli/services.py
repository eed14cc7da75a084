"""``tonnage services``: what is modelled, and what is assumed about it."""

from typing import Annotated

from cyclopts import Parameter


def command(
    kind: str | None = None,
    *,
    json: Annotated[bool, Parameter(negative="", help="Machine-readable output.")] = False,
    markdown: str | None = None,
) -> int:
    """List what is modelled; with the name of a resource type, its settings, characteristics and demands.

    Args:
        kind: A resource type, or a part of its name.
        json: Machine-readable output.
        markdown: Write a reference page for each into this folder.
    """
    import sys
    from pathlib import Path

    import msgspec
    from rich.console import Console

    from tonnage.services import Characteristic, Demand, Room, rooms
    from tonnage.workload import WorkloadError

    found = [room for name, room in rooms().items() if kind is None or kind.lower() in name.lower()]
    if not found:
        raise WorkloadError(f"Nothing modelled is called {kind!r}", remedy="'tonnage services' lists everything.")

    if markdown is not None:
        from tonnage.cli.review import write_whole
        from tonnage.report.service_reference import pages

        folder = Path(markdown)
        if not folder.is_dir():
            raise WorkloadError(f"{markdown} is not a folder", remedy="Create it first.")
        for name, text in pages(found).items():
            write_whole(str(folder / name), text)
        return 0

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
