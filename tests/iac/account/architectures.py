"""Architectures made in an account by the calls that a person would make, and the same as CloudFormation."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

Client = Callable[[str], Any]


def _code() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): return 1\n")
    return data.getvalue()


def _role(client: Client, name: str) -> str:
    arn: str = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    return arn


def _function(client: Client, name: str, role: str, **more: Any) -> str:
    arn: str = client("lambda").create_function(
        FunctionName=name, Runtime="python3.12", Handler="index.handler", Role=role, Code={"ZipFile": _code()}, **more
    )["FunctionArn"]
    return arn


def _network(client: Client) -> tuple[str, list[str]]:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{k}.0/24", AvailabilityZone=f"us-east-1{'ab'[k]}")["Subnet"][
            "SubnetId"
        ]
        for k in range(2)
    ]
    return vpc, subnets


def workers(client: Client) -> None:
    """A queue with a dead letter queue, a function that reads it, a table."""
    sqs = client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 4})
    jobs = sqs.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "180", "RedrivePolicy": redrive})[
        "QueueUrl"
    ]
    source = sqs.get_queue_attributes(QueueUrl=jobs, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client("dynamodb").create_table(
        TableName="results",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    environment = {"Variables": {"TABLE": "results", "TOKEN": "hunter2-planted"}}
    _function(client, "worker", _role(client, "worker-role"), MemorySize=1024, Timeout=30, Environment=environment)
    client("lambda").create_event_source_mapping(
        EventSourceArn=source, FunctionName="worker", BatchSize=5, ScalingConfig={"MaximumConcurrency": 20}
    )


WORKERS = """
Resources:
  Dead: { Type: AWS::SQS::Queue }
  Jobs:
    Type: AWS::SQS::Queue
    Properties: { VisibilityTimeout: 180, RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 4 } }
  Results: { Type: AWS::DynamoDB::Table, Properties: { TableName: results, BillingMode: PAY_PER_REQUEST } }
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      MemorySize: 1024
      Timeout: 30
      Environment: { Variables: { TABLE: !Ref Results } }
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Jobs.Arn
      FunctionName: !Ref Worker
      BatchSize: 5
      ScalingConfig: { MaximumConcurrency: 20 }
