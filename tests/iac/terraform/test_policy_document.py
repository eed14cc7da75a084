from tonnage.iac.terraform.policy_document import as_document, policy_document
from tonnage.workload import Reference, Text, Unknown

TABLE = Reference("aws_dynamodb_table.t", "arn")


def test_statements_become_a_document() -> None:
    found = policy_document({"statement": ({"actions": ("s3:*",), "resources": (TABLE,)}, {"effect": "Deny"})})
    assert found == {
        "Version": "2012-10-17",
        "Statement": (
            {"Effect": "Allow", "Action": ("s3:*",), "Resource": (TABLE,)},
            {"Effect": "Deny", "Action": (), "Resource": ()},
        ),
    }


def test_text_is_what_it_says_and_what_is_not_known_is_about_all_that_it_names() -> None:
    assert as_document('{"Statement": []}') == {"Statement": ()}
    assert as_document("no json") == Unknown("text that is not JSON")
    wanted = {"Statement": ({"Effect": "Allow", "Action": "*", "Resource": (TABLE,)},)}
    assert as_document(Text((TABLE, "x"))) == wanted
    assert as_document({"a": 1}) == {"a": 1}
