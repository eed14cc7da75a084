import pytest

from services.gathering import CATALOG
from tonnage.services._burstable import credits_of, credits_of_class


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        # Amazon EC2 user guide: what is earned against what full load spends.
        ("t3.micro", 288 / (120 - 12)),
        ("t3.large", 864 / (120 - 36)),
    ],
)
def test_a_full_balance_lasts_as_long_as_documented(name: str, hours: float) -> None:
    rule = credits_of("Web/cpu", CATALOG.instance_type(name), "standard")
    assert rule is not None
    servers = CATALOG.instance_type(name).vcpus
    assert rule.capacity / (servers - rule.earn_per_s) / 3600.0 == pytest.approx(hours)
    # At the baseline an instance earns what it spends.
    assert rule.baseline * servers == pytest.approx(rule.earn_per_s)


def test_other_types_have_no_credits() -> None:
    assert credits_of("Web/cpu", CATALOG.instance_type("m5.large"), "") is None
    assert credits_of_class("Db/cpu", CATALOG.db_class("db.m5.large")) is None


def test_surplus_has_its_own_price() -> None:
    prices = {}
    for name in ("t3.micro", "t4g.micro"):
        rule = credits_of("Web/cpu", CATALOG.instance_type(name), "")
        assert rule is not None
        prices[name] = rule.surplus_usd_per_server_hour
    assert prices == {"t3.micro": 0.05, "t4g.micro": 0.04}
    database = credits_of_class("Db/cpu", CATALOG.db_class("db.t3.micro"))
    aurora = credits_of_class("Db/cpu", CATALOG.db_class("db.t3.medium"), surplus_usd_per_vcpu_h=0.09)
    assert database is not None
    assert aurora is not None
    assert (database.surplus_usd_per_server_hour, aurora.surplus_usd_per_server_hour) == (0.075, 0.09)
