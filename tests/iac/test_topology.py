from hypothesis import given, strategies

from iac.wirings import short, wiring_from, wiring_of
from shared_data import shared
from tonnage.iac import read_template
from tonnage.iac.architecture import Architecture
from tonnage.iac.topology import connect, entries

FRONT = """
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: {LoadBalancerArn: !Ref Balancer, DefaultActions: [{Type: forward, TargetGroupArn: !Ref Targets}]}
  Targets: {Type: AWS::ElasticLoadBalancingV2::TargetGroup}
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties: {TargetGroupARNs: [!Ref Targets], LaunchTemplate: {LaunchTemplateId: !Ref Launch}}
"""
DATABASE = """
  Database: {Type: AWS::RDS::DBInstance}
"""


def launch(user_data):
    return f"""
  Launch: {{Type: AWS::EC2::LaunchTemplate, Properties: {{LaunchTemplateData: {{UserData: !Sub "{user_data}"}}}}}}
"""


def architecture_of(text):
    return architecture_from(wiring_of(text))


def architecture_from(wiring):
    edges, notes = connect(wiring)
    return Architecture(stack=wiring.stack, components=wiring.components, edges=edges, not_modelled=(), notes=notes)


def test_edges_come_in_the_file_order_of_callers_whatever_their_evidence():
    text = launch("${Database.Endpoint.Address}") + "".join(FRONT.partition("  Web:")[1:]) + DATABASE
    text += FRONT.partition("  Web:")[0]
    assert short(architecture_of(text).edges) == [("Web", "Database", "stated"), ("Balancer", "Web", "stated")]


def test_the_strongest_evidence_counts_and_the_others_are_mentioned():
    statement = "{Effect: Allow, Action: 'dynamodb:*', Resource: !GetAtt Orders.Arn}"
    policy = f"{{PolicyDocument: {{Statement: [{statement}]}}}}"
    [edge] = architecture_of(f"""
  Role: {{Type: AWS::IAM::Role, Properties: {{Policies: [{policy}, {policy}]}}}}
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      Environment: {{Variables: {{A: !Ref Orders, B: !Ref Orders, C: !Ref Orders}}}}
  Orders: {{Type: AWS::DynamoDB::Table}}
""").edges
    assert edge.certainty == "stated"
    assert edge.evidence == (
        "environment variable A of Handler (t.yaml:8); also environment variable B of Handler (t.yaml:8), "
        "environment variable C of Handler (t.yaml:8) and 1 more"
    )


def test_a_circle_loses_its_last_call_and_a_note_says_so():
    architecture = architecture_of(FRONT + launch("home=${Balancer.DNSName}"))
    assert short(architecture.edges) == [("Balancer", "Web", "stated")]
    [note] = architecture.notes
    assert note.startswith("UserData of Launch (t.yaml:12): taken as no call from Web to Balancer")


def test_a_circle_drops_the_weaker_evidence():
    architecture = architecture_of("""
  A: {Type: AWS::Serverless::Function, Properties: {Policies: [{LambdaInvokePolicy: {FunctionName: !Ref B}}]}}
  B: {Type: AWS::Serverless::Function, Properties: {Environment: {Variables: {NEXT: !Ref A}}}}
""")
    assert short(architecture.edges) == [("B", "A", "stated")]


def test_a_function_does_not_call_itself():
    assert not architecture_of(
        "  A: {Type: AWS::Serverless::Function, Properties: {Environment: {Variables: {ME: !Ref A}}}}\n"
    ).edges


def test_the_only_compute_component_is_guessed_to_use_what_nobody_else_does():
    architecture = architecture_of(FRONT + launch("nothing") + DATABASE)
    assert short(architecture.edges) == [("Balancer", "Web", "stated"), ("Web", "Database", "guessed")]
    guess = architecture.edges[1]
    assert "the only compute component" in guess.evidence
    assert guess.place == architecture.components["Database"].place


def test_with_two_compute_components_nothing_is_guessed_but_noted():
    architecture = architecture_of(FRONT + launch("nothing") + DATABASE + "  Worker: {Type: AWS::Lambda::Function}\n")
    assert short(architecture.edges) == [("Balancer", "Web", "stated")]
    assert any(note.startswith("Nothing in the file says who calls Database") for note in architecture.notes)


def test_a_read_replica_is_not_guessed_to_be_read():
    replica = "  Replica: {Type: AWS::RDS::DBInstance, Properties: {SourceDBInstanceIdentifier: !Ref Database}}\n"
    architecture = architecture_of(FRONT + launch("nothing") + DATABASE + replica)
    assert ("Web", "Replica", "guessed") not in short(architecture.edges)


def test_the_consumer_of_a_stream_is_not_guessed_to_call_the_table():
    architecture = architecture_of("""
  Orders: {Type: AWS::DynamoDB::Table}
  Consumer: {Type: AWS::Lambda::Function}
  Source:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Consumer, EventSourceArn: !GetAtt Orders.StreamArn}
""")
    assert [(edge.caller, edge.callee) for edge in architecture.edges] == [("Orders", "Consumer")]
    assert any("who calls Orders" in note for note in architecture.notes)


