from iac.wirings import short, wiring_of
from tonnage.iac.edges.load_balancer_target import edges, forwards, targets

BALANCER = """
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Targets: {Type: AWS::ElasticLoadBalancingV2::TargetGroup}
  Canary: {Type: AWS::ElasticLoadBalancingV2::TargetGroup}
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      TargetGroupARNs: [!Ref Targets]
"""


def listener(action, kind="Listener", key="DefaultActions", of="LoadBalancerArn: !Ref Balancer"):
    return f"""
  {kind}:
    Type: AWS::ElasticLoadBalancingV2::{kind}
    Properties:
      {of}
      {key}:
        - {action}
"""


def test_a_listener_forwards_to_the_group_in_its_target_group():
    wiring = wiring_of(BALANCER + listener("{Type: forward, TargetGroupArn: !Ref Targets}"))
    [edge] = edges(wiring)
    assert short([edge]) == [("Balancer", "Web", "stated")]
    assert edge.evidence == "TargetGroupARNs of Web (t.yaml:9); Listener (t.yaml:16) forwards to Targets"
    assert edge.place.line == 9


def test_a_rule_on_a_listener_counts_too():
    rule = listener(
        "{Type: forward, TargetGroupArn: !Ref Targets}", "ListenerRule", "Actions", "ListenerArn: !Ref Listener"
    )
    fixed = listener("{Type: fixed-response, FixedResponseConfig: {StatusCode: 404}}")
    assert short(edges(wiring_of(BALANCER + fixed + rule))) == [("Balancer", "Web", "stated")]
    assert not [*edges(wiring_of(BALANCER + fixed))]


def test_weights_are_told_and_a_weight_of_zero_gets_nothing():
    def weighted(web, canary):
        groups = f"[{{TargetGroupArn: !Ref Targets, Weight: {web}}}, {{TargetGroupArn: !Ref Canary, Weight: {canary}}}]"
        return wiring_of(BALANCER + listener(f"{{Type: forward, ForwardConfig: {{TargetGroups: {groups}}}}}"))

    assert "weight 90" in next(edges(weighted(90, 10))).evidence
    assert not [*edges(weighted(0, 10))]
    assert [(group, weight) for _, group, weight, _ in forwards(weighted(0, '"10"'))] == [
        ("Targets", 0),
        ("Canary", 10),
    ]


def test_one_group_in_a_forward_config_gets_everything_whatever_its_weight():
    action = "{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Targets, Weight: 0}]}}"
    assert short(edges(wiring_of(BALANCER + listener(action)))) == [("Balancer", "Web", "stated")]


def test_a_function_as_target():
    wiring = wiring_of(
        """
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {TargetType: lambda, Targets: [{Id: !GetAtt Handler.Arn}]}
  Handler: {Type: AWS::Lambda::Function}
"""
        + listener("{Type: forward, TargetGroupArn: !Ref Targets}")
    )
    assert short(edges(wiring)) == [("Balancer", "Handler", "stated")]


def test_traffic_sources_register_like_target_group_arns():
    wiring = wiring_of(
        BALANCER.replace("TargetGroupARNs: [!Ref Targets]", "TrafficSources: [{Identifier: !Ref Targets, Type: elbv2}]")
    )
    assert [(component, how) for component, how, _ in targets(wiring)["Targets"]] == [("Web", "TrafficSources of Web")]


def test_a_classic_load_balancer_is_named_by_the_group():
    [edge] = edges(
        wiring_of("""
  Classic: {Type: AWS::ElasticLoadBalancing::LoadBalancer}
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      LoadBalancerNames: [!Ref Classic]
""")
    )
    assert short([edge]) == [("Classic", "Web", "stated")]
    assert edge.evidence == "LoadBalancerNames of Web (t.yaml:7)"


def test_a_service_registers_with_the_target_group():
    text = """
  Shop:
    Type: AWS::ECS::Service
    Properties:
      LoadBalancers: [{ContainerName: app, TargetGroupArn: !Ref Canary}]
"""
    wiring = wiring_of(BALANCER + text + listener("{Type: forward, TargetGroupArn: !Ref Canary}"))
    assert short(edges(wiring)) == [("Balancer", "Shop", "stated")]
