import pytest

from iac.wirings import short, wiring_of
from tonnage.iac.edges.security_group import edges

GROUPS = """
  Web: {Type: AWS::AutoScaling::AutoScalingGroup, Properties: {LaunchTemplate: {LaunchTemplateId: !Ref Launch}}}
  Launch: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {SecurityGroupIds: [!Ref WebGroup]}}}
  WebGroup: {Type: AWS::EC2::SecurityGroup}
"""
DATABASE = """
  Database:
    Type: AWS::RDS::DBInstance
    Properties: {Engine: mysql, VPCSecurityGroups: [!GetAtt DataGroup.GroupId]}
"""
BESIDE = """
  DataGroup: {Type: AWS::EC2::SecurityGroup}
  Rule:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      {GroupId: !Ref DataGroup, IpProtocol: tcp, FromPort: %s, ToPort: %s, SourceSecurityGroupId: !Ref WebGroup}
"""


def test_a_rule_inside_the_group_of_the_database():
    [edge] = edges(
        wiring_of(
            GROUPS
            + DATABASE
            + """
  DataGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 3306, ToPort: 3306, SourceSecurityGroupId: !Ref WebGroup}
"""
        )
    )
    assert short([edge]) == [("Web", "Database", "inferred")]
    assert edge.evidence == "SecurityGroupIngress of DataGroup lets WebGroup in (t.yaml:15)"


@pytest.mark.parametrize(("first", "last", "calls"), [(3306, 3306, True), (3000, 4000, True), (22, 22, False)])
def test_a_rule_beside_the_group_counts_if_it_opens_the_port(first, last, calls):
    assert (
        short(edges(wiring_of(GROUPS + DATABASE + BESIDE % (first, last)))) == [("Web", "Database", "inferred")] * calls
    )


def test_another_port_of_the_database_is_heeded():
    moved = DATABASE.replace("Engine: mysql", 'Engine: mysql, Port: "13306"')
    assert not [*edges(wiring_of(GROUPS + moved + BESIDE % (3306, 3306)))]
    assert [*edges(wiring_of(GROUPS + moved + BESIDE % (13306, 13306)))]


@pytest.mark.parametrize(
    "callee",
    [
        "{Type: AWS::ElastiCache::CacheCluster, Properties: {Engine: redis, VpcSecurityGroupIds: [!Ref DataGroup]}}",
        "{Type: AWS::ElastiCache::ReplicationGroup, Properties: {SecurityGroupIds: [!Ref DataGroup]}}",
    ],
)
def test_caches(callee):
    text = GROUPS + f"  Cache: {callee}\n" + BESIDE
    assert short(edges(wiring_of(text % (6379, 6379)))) == [("Web", "Cache", "inferred")]
    assert not [*edges(wiring_of(text % (3306, 3306)))]


@pytest.mark.parametrize(("scheme", "calls"), [("internal", True), ("internet-facing", False)])
def test_only_an_internal_load_balancer_is_called_by_instances(scheme, calls):
    inner = f"""
  Inner:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {{Scheme: {scheme}, SecurityGroups: [!Ref DataGroup]}}
"""
    assert short(edges(wiring_of(GROUPS + inner + BESIDE % (80, 80)))) == [("Web", "Inner", "inferred")] * calls


def test_a_function_in_the_network_and_the_groups_of_a_cluster_member():
    wiring = wiring_of(
        """
  Handler: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SecurityGroupIds: [!Ref WebGroup]}}}
  WebGroup: {Type: AWS::EC2::SecurityGroup}
  Cluster: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-mysql}}
  Writer:
    Type: AWS::RDS::DBInstance
    Properties: {DBClusterIdentifier: !Ref Cluster, VPCSecurityGroups: [!Ref DataGroup]}
"""
        + BESIDE % (3306, 3306)
    )
    assert short(edges(wiring)) == [("Handler", "Cluster", "inferred")]


def test_egress_towards_the_database():
    egress = """
  DataGroup: {Type: AWS::EC2::SecurityGroup}
  Out:
    Type: AWS::EC2::SecurityGroupEgress
    Properties: {GroupId: !Ref WebGroup, IpProtocol: "-1", DestinationSecurityGroupId: !Ref DataGroup}
"""
    assert short(edges(wiring_of(GROUPS + DATABASE + egress))) == [("Web", "Database", "inferred")]


def test_tasks_have_the_security_groups_of_their_network():
    text = """
  Web:
    Type: AWS::ECS::Service
    Properties: {NetworkConfiguration: {AwsvpcConfiguration: {SecurityGroups: [!Ref WebGroup]}}}
  WebGroup: {Type: AWS::EC2::SecurityGroup}
"""
    assert short(edges(wiring_of(text + DATABASE + BESIDE % (3306, 3306)))) == [("Web", "Database", "inferred")]
