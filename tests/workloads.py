"""Small workloads: a web tier on a database, an API on a function and a table, and one server known in closed form."""

from collections.abc import Sequence
from pathlib import Path

from tonnage.catalog import load_catalog
from tonnage.compile import Compiled, compile_workload
from tonnage.engine.expected import expected
from tonnage.engine.model import build
from tonnage.engine.primitives import Fleet, Primitive, exponential
from tonnage.engine.program import Program, Step, Visit, Work
from tonnage.intake import Overrides, Source, load, open_source
from tonnage.services import Behaviour
from tonnage.workload import Call, Component, Route, Traffic, Workload, parse_objective
from tonnage.workload.traffic_shape import parse_shape

WEB_TEMPLATE = """\
Resources:
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Type: application
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions:
        - Type: forward
          TargetGroupArn: !Ref Targets
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 80
      Protocol: HTTP
      TargetGroupAttributes:
        - {{ Key: deregistration_delay.timeout_seconds, Value: "30" }}
  Launch:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        InstanceType: {instance_type}
        Monitoring:
          Enabled: true
{credits}        UserData: !Sub "DB=${{Database.Endpoint.Address}}"
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      LaunchTemplate:
        LaunchTemplateId: !Ref Launch
        Version: "1"
      MinSize: "{min_size}"
      MaxSize: "{max_size}"
      TargetGroupARNs: [!Ref Targets]
  Scaling:
    Type: AWS::AutoScaling::ScalingPolicy
    Properties:
      AutoScalingGroupName: !Ref Web
      PolicyType: TargetTrackingScaling
      EstimatedInstanceWarmup: 60
      TargetTrackingConfiguration:
        PredefinedMetricSpecification:
          PredefinedMetricType: ASGAverageCPUUtilization
        TargetValue: 50
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: mysql
      DBInstanceClass: {db_class}
      AllocatedStorage: "400"
      StorageType: gp3
"""
WEB_FILE = """\
architecture: template.yaml
traffic: {traffic}
growth: {growth}
objectives:
{objectives}
routes:
  browse:
    share: 80 %
    call: Balancer
    then:
      - call: Web
        demands: {{ cpu: {web_cpu} }}
        then:
          - call: Database
            demands: {{ cpu: {db_cpu}, io: 0 }}
  order:
    share: 20 %
    call: Balancer
    then:
      - call: Web
        demands: {{ cpu: {web_cpu} }}
        then:
          - call: Database
            demands: {{ cpu: {db_cpu}, io: 0 }}
components:
  Web:
    boot_time: 60 s
    workers: {workers}
"""

API_TEMPLATE = """\
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: orders
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: ANY
      Integration:
        Type: AWS_PROXY
        Uri: !Sub arn:aws:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{Function.Arn}}/invocations
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      MethodSettings:
        - ResourcePath: /*
          HttpMethod: "*"
          ThrottlingRateLimit: {throttle}
          ThrottlingBurstLimit: {throttle}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      MemorySize: 1769
      Timeout: 10
      ReservedConcurrentExecutions: {concurrency}
      Environment:
        Variables:
          TABLE: !Ref Table
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      ProvisionedThroughput:
        ReadCapacityUnits: {reads}
        WriteCapacityUnits: 100
"""
API_FILE = """\
architecture: template.yaml
traffic: {traffic}
growth: {growth}
objectives:
{objectives}
routes:
  get:
    share: 100 %
    call: Api
    then:
      - call: Function
        demands: {{ cpu: {cpu} }}
        then:
          - call: Table
            demands: {{ reads: 1, writes: 0 }}
"""


def _written(folder: Path, template: str, file: str) -> Source:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "template.yaml").write_text(template, encoding="utf-8")
    (folder / "tonnage.yaml").write_text(file, encoding="utf-8")
    return open_source(str(folder), Overrides())


def _listed(objectives: Sequence[str]) -> str:
    return "\n".join(f"  - {text}" for text in objectives)


def a_web_source(
    folder: Path,
    *,
    traffic: str = "constant 50/s for 20 min",
    growth: float = 1.5,
    objectives: Sequence[str] = ("p99 latency < 300 ms", "errors < 0.1 %"),
    instance_type: str = "m5.large",
    cpu_credits: str | None = None,
    min_size: int = 2,
    max_size: int = 6,
    workers: int = 100,
    db_class: str = "db.m5.large",
    web_cpu: str = "10 ms",
    db_cpu: str = "5 ms",
) -> Source:
    """Files of a web tier: load balancer, scaled group, database."""
    credits_text = f"        CreditSpecification: {{ CpuCredits: {cpu_credits} }}\n" if cpu_credits else ""
    template = WEB_TEMPLATE.format(
        instance_type=instance_type, credits=credits_text, min_size=min_size, max_size=max_size, db_class=db_class
    )
    file = WEB_FILE.format(
        traffic=traffic,
        growth=growth,
        objectives=_listed(objectives),
        web_cpu=web_cpu,
        db_cpu=db_cpu,
        workers=workers,
    )
    return _written(folder, template, file)


