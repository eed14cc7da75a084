"""The reference pages of services."""

from tonnage.report.service_reference import page, pages
from tonnage.services import rooms


def test_a_page_has_every_setting_and_assumption_with_its_source() -> None:
    for room in rooms().values():
        text = page(room)
        assert text.startswith(f"# {room.TITLE}\n")
        for setting in room.SETTINGS:
            assert f"| `{setting.name}` |" in text
            assert setting.source in text
        for item in (*room.CHARACTERISTICS, *room.DEMANDS):
            assert f"| `{item.name}` |" in text
            assert item.quantity.source in text


def test_the_index_leads_to_every_page() -> None:
    found = pages(list(rooms().values()))
    assert len(found) == len(rooms()) + 1
    for name in found:
        assert name == "README.md" or f"({name})" in found["README.md"]


def test_tables_survive_what_stands_in_them() -> None:
    for text in pages(list(rooms().values())).values():
        rows = [line for line in text.splitlines() if line.startswith("|")]
        assert all(row.endswith((" |", "---|")) for row in rows)
