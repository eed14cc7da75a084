import re
from dataclasses import replace

import pytest

from report.reviews import a_component_outcome, a_review, a_workload
from tonnage.report.html.architecture_picture import architecture_picture, fill_share, focus, levels_text, shortened
from tonnage.report.html.glyphs import category
from tonnage.services import rooms
from tonnage.workload import NotModelled


def test_it_shows_the_load_that_misses_first():
    review = a_review()
    assert focus(review) is review.loads[1]
    assert focus(replace(review, loads=review.loads[:1])) is review.loads[0]


def test_the_component_that_gives_way_is_marked_and_only_that():
    text = architecture_picture(a_review())
    assert text.count("gives way first") == 1
    first = re.search(r'<g class="node first">(.*?)</g>', text, re.DOTALL)[1]
    assert "Database" in first


def test_lines_show_how_sure_they_are():
    text = architecture_picture(a_review())
    for certainty in ("stated", "inferred", "guessed"):
        assert f'class="wire {certainty}"' in text
        assert f"</svg> {certainty}</span>" in text
    assert "the only database of the stack" in text


def test_what_matters_but_is_not_modelled_is_a_ghost():
    text = architecture_picture(a_review())
    assert re.search(r'<g class="node ghost"><title>Cdn: not modelled yet', text)
    assert "Assets" not in text
    many = tuple(NotModelled(name=f"Q{k}", kind="AWS::SQS::Queue", reason="r", matters=True) for k in range(11))
    assert "and 3 more" in architecture_picture(a_review(workload=a_workload(not_modelled=many)))


def test_fill_is_the_share_of_servers_or_else_of_concurrency():
    assert fill_share(None) is None
    assert fill_share(a_component_outcome()) is None
    assert fill_share(a_component_outcome(utilization_peak=1.0000000004)) == 1.0
    assert fill_share(a_component_outcome(concurrency_peak=10.0, concurrency_limit=40.0)) == 0.25


def test_levels_name_the_limit_they_ran_against():
    seen = a_component_outcome(concurrency_peak=341.0, concurrency_limit=341.0)
    assert levels_text(seen, {"max_connections": 341.0})[0] == "341 of 341 connections"
    assert levels_text(seen, {"instances": 341.0})[0] == "341 of 341 in use"


def test_long_names_are_cut_and_whole_in_the_hover_text():
    assert shortened("x" * 30, 10) == "x" * 9 + "…"
    assert shortened("short", 10) == "short"


@pytest.mark.parametrize("kind", sorted(rooms()))
def test_every_kind_that_is_modelled_has_a_picture_of_its_category(kind):
    assert category(kind) != "resource"
