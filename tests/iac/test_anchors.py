import pytest

from tonnage.iac.anchors import inside, refuse_anchor, refuse_shared
from tonnage.iac.edit import SetProperty
from tonnage.iac.yaml_marks import item, parse
from tonnage.workload import TemplateError

EDIT = SetProperty(resource="R", path=("P",), value=1)
DOCUMENT = parse("A: &a {X: 1}\nB: *a\nC: &c 5\nD: *c\nE: {X: 1}\nF: &f 6\n", "t.yaml")


def test_what_an_alias_repeats_is_refused():
    with pytest.raises(TemplateError, match=r"t\.yaml:1.*R P is shared .* YAML anchor"):
        refuse_shared(DOCUMENT, item(item(DOCUMENT.root, "A"), "X"), EDIT)
    refuse_shared(DOCUMENT, item(item(DOCUMENT.root, "E"), "X"), EDIT)


def test_an_anchored_scalar_is_refused_only_if_repeated():
    with pytest.raises(TemplateError, match="YAML anchor &c"):
        refuse_anchor(DOCUMENT, item(DOCUMENT.root, "C"), EDIT)
    refuse_anchor(DOCUMENT, item(DOCUMENT.root, "F"), EDIT)


def test_inside():
    assert inside(item(item(DOCUMENT.root, "E"), "X"), item(DOCUMENT.root, "E"))
    assert not inside(item(DOCUMENT.root, "C"), item(DOCUMENT.root, "E"))
