"""Every check finds what is wrong in its example, nothing where it is right, and answers nothing where it cannot."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advise.checks.looking import EXAMPLES, asked, example, stack_of, view_of
from tonnage.advise.checks import SEVERITIES, checks, run, told
from tonnage.workload import Resource, Stack, Unknown

NAMES = list(checks())
BEST_PRACTICE = re.compile(r"PERF0[1-5]-BP0[1-7]")
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "banana", "-1", "1e9", "true", "t3.medium", "arn:aws:x:y:z", Unknown("nobody knows")]),
    lambda inner: st.lists(inner, max_size=2).map(tuple) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name: str) -> None:
    check = checks()[name]
    assert check.severity in SEVERITIES
    assert BEST_PRACTICE.fullmatch(check.best_practice)
    assert check.source
    assert not check.title.endswith(".")
    for sentence in (check.why, check.remedy):
        assert sentence.endswith(".")
        assert sentence[0].isupper()


@pytest.mark.parametrize("name", NAMES)
def test_it_finds_what_is_wrong(name: str, tmp_path: Path) -> None:
    given = example(name)
    found = asked(name, stack_of(given["wrong"], tmp_path, given.get("region", "us-east-1")))
    assert [hit.what for _, hit in found.hits] == given["says"]
    assert found.answer == "not met"
    for finding in told((found,)):
        assert finding.place is None or finding.place.line > 1
        assert not finding.what.endswith(".")
        assert finding.remedy.endswith((".", "?"))


@pytest.mark.parametrize("name", NAMES)
def test_it_finds_nothing_where_nothing_is_wrong(name: str, tmp_path: Path) -> None:
    found = asked(name, stack_of(example(name)["right"], tmp_path))
    assert [hit.what for _, hit in found.hits] == []
    assert found.answer == "met", dict(found.cannot_tell)


@pytest.mark.parametrize("name", [name for name in NAMES if "unknown" in example(name)])
def test_it_answers_nothing_where_it_cannot(name: str, tmp_path: Path) -> None:
    given = example(name)
    found = asked(name, stack_of(given["unknown"], tmp_path))
    assert found.answer == "cannot determine"
    assert list(found.cannot_tell.values()) == given["because"]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_property_brings_it_down(name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    stack = stack_of(example(name)["wrong"], tmp_path_factory.mktemp("stack"))
    resource = data.draw(st.sampled_from([each for each in stack.resources.values() if each.properties] or [None]))
    if resource is None:
        return
    property_name = data.draw(st.sampled_from(sorted(resource.properties)))
    assert asked(name, _with(stack, resource, property_name, data.draw(VALUES))).answer


def _with(stack: Stack, resource: Resource, name: str, value: Any) -> Stack:
    changed = replace(resource, properties={**resource.properties, name: value})
    return replace(stack, resources={**stack.resources, resource.name: changed})


def test_there_is_no_example_without_its_check() -> None:
    assert {file.stem.replace("_", "-") for file in EXAMPLES.glob("*.yaml")} == set(NAMES)


def test_the_worst_comes_first_and_parameters_can_be_overridden(tmp_path: Path) -> None:
    found = run(view_of(stack_of(example("fargate-invalid-size")["wrong"], tmp_path)))
    order = [SEVERITIES.index(finding.severity) for finding in told(found)]  # type: ignore[arg-type]
    assert order == sorted(order)
    assert {each.check.id: each.answer for each in found}["ebs-iops-out-of-range"] == "not applicable"
