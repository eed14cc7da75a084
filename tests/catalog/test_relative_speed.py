import pytest

from tonnage.catalog import load_catalog, relative_speed
from tonnage.catalog.relative_speed import generation_of
from tonnage.workload import CatalogError

HERE = load_catalog()


def test_the_reference_is_one_thread_of_m5() -> None:
    assert relative_speed("m5").value == 1.0
    assert HERE.instance_type("m5.large").relative_speed.value == 1.0


@pytest.mark.parametrize(
    "order",
    [
        ("m4", "m5", "m6i", "m7i", "m8i"),
        ("m5a", "c5a", "m6a", "m7a", "m8a"),
        ("a1", "m6g", "m7g", "m8g", "m9g"),
        ("t2", "t3", "m5", "z1d"),
    ],
)
def test_later_generations_are_faster(order: tuple[str, ...]) -> None:
    values = [relative_speed(family).value for family in order]
    assert values == sorted(set(values))


@pytest.mark.parametrize(
    ("new", "old", "stated"),
    # Statements of AWS at the launch of the newer family, which went into no figure of the table.
    [("m7a", "m6a", 1.5), ("m8a", "m7a", 1.3), ("m8i", "m7i", 1.2), ("m6g", "m5", 1.12)],
)
def test_ratios_agree_with_what_aws_states(new: str, old: str, stated: float) -> None:
    ratio = relative_speed(new).value / relative_speed(old).value
    assert ratio == pytest.approx(stated, rel=0.15)


@pytest.mark.parametrize("family", sorted({each.family for each in HERE.instance_types()}))
def test_every_speed_is_an_assumption_with_a_range_and_a_rule(family: str) -> None:
    speed = relative_speed(family)
    assert speed.evidence == "assumed"
    assert 0 < speed.low < speed.value < speed.high < 4
    assert speed.source.startswith("estimated: ")
    assert "work per clock" in speed.source


def test_classes_and_nodes_have_the_speed_of_their_ec2_family() -> None:
    assert HERE.db_class("db.m7g.large").relative_speed == relative_speed("m7g")
    assert HERE.cache_node("cache.r7g.large").relative_speed == relative_speed("r7g")


@pytest.mark.parametrize(
    ("family", "generation"), [("m7g", 7), ("t3a", 3), ("u-6tb1", 1), ("u7i-12tb", 7), ("x2iedn", 2), ("trn1n", 1)]
)
def test_generations_of_families(family: str, generation: int) -> None:
    assert generation_of(family) == generation


def test_an_unknown_family_is_an_error() -> None:
    with pytest.raises(CatalogError):
        relative_speed("m99")
