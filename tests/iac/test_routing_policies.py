import pytest

from iac.wirings import wiring_of
from tonnage.iac.read_architecture import understand
from tonnage.iac.routing_policies import routing_policies

BALANCER = "  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Type: application}}\n"


def record(policy, kind="AWS::Route53::RecordSet"):
    body = f"Name: www.example.com, Type: A, {policy} AliasTarget: {{DNSName: !GetAtt Balancer.DNSName}}"
    if kind.endswith("Group"):
        return f"  Site: {{Type: {kind}, Properties: {{RecordSets: [{{{body}}}]}}}}\n"
    return f"  Site: {{Type: {kind}, Properties: {{{body}}}}}\n"


@pytest.mark.parametrize("kind", ["AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup"])
@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("SetIdentifier: a, Region: eu-west-1,", "by latency (eu-west-1 to Balancer)"),
        ("SetIdentifier: a, Weight: 30,", "by weight (30 to Balancer)"),
        ("SetIdentifier: a, GeoLocation: {ContinentCode: EU},", "by geolocation (EU to Balancer)"),
        ("SetIdentifier: a, Failover: PRIMARY,", "by failover (primary to Balancer)"),
        ("SetIdentifier: a, MultiValueAnswer: true,", "by multivalue answer (one of several to Balancer)"),
    ],
)
def test_a_routing_policy_is_said(policy, said, kind):
    (sentence,) = routing_policies(wiring_of(BALANCER + record(policy, kind)))
    assert sentence.startswith(f"Route 53 answers for www.example.com {said}")


def test_records_of_one_name_are_one_sentence():
    other = (
        record("SetIdentifier: b, Weight: 70,").replace("Site:", "Other:").replace("!GetAtt Balancer.DNSName", "x.y")
    )
    (sentence,) = routing_policies(wiring_of(BALANCER + record("SetIdentifier: a, Weight: 30,") + other))
    assert "(30 to Balancer, 70 to an address outside)" in sentence


def test_simple_routing_needs_no_sentence_and_others_are_notes_of_the_architecture():
    assert list(routing_policies(wiring_of(BALANCER + record("")))) == []
    architecture = understand(wiring_of(BALANCER + record("SetIdentifier: a, Weight: 30,")).stack)
    assert any(note.startswith("Route 53 answers for www.example.com by weight") for note in architecture.notes)
