from tonnage.workload import Place


def test_a_place_reads_as_editors_open_it():
    assert str(Place(file="web.yaml", line=88)) == "web.yaml:88"
    assert str(Place(file="web.yaml", line=88, column=5)) == "web.yaml:88:5"


def test_places_are_values():
    assert Place(file="a", line=1) == Place(file="a", line=1, column=1)
    assert len({Place(file="a", line=1), Place(file="a", line=1), Place(file="a", line=2)}) == 2