def an_api_source(
    folder: Path,
    *,
    traffic: str = "constant 100/s for 20 min",
    growth: float = 1.5,
    objectives: Sequence[str] = ("p99 latency < 1 s", "errors < 0.1 %"),
    throttle: int = 1000,
    concurrency: int = 500,
    reads: int = 2000,
    cpu: str = "10 ms",
) -> Source:
    """Files of an API: REST API, function, table."""
    template = API_TEMPLATE.format(throttle=throttle, concurrency=concurrency, reads=reads)
    file = API_FILE.format(traffic=traffic, growth=growth, objectives=_listed(objectives), cpu=cpu)
    return _written(folder, template, file)


def a_web_workload(folder: Path, **settings: object) -> Workload:
    """The workload of :func:`a_web_source`."""
    return load(a_web_source(folder, **settings))  # type: ignore[arg-type]


def an_api_workload(folder: Path, **settings: object) -> Workload:
    """The workload of :func:`an_api_source`."""
    return load(an_api_source(folder, **settings))  # type: ignore[arg-type]


WORKER_TEMPLATE = """\
Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: jobs, ProtocolType: HTTP}
  Jobs:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeout: 300}
  Launch:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData: {InstanceType: c6g.large}
  Workers:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      LaunchTemplate: {LaunchTemplateId: !Ref Launch, Version: "1"}
      MinSize: "1"
      MaxSize: "20"
  Backlog:
    Type: AWS::AutoScaling::ScalingPolicy
    Properties:
      AutoScalingGroupName: !Ref Workers
      PolicyType: TargetTrackingScaling
      EstimatedInstanceWarmup: 60
      TargetTrackingConfiguration:
        TargetValue: 100
        CustomizedMetricSpecification:
          Metrics:
            - Id: m1
              MetricStat:
                Metric:
                  Namespace: AWS/SQS
                  MetricName: ApproximateNumberOfMessagesVisible
                  Dimensions: [{Name: QueueName, Value: !GetAtt Jobs.QueueName}]
                Stat: Sum
              ReturnData: false
            - Id: m2
              MetricStat:
                Metric:
                  Namespace: AWS/AutoScaling
                  MetricName: GroupInServiceInstances
                  Dimensions: [{Name: AutoScalingGroupName, Value: !Ref Workers}]
                Stat: Average
              ReturnData: false
            - {Id: e1, Expression: m1 / m2, Label: backlog per instance, ReturnData: true}
"""


def a_worker_workload(folder: Path, *, traffic: str = "constant 15/s for 1 h", sent: bool = True) -> Workload:
    """An API that puts jobs into a queue, worked on by a group that follows the backlog of each of its instances."""
    job = "call: Workers, demands: {cpu: 100 ms}"
    behind = f"call: Jobs, then: [{{{job}}}]" if sent else job
    file = f"""\
architecture: template.yaml
traffic: {traffic}
objectives: [errors < 1 %]
routes:
  job: {{call: Api, then: [{{{behind}}}]}}
components:
  Jobs: {{consumers_per_instance: 2}}
  Workers: {{boot_time: 60 s}}
"""
    return load(_written(folder, WORKER_TEMPLATE, file))


def compiled(workload: Workload) -> Compiled:
    """A workload compiled with the catalogue of its Region."""
    return compile_workload(workload, load_catalog(workload.region))


def with_primitives(
    primitives: dict[str, Primitive],
    enter: Sequence[Step],
    leave: Sequence[Step] = (),
    *,
    traffic: Traffic | str,
    objectives: Sequence[str] = ("errors < 1 %",),
    behaviour: Behaviour | None = None,
    deadline_s: float = 60.0,
) -> Compiled:
    """One component "Server" made of the given primitives; it is priced like a load balancer."""
    call = Call(component="Server")
    workload = Workload(
        name="one server",
        region="us-east-1",
        architecture="server.yaml",
        components={"Server": Component(name="Server", kind="AWS::ElasticLoadBalancingV2::LoadBalancer")},
        edges=(),
        routes=(Route(name="all", share=1.0, entry=call, deadline_s=deadline_s),),
        traffic=parse_shape(traffic) if isinstance(traffic, str) else traffic,
        objectives=tuple(parse_objective(text) for text in objectives),
    )
    visit = Visit(component="Server", enter=tuple(enter), leave=tuple(leave))
    model = build(primitives, [Program(route="all", share=1.0, entry=visit, deadline_s=deadline_s)])
    return Compiled(
        workload=workload,
        catalog=load_catalog("us-east-1"),
        model=model,
        behaviours={"Server": behaviour or Behaviour(primitives=primitives)},
        means=expected(model),
        per_visit={},
    )


def a_single_server(
    service_per_s: float, *, traffic: Traffic | str, objectives: Sequence[str], deadline_s: float = 60.0
) -> Compiled:
    """M/M/1: the response time is exponential with rate ``service_per_s - arrivals_per_s``."""
    return with_primitives(
        {"Server/cpu": Fleet(servers=1, discipline="fifo")},
        [Work("Server/cpu", exponential(1.0 / service_per_s))],
        traffic=traffic,
        objectives=objectives,
        deadline_s=deadline_s,
    )
