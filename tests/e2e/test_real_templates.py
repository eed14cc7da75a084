"""Real templates of public repositories under real traffic: an answer, or one sentence that says why not."""

import json
import subprocess
from pathlib import Path

import pytest

from command_line import run
from shared_data import shared

pytestmark = pytest.mark.e2e

NASA = "traffic/nasa_http_1995_per_minute.csv.gz"
ELB = "metrics/nab/realAWSCloudwatch/elb_request_count_8c0756.csv"
LLM = "traffic/azure_llm_2023_code.csv.gz"
FUNCTIONS = "traffic/azure_functions_2019_three_functions_invocations_per_minute.csv"
QUICK = ("--no-advise", "--window", "60", "--quiet")


@pytest.mark.parametrize(
    ("template", "traffic", "growth", "carries"),
    [
        ("cloudformation/asg_multi_az_alb_step_scaling.yaml", ELB, 50, "WebServerGroup"),
        ("cloudformation/efs_asg_clb.yaml", ELB, 30, "AutoScalingGroup"),
        ("cloudformation/wordpress_ha_aurora_cloudfront_efs.yaml", NASA, 40, "AutoScalingGroup"),
        ("cloudformation/clb_asg_connection_draining.yaml", NASA, 20, "WebServerGroup"),
        ("cloudformation/webapp_apigw_lambda_dynamodb_cloudfront.yaml", LLM, 2, "TestResourceHandler"),
        ("sam/cloudfront_apigw_rest_api_lambda_dynamodb_sam.yaml", FUNCTIONS, 20, "SubmitFunction"),
        (
            "cdk_synth/cloudfront_apigateway_lambda.template.json",
            LLM,
            2,
            "testcloudfrontapigatewaylambdaLambdaFunction17A55E65",
        ),
        ("cloudformation/fargate_service_dedicated_alb.yaml", ELB, 5, "Service"),
        ("cloudformation/ecs_schedule_alb_asg.yaml", ELB, 5, "Service"),
        ("sam/apigw_vpclink_alb_ecs.yaml", ELB, 3, "ECSService"),
        ("sam/apigw_sqs_lambda_ddb.yaml", ELB, 20, "BufferingQueue"),
        ("cdk_synth/restaurant_manager_stack.template.json", NASA, 10, "getallordersLambdaFunctionFEF65B05"),
    ],
)
def test_an_answer(template: str, traffic: str, growth: int, carries: str) -> None:
    path, history = shared(f"iac/{template}"), shared(traffic)
    result = run("review", str(path), "--traffic", str(history), "--growth", str(growth), *QUICK, "--format", "json")
    assert result.code in {0, 1}, result.err
    assert result.err == ""
    answer = json.loads(result.out)
    text = json.dumps(answer)
    assert carries in text, "what carries the load is in the answer"
    assert history.name in text, "so is where the traffic comes from"
    assert "NaN" not in result.out
    assert "Infinity" not in result.out


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("cloudformation/eks_nodegroup.yaml", "AWS::EKS::Cluster"),
        ("cloudformation/elasticache_memcached.yaml", "no way for a request to enter"),
        ("cloudformation/dynamodb_autoscaling_alarms.yaml", "no way for a request to enter"),
        ("cloudformation/rds_aurora.yaml", "nothing that Tonnage models"),
        ("sam/apigw_kinesis_lambda_ddb.yaml", "behind RestApi nothing is modelled"),
    ],
)
def test_one_sentence_where_it_cannot(template: str, said: str) -> None:
    path = shared(f"iac/{template}")
    result = run("review", str(path), *QUICK)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"tonnage: {path}")
    assert result.err.count("\n") == 1
    assert said in result.err


def test_no_real_template_ends_in_a_traceback() -> None:
    # Every exception but a refusal escapes ``run`` and fails here.
    root = shared("iac")
    files = [*root.glob("cloudformation/*.yaml"), *root.glob("sam/*.yaml"), *root.glob("cdk_synth/*.json")]
    assert len(files) > 20
    for file in files:
        result = run("init", str(file), "--output", "-")
        assert result.code in {0, 2}, file
        assert (result.code == 2) == (result.out == "")


def test_the_best_patch_applies_and_then_the_load_holds(tmp_path: Path) -> None:
    # A single t2.micro cannot carry a burst that its group's policy answers too late.
    template, history = tmp_path / "efs_asg_clb.yaml", shared(ELB)
    template.write_bytes(shared("iac/cloudformation/efs_asg_clb.yaml").read_bytes())
    patch = tmp_path / "best.patch"
    load = ("--traffic", str(history), "--growth", "30", "--window", "60", "--quiet", "--format", "json")
    before = json.loads(run("review", str(template), *load, "--patch", str(patch)).out)
    subprocess.run(["git", "apply", patch.name], cwd=tmp_path, check=True, capture_output=True)
    after = json.loads(run("review", str(template), *load, "--no-advise").out)

    assert not before["loads"][1]["met"]
    assert after["loads"][1]["met"]
