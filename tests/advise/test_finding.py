"""A finding in a line, and where a policy is written."""

from tonnage.advise.finding import Finding, place_of
from tonnage.workload import Origin, Place, ScalingPolicy

HERE, THERE = Place(file="t.yaml", line=3), Place(file="t.yaml", line=9)
POLICY = ScalingPolicy(
    name="P",
    mechanism="step",
    settings={},
    origins={
        "A": Origin(resource="P", path=("A",)),
        "B": Origin(resource="P", path=("B",), place=HERE),
        "C": Origin(resource="P", path=("C",), place=THERE),
    },
)


def test_a_finding_is_told_with_its_place() -> None:
    assert Finding(component="Web", what="it is so", remedy="Do this.").text == "Web: it is so. Do this."
    assert Finding(component="Web", what="it is so", remedy="Do this.", place=HERE).text.startswith("t.yaml:3: Web:")


def test_the_place_of_a_policy_is_that_of_the_setting_or_of_any() -> None:
    assert place_of(POLICY, "C") == THERE
    assert place_of(POLICY) == HERE
    assert place_of(ScalingPolicy(name="P", mechanism="step", settings={})) is None
