"""Answers of boto3 as values of a template."""

import datetime as dt

from tonnage.iac.account.found import picked, plain, tags_of


def test_answers_become_values() -> None:
    moment = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    assert plain({"A": [1, {"B": None}], "C": moment}) == {"A": (1, {"B": None}), "C": "2026-01-02 00:00:00+00:00"}


def test_what_is_empty_or_not_there_is_not_picked() -> None:
    answer = {"Name": "n", "Empty": "", "List": [], "Zero": 0, "old": 3}
    assert picked(answer, "Name", "Empty", "List", "Zero", "Gone", old="New") == {"Name": "n", "Zero": 0, "New": 3}


def test_tags_in_each_spelling() -> None:
    assert tags_of({"app": "shop"}) == {"app": "shop"}
    assert tags_of([{"Key": "app", "Value": "shop"}, {"key": "team", "value": "web"}]) == {"app": "shop", "team": "web"}
    assert tags_of(None) == {}
