"""Small pictures: one for every kind that is modelled."""

import pytest

from tonnage.report.html.glyphs import category, glyph
from tonnage.services import rooms


@pytest.mark.parametrize("kind", list(rooms()))
def test_every_modelled_kind_has_a_category_of_its_own(kind: str) -> None:
    assert category(kind) != "resource"
    assert 'class="glyph"' in str(glyph(category(kind), 0.0, 0.0))


def test_anything_else_is_a_resource() -> None:
    assert category("AWS::KinesisFirehose::DeliveryStream") == "resource"


def test_a_picture_stands_where_it_is_put_in_the_size_asked_for() -> None:
    drawn = str(glyph("resource", 10.5, 20.0, size=48.0))
    assert "translate(10.5 20)" in drawn
    assert "scale(2.000)" in drawn