"""


def api(client: Client) -> None:
    """An HTTP API, a function that may use a provisioned table, its scaling."""
    arn = client("dynamodb").create_table(
        TableName="orders",
        ProvisionedThroughput={"ReadCapacityUnits": 10, "WriteCapacityUnits": 5},
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )["TableDescription"]["TableArn"]
    role = _role(client, "handler-role")
    statement = {"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": arn}
    client("iam").put_role_policy(
        RoleName="handler-role",
        PolicyName="access",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    function = _function(client, "handler", role, MemorySize=512, Timeout=10, Architectures=["arm64"])
    client("lambda").put_function_concurrency(FunctionName="handler", ReservedConcurrentExecutions=50)
    gateway = client("apigatewayv2")
    own = gateway.create_api(Name="api", ProtocolType="HTTP")["ApiId"]
    gateway.create_integration(
        ApiId=own, IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0"
    )
    limits = {"ThrottlingRateLimit": 500.0, "ThrottlingBurstLimit": 200}
    gateway.create_stage(ApiId=own, StageName="$default", DefaultRouteSettings=limits)
    scaling = client("application-autoscaling")
    target = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": "table/orders",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    }
    scaling.register_scalable_target(**target, MinCapacity=10, MaxCapacity=100)
    scaling.put_scaling_policy(
        **target,
        PolicyName="reads",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 60.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
        },
    )


API = """
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties: { TableName: orders, ProvisionedThroughput: { ReadCapacityUnits: 10, WriteCapacityUnits: 5 } }
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      MinCapacity: 10
      MaxCapacity: 100
      ResourceId: !Sub "table/${Orders}"
      ScalableDimension: dynamodb:table:ReadCapacityUnits
      ServiceNamespace: dynamodb
  Reads:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyType: TargetTrackingScaling
      ScalingTargetId: !Ref Target
      TargetTrackingScalingPolicyConfiguration:
        PredefinedMetricSpecification: { PredefinedMetricType: DynamoDBReadCapacityUtilization }
        TargetValue: 60
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: access
          PolicyDocument:
            Statement: [{ Effect: Allow, Action: [dynamodb:GetItem], Resource: !GetAtt Orders.Arn }]
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      MemorySize: 512
      Timeout: 10
      Architectures: [arm64]
      Role: !GetAtt Role.Arn
      ReservedConcurrentExecutions: 50
  Api: { Type: AWS::ApiGatewayV2::Api, Properties: { ProtocolType: HTTP } }
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Handler.Arn }
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: { ApiId: !Ref Api, DefaultRouteSettings: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 200 } }
"""


def web(client: Client) -> None:
    """A load balancer before a group that follows its CPU, and a database behind a security group."""
    vpc, subnets = _network(client)
    ec2, elb, asg = client("ec2"), client("elbv2"), client("autoscaling")
    front = ec2.create_security_group(GroupName="front", Description="web", VpcId=vpc)["GroupId"]
    data = ec2.create_security_group(GroupName="data", Description="data", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=data,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "UserIdGroupPairs": [{"GroupId": front}]}
        ],
    )
    balancer = elb.create_load_balancer(Name="balancer", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    elb.modify_load_balancer_attributes(
        LoadBalancerArn=balancer, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "30"}]
    )
    group = elb.create_target_group(Name="targets", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0][
        "TargetGroupArn"
    ]
    elb.modify_target_group_attributes(
        TargetGroupArn=group, Attributes=[{"Key": "slow_start.duration_seconds", "Value": "30"}]
    )
    elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )
    template = ec2.create_launch_template(
        LaunchTemplateName="template",
        LaunchTemplateData={"InstanceType": "t3.medium", "SecurityGroupIds": [front], "ImageId": "ami-12c6146b"},
    )["LaunchTemplate"]["LaunchTemplateId"]
    asg.create_auto_scaling_group(
        AutoScalingGroupName="web",
        MinSize=2,
        MaxSize=8,
        LaunchTemplate={"LaunchTemplateId": template, "Version": "1"},
        TargetGroupARNs=[group],
        VPCZoneIdentifier=",".join(subnets),
        HealthCheckType="ELB",
        HealthCheckGracePeriod=90,
    )
    asg.put_scaling_policy(
        AutoScalingGroupName="web",
        PolicyName="tracking",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            "TargetValue": 50.0,
        },
    )
    client("rds").create_db_instance(
        DBInstanceIdentifier="database",
        DBInstanceClass="db.t3.medium",
        Engine="mysql",
        AllocatedStorage=100,
        StorageType="gp2",
        MultiAZ=True,
        MasterUsername="admin",
        MasterUserPassword="hunter2-planted",
        VpcSecurityGroupIds=[data],
    )


WEB = """
Resources:
  Front: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: web } }
  Data:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: data
      SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 3306, ToPort: 3306, SourceSecurityGroupId: !Ref Front }]
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: { LoadBalancerAttributes: [{ Key: idle_timeout.timeout_seconds, Value: "30" }], Type: application }
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: { Port: 80, TargetGroupAttributes: [{ Key: slow_start.duration_seconds, Value: "30" }] }
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      DefaultActions: [{ Type: forward, TargetGroupArn: !Ref Targets }]
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties: { LaunchTemplateData: { InstanceType: t3.medium, SecurityGroupIds: [!Ref Front] } }
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: 2
      MaxSize: 8
      DesiredCapacity: 2
      Cooldown: 300
      HealthCheckType: ELB
      HealthCheckGracePeriod: 90
      AvailabilityZones: [us-east-1a, us-east-1b]
      LaunchTemplate: { LaunchTemplateId: !Ref Template, Version: "1" }
      TargetGroupARNs: [!Ref Targets]
  Tracking:
    Type: AWS::AutoScaling::ScalingPolicy
    Properties:
      AutoScalingGroupName: !Ref Web
      PolicyType: TargetTrackingScaling
      TargetTrackingConfiguration:
        PredefinedMetricSpecification: { PredefinedMetricType: ASGAverageCPUUtilization }
        TargetValue: 50
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceClass: db.t3.medium
      Engine: mysql
      AllocatedStorage: 100
      StorageType: gp2
      MultiAZ: true
      VPCSecurityGroups: [!Ref Data]
