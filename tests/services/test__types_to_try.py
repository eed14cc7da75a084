from services.gathering import CATALOG
from tonnage.services._types_to_try import one_of_each_architecture


def test_the_first_of_each_architecture_the_present_one_first() -> None:
    types = [CATALOG.instance_type(name) for name in ("m7g.large", "m6g.large", "m7i.large", "m6i.large")]
    assert list(one_of_each_architecture(types, "x86_64")) == ["m7i.large", "m7g.large"]
    assert list(one_of_each_architecture(types, "arm64")) == ["m7g.large", "m7i.large"]
    assert list(one_of_each_architecture(types[:2], "x86_64")) == ["m7g.large"]
    assert list(one_of_each_architecture([], "x86_64")) == []
