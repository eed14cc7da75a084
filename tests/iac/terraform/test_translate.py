from tonnage.iac.terraform.instance import Instance
from tonnage.iac.terraform.translate import pascal, translate
from tonnage.workload import Place, Reference, Resource, Value

PLACE = Place(file="main.tf", line=1)


def of(*instances: tuple[str, dict[str, Value]]) -> dict[str, Resource]:
    made = [
        Instance(address=address, kind=address.split(".")[0], values=values, place=PLACE)
        for address, values in instances
    ]
    return dict(translate(made).resources)


def test_names_are_spelled_in_pascal_case_unless_the_table_says_otherwise() -> None:
    assert pascal("health_check_grace_period") == "HealthCheckGracePeriod"
    found = of(("aws_db_instance.d", {"instance_class": "db.t3.micro", "multi_az": True, "port": 3306, "iops": None}))
    assert found["aws_db_instance.d"].properties == {"DBInstanceClass": "db.t3.micro", "MultiAZ": True, "Port": 3306}


def test_what_cloudformation_writes_inside_another_resource_joins_it() -> None:
    role, policy = Reference("aws_iam_role.r", "name"), Reference("aws_iam_policy.p", "arn")
    found = of(
        ("aws_iam_role.r", {}),
        ("aws_iam_policy.p", {"policy": '{"Statement": []}'}),
        ("aws_iam_role_policy_attachment.a", {"role": role, "policy_arn": policy}),
        ("aws_lb_target_group.g", {}),
        (
            "aws_lb_target_group_attachment.a",
            {"target_group_arn": Reference("aws_lb_target_group.g"), "target_id": "i-1"},
        ),
    )
    assert found["aws_iam_role.r"].get("ManagedPolicyArns") == (Reference("aws_iam_policy.p", "Arn"),)
    assert found["aws_lb_target_group.g"].get("Targets") == ({"Id": "i-1"},)
    assert "aws_lb_target_group_attachment.a" not in found


def test_types_without_a_table_keep_a_name_that_says_what_they_are_for() -> None:
    found = of(("aws_cloudwatch_log_group.l", {}), ("aws_quantum_thing.q", {}), ("random_pet.p", {}))
    assert {name: each.kind for name, each in found.items()} == {
        "aws_cloudwatch_log_group.l": "AWS::Logs::CloudwatchLogGroup",
        "aws_quantum_thing.q": "aws_quantum_thing",
    }


def test_a_key_with_a_slash_is_a_name_without() -> None:
    found = of(('aws_sqs_queue.q["a/b:c"]', {}))
    assert list(found) == ['aws_sqs_queue.q["a-b-c"]']
