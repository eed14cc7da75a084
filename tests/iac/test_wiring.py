from iac.wirings import wiring_of
from tonnage.iac.wiring import edge, line_of
from tonnage.workload import Place, Reference, Text

WIRING = wiring_of("""
  Database:
    Type: AWS::RDS::DBInstance
    Properties: {MasterUserPassword: !Sub "{{resolve:secretsmanager:${Password}}}"}
  Password: {Type: AWS::SecretsManager::Secret}
  Proxy: {Type: AWS::RDS::DBProxy}
  ProxyTargets:
    Type: AWS::RDS::DBProxyTargetGroup
    Properties: {DBProxyName: !Ref Proxy, DBInstanceIdentifiers: [!Ref Database]}
  ReadOnly: {Type: AWS::RDS::DBProxyEndpoint, Properties: {DBProxyName: !Ref Proxy}}
  Host: {Type: AWS::SSM::Parameter, Properties: {Value: !GetAtt Database.Endpoint.Address}}
  Alias: {Type: AWS::Route53::RecordSet, Properties: {ResourceRecords: [!GetAtt Proxy.Endpoint]}}
  Parameters: {Type: AWS::RDS::DBParameterGroup}
  Orders: {Type: AWS::DynamoDB::Table, Properties: {TableName: shop-orders}}
""")


def test_secrets_proxies_parameters_and_records_stand_for_the_database():
    for name in ("Database", "Password", "Proxy", "ProxyTargets", "ReadOnly", "Host", "Alias"):
        assert WIRING.stands_for[name] == "Database", name
    assert "Parameters" not in WIRING.stands_for


def test_mentions_have_paths():
    value = {"a": ("x", Text(("host=", Reference("Host", "Value")))), "b": Reference("Orders", "StreamArn")}
    assert [(each.component, each.path) for each in WIRING.mentions(value)] == [("Database", ("a", 1))]
    assert WIRING.first(value) == "Database"
    assert WIRING.first(value, frozenset({"AWS::DynamoDB::Table"})) is None


def test_an_arn_with_a_physical_name_is_literal():
    [mention] = WIRING.mentions("arn:aws:dynamodb:us-east-1:1:table/shop-orders/index/*")
    assert (mention.component, mention.literal) == ("Orders", True)
    assert not [*WIRING.mentions("arn:aws:dynamodb:us-east-1:1:table/shop-orders/stream/2024")]
    assert not [*WIRING.mentions("arn:aws:dynamodb:us-east-1:1:table/shop-orders-archive")]


def test_an_edge_says_where_its_evidence_stands():
    place = Place(file="web.yaml", line=88, column=7)
    assert line_of(place) == "web.yaml:88"
    assert edge("A", "B", "TargetGroupARNs of B", place, "stated").evidence == "TargetGroupARNs of B (web.yaml:88)"
