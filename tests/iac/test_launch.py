from iac.wirings import stack_of
from tonnage.iac.launch import data, instance_profiles, launched, security_groups
from tonnage.workload import references

STACK = stack_of("""
  Web: {Type: AWS::AutoScaling::AutoScalingGroup, Properties: {LaunchTemplate: {LaunchTemplateId: !Ref Launch}}}
  Old: {Type: AWS::AutoScaling::AutoScalingGroup, Properties: {LaunchConfigurationName: !Ref Configuration}}
  Launch:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        IamInstanceProfile: {Name: !Ref Profile}
        NetworkInterfaces: [{Groups: [!Ref Front]}]
  Configuration:
    Type: AWS::AutoScaling::LaunchConfiguration
    Properties: {SecurityGroups: [!Ref Front, !Ref Back], IamInstanceProfile: !Ref Profile}
  Front: {Type: AWS::EC2::SecurityGroup}
  Back: {Type: AWS::EC2::SecurityGroup}
  Profile: {Type: AWS::IAM::InstanceProfile}
""")


def names(values):
    return [reference.resource for value in values for reference in references(value)]


def test_templates_and_configurations_say_the_same_in_other_places():
    web, old = STACK.resources["Web"], STACK.resources["Old"]
    assert [each.name for each in launched(web, STACK)] == ["Launch"]
    assert [each.name for each in launched(old, STACK)] == ["Configuration"]
    assert data(STACK.resources["Launch"])[0] == ("LaunchTemplateData",)
    assert names(security_groups(web, STACK)) == ["Front"]
    assert names(security_groups(old, STACK)) == ["Front", "Back"]
    assert names(instance_profiles(web, STACK)) == names(instance_profiles(old, STACK)) == ["Profile"]


def test_a_launch_template_may_be_named_by_its_physical_name():
    stack = stack_of("""
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties: {LaunchTemplate: {LaunchTemplateName: web, Version: "1"}}
  Launch: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateName: web}}
  Other: {Type: AWS::EC2::LaunchTemplate}
""")
    assert [each.name for each in launched(stack.resources["Web"], stack)] == ["Launch"]
