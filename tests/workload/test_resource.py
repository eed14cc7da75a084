from tonnage.workload import Place, Reference, Resource, Stack, Text, Unknown, known, references

QUEUE = Reference(resource="Queue", attribute="Arn")
RESOURCE = Resource(
    name="Worker",
    kind="AWS::Lambda::Function",
    properties={"MemorySize": 512, "Layers": ("a", "b"), "Environment": {"Variables": {"QUEUE": QUEUE}}},
    place=Place(file="t.yaml", line=3),
    places={("Environment",): Place(file="t.yaml", line=7), ("Layers", 1): Place(file="t.yaml", line=12)},
)


def test_a_value_is_found_by_its_path():
    assert RESOURCE.get("MemorySize") == 512
    assert RESOURCE.get("Layers", 1) == "b"
    assert RESOURCE.get("Layers", -1) == "b"
    assert RESOURCE.get("Environment", "Variables", "QUEUE") == QUEUE
    assert RESOURCE.get() == RESOURCE.properties


def test_a_path_that_leads_nowhere_is_none():
    for path in (("Timeout",), ("Layers", 2), ("Layers", -3), ("Layers", "0"), ("MemorySize", "x"), ("Environment", 0)):
        assert RESOURCE.get(*path) is None


def test_the_place_is_the_nearest_one_known():
    assert RESOURCE.place_of("Environment", "Variables", "QUEUE").line == 7
    assert RESOURCE.place_of("Layers", 1).line == 12
    assert RESOURCE.place_of("Layers", 0).line == 3
    assert RESOURCE.place_of().line == 3


def test_a_stack_lists_kinds_in_the_order_of_the_file():
    other = Resource(name="Table", kind="AWS::DynamoDB::Table", properties={}, place=RESOURCE.place)
    stack = Stack(file="t.yaml", resources={"Table": other, "Worker": RESOURCE}, region="us-east-1")
    assert list(stack.of_kind("AWS::Lambda::Function", "AWS::DynamoDB::Table")) == [other, RESOURCE]
    assert list(stack.of_kind("AWS::SQS::Queue")) == []


def test_references_are_found_at_any_depth_in_order():
    table = Reference(resource="Table")
    value = {"a": (Text(parts=("arn:", table, Unknown(reason="why"))), 5), "b": {"c": QUEUE}}
    assert list(references(value)) == [table, QUEUE]
    assert list(references("Table")) == []


def test_only_plain_scalars_are_known():
    assert all(known(value) for value in (None, True, 3, 2.5, "text"))
    assert not any(known(value) for value in (QUEUE, Unknown(reason=""), Text(parts=("a",)), ("a",), {"a": 1}))
