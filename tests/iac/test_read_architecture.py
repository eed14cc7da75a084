import pytest

from iac.wirings import short, stack_of
from shared_data import shared
from tonnage.iac.read_architecture import entries, read_architecture, understand


def real(name):
    return read_architecture(shared(f"iac/{name}"))


def all_templates():
    root = shared("iac")
    return [file for folder in ("cloudformation", "cdk_synth", "sam") for file in sorted((root / folder).iterdir())]


def test_every_resource_of_every_real_template_is_accounted_for_exactly_once():
    for file in all_templates():
        architecture = read_architecture(file)
        resources = architecture.stack.resources
        left_out = [each.name for each in architecture.not_modelled]
        mains = [name for name in architecture.components if name in resources]
        assert sorted([*mains, *architecture.parts, *left_out]) == sorted(resources), file.name
        assert all(each.reason and each.place is not None for each in architecture.not_modelled), file.name
        assert set(architecture.parts.values()) <= set(architecture.components), file.name


def test_edges_of_every_real_template_hold_together():
    for file in all_templates():
        architecture = read_architecture(file)
        pairs = [(edge.caller, edge.callee) for edge in architecture.edges]
        assert len(set(pairs)) == len(pairs), file.name
        assert all(caller != callee for caller, callee in pairs), file.name
        assert {name for pair in pairs for name in pair} <= set(architecture.components), file.name
        assert all(edge.place is not None and edge.evidence for edge in architecture.edges), file.name
        assert architecture.edges == read_architecture(file).edges


def test_a_load_balancer_before_a_group():
    architecture = real("cloudformation/asg_multi_az_alb_step_scaling.yaml")
    assert short(architecture.edges) == [("ElasticLoadBalancer", "WebServerGroup", "stated")]
    assert entries(architecture) == ("ElasticLoadBalancer",)
    assert architecture.parts["CPUAlarmHigh"] == "WebServerGroup"


def test_a_classic_load_balancer_before_a_group_with_a_file_system():
    architecture = real("cloudformation/efs_asg_clb.yaml")
    assert short(architecture.edges) == [
        ("AutoScalingGroup", "EFSFileSystem", "stated"),
        ("ElasticLoadBalancer", "AutoScalingGroup", "stated"),
    ]
    assert not any(each.matters for each in architecture.not_modelled)


def test_a_site_with_an_api_two_functions_and_a_table():
    architecture = real("cloudformation/webapp_apigw_lambda_dynamodb_cloudfront.yaml")
    assert short(architecture.edges) == [
        ("SiteDistribution", "SiteContentBucket", "stated"),
        ("TestResourceHandler", "TestTable", "stated"),
        ("RestApi", "TestResourceHandler", "stated"),
        ("RestApi", "JwtResourceHandler", "stated"),
    ]
    assert entries(architecture) == ("SiteDistribution", "RestApi")
    assert {each.name for each in architecture.not_modelled if each.matters} == {
        "SiteWebACL",
        "CognitoUserPool",
        "RestApiAuthorizer",
    }


def test_a_synthesised_api_with_an_authorizer_and_a_deployment_helper():
    architecture = real("cdk_synth/cloudfront_apigateway_lambda.template.json")
    behind, before = architecture.edges
    assert behind.callee == "testcloudfrontapigatewaylambdaLambdaFunction17A55E65"
    assert before.callee == behind.caller
    assert entries(architecture) == (before.caller,)
    reasons = {each.name: each.reason for each in architecture.not_modelled}
    assert "custom resource" in reasons["CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F"]
    assert "AuthFunction9B127993 before a request" in reasons["cftaplamnoargumentsauthorizerD7B341B1"]


def test_a_synthesised_stack_whose_table_is_elsewhere():
    architecture = real("cdk_synth/restaurant_manager_stack.template.json")
    assert [edge.callee.partition("Lambda")[0] for edge in architecture.edges if "api" in edge.caller] == [
        "getallorders",
        "closeoutservice",
        "getreport",
    ]
    assert any("calls to imported value SharedStack" in note for note in architecture.notes)
    pairs = [
        (edge.caller.partition("StateMachine")[0], edge.callee.partition("Lambda")[0]) for edge in architecture.edges
    ]
    assert [callee for caller, callee in pairs if caller == "closeoutservice"] == [
        "createreport",
        "calculatetips",
        "archiveorders",
    ]


def test_a_sam_function_between_its_api_and_its_table():
    architecture = real("sam/cloudfront_apigw_rest_api_lambda_dynamodb_sam.yaml")
    assert short(architecture.edges) == [
        ("API", "SubmitFunction", "stated"),
        ("SubmitFunction", "DynamoDBTable", "stated"),
        ("CloudFront", "API", "stated"),
        ("CloudFront", "S3Bucket", "stated"),
    ]
    assert entries(architecture) == ("CloudFront",)
    assert "also DynamoDBWritePolicy of SubmitFunction" in architecture.edges[1].evidence


def test_word_press_on_aurora_behind_a_distribution():
    architecture = real("cloudformation/wordpress_ha_aurora_cloudfront_efs.yaml")
    assert short(architecture.edges) == [
        ("LoadBalancer", "AutoScalingGroup", "stated"),
        ("AutoScalingGroup", "DatabaseCluster", "stated"),
        ("AutoScalingGroup", "EFSFileSystem", "stated"),
        ("CloudFrontDistribution", "LoadBalancer", "stated"),
    ]
    assert entries(architecture) == ("CloudFrontDistribution",)
    assert architecture.parts["DatabaseA"] == architecture.parts["DatabaseB"] == "DatabaseCluster"
    assert not any(each.matters for each in architecture.not_modelled)


def test_the_api_that_sam_makes_is_a_component_that_nothing_patches():
    architecture = understand(
        stack_of("""
  Handler:
    Type: AWS::Serverless::Function
    Properties: {Handler: a.b, Runtime: python3.12, CodeUri: ., Events: {Any: {Type: Api}}}
""")
    )
    assert short(architecture.edges) == [("ServerlessRestApi", "Handler", "stated")]
    assert entries(architecture) == ("ServerlessRestApi",)
    assert not architecture.components["ServerlessRestApi"].origins
    assert any("ServerlessRestApi is the API that SAM makes" in note for note in architecture.notes)


FUNCTION = "{Type: AWS::Lambda::Function, Properties: {Handler: a.b, Runtime: python3.12, Role: r, Code: {ZipFile: x}}}"


@pytest.mark.parametrize(("also", "modelled"), [("", False), ("[{Id: a, Arn: !GetAtt Handler.Arn}]", True)])
def test_a_function_that_only_serves_custom_resources_is_left_out(also, modelled):
    rule = f"\n  Nightly: {{Type: AWS::Events::Rule, Properties: {{Targets: {also}}}}}" if also else ""
    architecture = understand(
        stack_of(f"""
  Handler: {FUNCTION}
  Custom: {{Type: Custom::Thing, Properties: {{ServiceToken: !GetAtt Handler.Arn}}}}{rule}
""")
    )
    assert ("Handler" in architecture.components) is modelled
    assert not any(each.name == "Handler" and each.matters for each in architecture.not_modelled)
