import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_data import shared
from tonnage.iac.read_architecture import read_architecture
from tonnage.iac.terraform.plan import looks_like, read_plan
from tonnage.workload import TemplateError


def resource(address: str, **values: object) -> dict[str, object]:
    kind, _, name = address.rpartition("module.")[2].rpartition(".")[0].rpartition(".")[2], "", address
    return {"address": name, "mode": "managed", "type": kind or address.split(".")[0], "values": values}


def refers(*names: str) -> dict[str, object]:
    return {"references": list(names)}


PLAN = {
    "format_version": "1.2",
    "terraform_version": "1.7.0",
    "planned_values": {
        "root_module": {
            "resources": [
                resource(
                    "aws_lambda_function.f", memory_size=512, runtime="python3.12", reserved_concurrent_executions=-1
                ),
                resource("aws_dynamodb_table.t", billing_mode="PAY_PER_REQUEST", name=None),
                resource("aws_iam_role.r"),
                resource("aws_iam_role_policy.p"),
                resource("aws_lb.b", load_balancer_type="application"),
                resource("aws_lb_listener.l", default_action=[{"type": "forward", "target_group_arn": None}]),
                {**resource("aws_sqs_queue.q[0]"), "index": 0},
                {**resource("aws_sqs_queue.q[1]"), "index": 1},
            ],
            "child_modules": [
                {
                    "address": "module.m",
                    "resources": [
                        resource("module.m.aws_lb_target_group.g", target_type="lambda"),
                        resource("module.m.aws_lb_target_group_attachment.a"),
                    ],
                }
            ],
        }
    },
    "configuration": {
        "root_module": {
            "resources": [
                {
                    "address": "aws_lambda_function.f",
                    "expressions": {
                        "role": refers("aws_iam_role.r.arn", "aws_iam_role.r"),
                        "environment": [
                            {"variables": refers("aws_sqs_queue.q[1].url", "aws_sqs_queue.q[1]", "aws_sqs_queue.q")}
                        ],
                    },
                },
                {
                    "address": "aws_iam_role_policy.p",
                    "expressions": {
                        "role": refers("aws_iam_role.r.id", "aws_iam_role.r"),
                        "policy": refers("aws_dynamodb_table.t.arn", "aws_dynamodb_table.t"),
                    },
                },
                {
                    "address": "aws_lb_listener.l",
                    "expressions": {
                        "load_balancer_arn": refers("aws_lb.b.arn", "aws_lb.b"),
                        "default_action": [
                            {
                                "type": {"constant_value": "forward"},
                                "target_group_arn": refers("module.m.group", "module.m"),
                            }
                        ],
                    },
                },
            ],
            "module_calls": {
                "m": {
                    "expressions": {"function": refers("aws_lambda_function.f.arn", "aws_lambda_function.f")},
                    "module": {
                        "outputs": {
                            "group": {"expression": refers("aws_lb_target_group.g.arn", "aws_lb_target_group.g")}
                        },
                        "resources": [
                            {
                                "address": "aws_lb_target_group_attachment.a",
                                "expressions": {
                                    "target_group_arn": refers("aws_lb_target_group.g.arn", "aws_lb_target_group.g"),
                                    "target_id": refers("var.function"),
                                },
                            }
                        ],
                    },
                }
            },
        }
    },
}


def test_what_is_known_after_apply_comes_from_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(PLAN, indent=1))
    read = read_architecture(file)
    assert {(edge.caller, edge.callee) for edge in read.edges} == {
        ("aws_lb.b", "aws_lambda_function.f"),
        ("aws_lambda_function.f", "aws_dynamodb_table.t"),
        ("aws_lambda_function.f", "aws_sqs_queue.q[1]"),
    }
    function = read.components["aws_lambda_function.f"]
    assert function.settings["MemorySize"] == 512
    assert "ReservedConcurrentExecutions" not in function.settings
    assert function.place is not None
    assert "aws_lambda_function.f" in file.read_text().splitlines()[function.place.line - 1]


def test_a_state_links_resources_by_their_arns(tmp_path: Path) -> None:
    arn = "arn:aws:sqs:us-east-1:123456789012:jobs"
    state = {
        "version": 4,
        "terraform_version": "1.7.0",
        "lineage": "x",
        "resources": [
            {
                "mode": "managed",
                "type": "aws_sqs_queue",
                "name": "jobs",
                "instances": [{"attributes": {"arn": arn, "visibility_timeout_seconds": 60}}],
            },
            {
                "mode": "managed",
                "type": "aws_lambda_function",
                "name": "f",
                "module": "module.m",
                "instances": [
                    {"index_key": "a", "attributes": {"arn": "arn:aws:lambda:x:1:function:f", "runtime": "java21"}}
                ],
            },
            {
                "mode": "managed",
                "type": "aws_lambda_event_source_mapping",
                "name": "e",
                "instances": [
                    {"attributes": {"event_source_arn": arn, "function_name": "arn:aws:lambda:x:1:function:f"}}
                ],
            },
        ],
    }
    file = tmp_path / "terraform.tfstate"
    file.write_text(json.dumps(state))
    read = read_architecture(file)
    assert [(edge.caller, edge.callee) for edge in read.edges] == [
        ("aws_sqs_queue.jobs", 'module.m.aws_lambda_function.f["a"]')
    ]
    assert any("what is there" in note for note in read.notes)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format_version": "1.0"}', '{"planned_values": 3}'])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        read_plan(text, "plan.json")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resources",
                    "values",
                    "address",
                    "type",
                    "expressions",
                    "references",
                    "root_module",
                    "module_calls",
                    "child_modules",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(VALUES, VALUES)
def test_no_structure_ends_in_anything_but_a_refusal(planned: object, configuration: object) -> None:
    text = json.dumps({"format_version": "1", "planned_values": planned, "configuration": configuration})
    with suppress(TemplateError):
        read_plan(text, "plan.json")


def test_real_plans_have_the_resources_that_they_plan() -> None:
    expected = json.loads(shared("iac/expected_resources.json").read_text())
    for file in sorted(shared("iac/terraform_plan").glob("*.json")):
        text = file.read_text()
        assert looks_like(text)
        read = read_architecture(file)
        wanted = next((value for key, value in expected.items() if file.name in key), None)
        assert read.stack.resources, file
        assert wanted is not None