"""


def containers(client: Client) -> None:
    """A Fargate service with a task that knows its database, and its scaling."""
    ecs, rds = client("ecs"), client("rds")
    ecs.create_cluster(clusterName="cluster")
    rds.create_db_cluster(
        DBClusterIdentifier="data",
        Engine="aurora-postgresql",
        MasterUsername="admin",
        MasterUserPassword="hunter2-planted",
        ServerlessV2ScalingConfiguration={"MinCapacity": 1.0, "MaxCapacity": 8.0},
    )
    rds.create_db_instance(
        DBInstanceIdentifier="writer",
        DBClusterIdentifier="data",
        DBInstanceClass="db.serverless",
        Engine="aurora-postgresql",
    )
    endpoint = rds.describe_db_clusters()["DBClusters"][0]["Endpoint"]
    ecs.register_task_definition(
        family="app",
        cpu="512",
        memory="1024",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        containerDefinitions=[
            {
                "name": "app",
                "image": "app",
                "environment": [{"name": "DB", "value": endpoint}, {"name": "PASSWORD", "value": "hunter2-planted"}],
            }
        ],
    )
    ecs.create_service(cluster="cluster", serviceName="app", taskDefinition="app", desiredCount=3, launchType="FARGATE")
    scaling = client("application-autoscaling")
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/cluster/app",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=2, MaxCapacity=20)
    scaling.put_scaling_policy(
        **target,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 55.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
            "ScaleInCooldown": 120,
        },
    )


CONTAINERS = """
Resources:
  Cluster: { Type: AWS::ECS::Cluster }
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: "512"
      Memory: "1024"
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - { Name: app, Image: app, Environment: [{ Name: DB, Value: !GetAtt Data.Endpoint.Address }] }
  App:
    Type: AWS::ECS::Service
    Properties: { Cluster: !Ref Cluster, TaskDefinition: !Ref Task, DesiredCount: 3, LaunchType: FARGATE }
  Scalable:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      MinCapacity: 2
      MaxCapacity: 20
      ResourceId: !Join ["/", [service, !Ref Cluster, !GetAtt App.Name]]
      ScalableDimension: ecs:service:DesiredCount
      ServiceNamespace: ecs
  Cpu:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyType: TargetTrackingScaling
      ScalingTargetId: !Ref Scalable
      TargetTrackingScalingPolicyConfiguration:
        PredefinedMetricSpecification: { PredefinedMetricType: ECSServiceAverageCPUUtilization }
        TargetValue: 55
        ScaleInCooldown: 120
  Data:
    Type: AWS::RDS::DBCluster
    Properties: { Engine: aurora-postgresql, ServerlessV2ScalingConfiguration: { MinCapacity: 1, MaxCapacity: 8 } }
  Writer:
    Type: AWS::RDS::DBInstance
    Properties: { DBClusterIdentifier: !Ref Data, DBInstanceClass: db.serverless, Engine: aurora-postgresql }
"""


def fan_out(client: Client) -> None:
    """A topic with a queue and a function, and a stream."""
    sns, sqs = client("sns"), client("sqs")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="somebody@example.com")
    function = _function(client, "reader", _role(client, "reader-role"), MemorySize=256, Timeout=3)
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    client("kinesis").create_stream(StreamName="clicks", ShardCount=4)


FAN_OUT = """
Resources:
  Topic: { Type: AWS::SNS::Topic }
  Inbox: { Type: AWS::SQS::Queue }
  Reader: { Type: AWS::Lambda::Function, Properties: { Runtime: python3.12, MemorySize: 256, Timeout: 3 } }
  One:
    Type: AWS::SNS::Subscription
    Properties: { TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Inbox.Arn }
  Two:
    Type: AWS::SNS::Subscription
    Properties: { TopicArn: !Ref Topic, Protocol: lambda, Endpoint: !GetAtt Reader.Arn }
  Clicks: { Type: AWS::Kinesis::Stream, Properties: { ShardCount: 4 } }
"""
ALL: dict[str, tuple[Callable[[Client], None], str]] = {
    "workers": (workers, WORKERS),
    "api": (api, API),
    "web": (web, WEB),
    "containers": (containers, CONTAINERS),
    "fan-out": (fan_out, FAN_OUT),
}