def test_functions_that_no_request_reaches_are_noted():
    text = "  Api: {Type: AWS::ApiGateway::RestApi}\n  Nightly: {Type: AWS::Lambda::Function}\n"
    assert any(note.startswith("No modelled component calls Nightly") for note in architecture_of(text).notes)
    assert not any("Nightly" in note for note in architecture_of(text.partition("\n")[2]).notes)


def test_what_another_stack_exports_is_noted():
    architecture = architecture_of("""
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Environment:
        Variables: {TABLE: !ImportValue shared-Table, URL: !Sub ["http://${Host}/", {Host: !ImportValue shared-Host}]}
""")
    assert [note for note in architecture.notes if "another stack" in note] == [
        "Handler: calls to imported value shared-Table are missing, it belongs to another stack",
        "Handler: calls to imported value shared-Host are missing, it belongs to another stack",
    ]


def test_targets_without_a_listener_and_without_weight_are_noted():
    stray = FRONT.replace("[{Type: forward, TargetGroupArn: !Ref Targets}]", "[{Type: fixed-response}]")
    notes = architecture_of(stray + launch("nothing")).notes
    assert any("Web is in target group Targets, to which no listener" in note for note in notes)
    weights = "[{TargetGroupArn: !Ref Targets, Weight: 0}, {TargetGroupArn: !Ref Other, Weight: 1}]"
    weighted = FRONT.replace("TargetGroupArn: !Ref Targets}]", f"ForwardConfig: {{TargetGroups: {weights}}}}}]")
    other = "  Other: {Type: AWS::ElasticLoadBalancingV2::TargetGroup}\n"
    notes = architecture_of(weighted + launch("nothing") + other).notes
    assert "Web is in target group Targets, to which the listener forwards with weight 0: no requests" in notes


def test_entries_are_doors_then_functions_then_groups():
    function = "  Handler: {Type: AWS::Lambda::Function}\n"
    group = "  Workers: {Type: AWS::AutoScaling::AutoScalingGroup}\n"
    called = "  Caller: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {F: !Ref Handler}}}}\n"
    assert entries(architecture_of(FRONT + launch("nothing") + function)) == ("Balancer",)
    assert entries(architecture_of(group + function + called)) == ("Caller",)
    assert entries(architecture_of(group)) == ("Workers",)
    assert entries(architecture_of(DATABASE)) == ()


def test_an_inner_load_balancer_is_no_entry():
    inner = """
  Inner: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Scheme: internal}}
"""
    architecture = architecture_of(FRONT + launch("${Inner.DNSName}") + inner)
    assert entries(architecture) == ("Balancer",)
    assert "Inner forwards to nothing that is modelled: what is behind it is not simulated" in architecture.notes


def test_a_function_with_a_url_is_a_door_beside_an_api():
    text = """
  Api: {Type: AWS::ApiGateway::RestApi}
  Open: {Type: AWS::Lambda::Function}
  Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref Open, AuthType: NONE}}
  Sam: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: NONE}}}
  Closed: {Type: AWS::Lambda::Function}
"""
    architecture = architecture_of(text)
    assert entries(architecture) == ("Api", "Open", "Sam")
    assert "No modelled component calls Closed: no requests unless a workload file names them" in architecture.notes


def test_word_press_reads_its_database_from_its_metadata():
    wiring = wiring_from(read_template(shared("iac/cloudformation/wordpress_ha_aurora_cloudfront_efs.yaml")))
    architecture = architecture_from(wiring)
    assert short(architecture.edges) == [
        ("LoadBalancer", "AutoScalingGroup", "stated"),
        ("AutoScalingGroup", "DatabaseCluster", "stated"),
        ("CloudFrontDistribution", "LoadBalancer", "stated"),
    ]
    assert "Metadata of LaunchTemplate" in architecture.edges[1].evidence
    assert "SecurityGroupIngress of DatabaseSecurityGroup" in architecture.edges[1].evidence


NAMES = [f"F{index}" for index in range(6)]


@given(strategies.lists(strategies.tuples(strategies.sampled_from(NAMES), strategies.sampled_from(NAMES))))
def test_whatever_functions_name_each_other_no_request_goes_in_circles(pairs):
    named = {name: sorted({callee for caller, callee in pairs if caller == name}) for name in NAMES}
    architecture = architecture_of(
        "".join(
            f"  {name}: {{Type: AWS::Lambda::Function, Properties: {{Environment: {{Variables: "
            f"{{{', '.join(f'V{callee}: !Ref {callee}' for callee in callees)}}}}}}}}}\n"
            for name, callees in named.items()
        )
    )
    edges = [(edge.caller, edge.callee) for edge in architecture.edges]
    assert len(set(edges)) == len(edges)
    assert set(edges) <= set(pairs)
    left = set(NAMES)
    while left:
        ends = {name for name in left if not any(caller == name and callee in left for caller, callee in edges)}
        assert ends, f"a circle among {left}"
        left -= ends
    dropped = {(a, b) for a, b in pairs if a != b} - set(edges)
    assert len([note for note in architecture.notes if "taken as no call" in note]) == len(dropped)
