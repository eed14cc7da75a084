from iac.wirings import short, wiring_of
from tonnage.iac.edges.instance_configuration import edges

DATABASE = """
  Database: {Type: AWS::RDS::DBInstance}
"""


def test_user_data_of_a_launch_template():
    [edge] = edges(
        wiring_of(
            DATABASE
            + """
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties: {LaunchTemplate: {LaunchTemplateId: !Ref Template, Version: "1"}}
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        UserData:
          Fn::Base64: !Sub |
            #!/bin/bash
            export DB=${Database.Endpoint.Address}
"""
        )
    )
    assert short([edge]) == [("Web", "Database", "stated")]
    assert edge.evidence == "UserData of Template (t.yaml:12)"


def test_a_launch_configuration_and_its_metadata():
    text = (
        DATABASE
        + """
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties: {LaunchConfigurationName: !Ref Launch}
  Launch:
    Type: AWS::AutoScaling::LaunchConfiguration
    Metadata:
      AWS::CloudFormation::Init:
        config:
          files: {/etc/app.conf: {content: !Sub "host=${Database.Endpoint.Address}"}}
    Properties: {InstanceType: t3.micro}
"""
    )
    [edge] = edges(wiring_of(text))
    assert short([edge]) == [("Web", "Database", "stated")]
    assert edge.evidence == "Metadata of Launch (t.yaml:8)"
    assert not [*edges(wiring_of(text.replace("${Database.Endpoint.Address}", "localhost")))]


def test_a_mixed_instances_policy_names_its_template():
    text = (
        DATABASE
        + """
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MixedInstancesPolicy:
        LaunchTemplate: {LaunchTemplateSpecification: {LaunchTemplateId: !Ref Template}}
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {UserData: !Sub "${Database.Endpoint.Address}"}}
"""
    )
    assert short(edges(wiring_of(text))) == [("Web", "Database", "stated")]
