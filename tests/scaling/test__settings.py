import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnage.scaling._face import Unsupported
from tonnage.scaling._settings import Settings
from tonnage.workload import Origin, Place, Reference, ScalingPolicy, Unknown, WorkloadError


def settings(**values):
    return Settings(ScalingPolicy(name="Up", mechanism="step", settings=values))


@given(st.integers(-(10**9), 10**9))
def test_a_number_may_be_a_string(number):
    assert settings(Cooldown=str(number)).number("Cooldown") == settings(Cooldown=number).whole("Cooldown") == number


@pytest.mark.parametrize("nonsense", ["soon", "", "nan", "inf", True, {"a": 1}, -1])
def test_nonsense_is_no_number(nonsense):
    with pytest.raises((WorkloadError, Unsupported), match="Cooldown"):
        settings(Cooldown=nonsense).number("Cooldown", least=0)


@pytest.mark.parametrize(("written", "read"), [(True, True), ("true", True), ("False", False), (None, False)])
def test_switches(written, read):
    assert settings(DisableScaleIn=written).switch("DisableScaleIn", default=False) is read


def test_a_switch_is_not_a_word():
    with pytest.raises(WorkloadError, match="DisableScaleIn"):
        settings(DisableScaleIn="maybe").switch("DisableScaleIn", default=False)


@pytest.mark.parametrize("value", [Unknown("parameter P has no default"), Reference("P")])
def test_what_is_not_known_is_not_nonsense(value):
    with pytest.raises(Unsupported, match="Cooldown is not known from the files"):
        settings(Cooldown=value).number("Cooldown")


def test_lists_of_mappings():
    assert [item.whole("A") for item in settings(Steps=({"A": "1"}, {"A": 2})).mappings("Steps")] == [1, 2]
    with pytest.raises(WorkloadError, match="list of mappings"):
        settings(Steps=(1,)).mappings("Steps")


def test_an_error_names_policy_place_and_remedy():
    place = Place(file="web.yaml", line=12)
    policy = ScalingPolicy(
        name="Up",
        mechanism="simple",
        settings={"Cooldown": "soon"},
        origins={"Cooldown": Origin(resource="Up", path=("Cooldown",), place=place)},
    )
    with pytest.raises(WorkloadError) as error:
        Settings(policy).number("Cooldown")
    assert str(error.value) == "web.yaml:12: Cooldown of scaling policy Up is 'soon'. Give Cooldown a number."
