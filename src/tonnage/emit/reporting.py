"""What each kind of component reports to CloudWatch, as resources of the same template name it.

Source: the CloudWatch metrics page of each service's guide: names, dimensions, units.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tonnage.workload import Reference, Resource, Text, Value

Dimensions = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """The metrics of one kind of component.

    Attributes:
        namespace: CloudWatch's namespace.
        dimensions: Of a resource; None where the file does not say enough.
        load: Requests, summed over a period.
        latency: Response time.
        latency_per_s: Its units in a second: 1 for seconds, 1000 for milliseconds.
        failures: Errors that it is to blame for, summed.
        busy: Average percentage of CPU in use.
        refused: What it turned away, summed: never more than 0 where it has room.
        in_use: What is in use, highest in a period, of the limit in the next field.
        limit: The room's name of that limit.
        age: Age of what waits, highest in a period.
        age_per_s: Its units in a second.
        balance: Credits left, lowest in a period.
    """

    namespace: str
    dimensions: Callable[[Resource], Dimensions | None]
    load: str = ""
    latency: str = ""
    latency_per_s: float = 1.0
    failures: tuple[str, ...] = ()
    busy: str = ""
    refused: tuple[str, ...] = ()
    in_use: str = ""
    limit: str = ""
    age: str = ""
    age_per_s: float = 1.0
    balance: str = ""


def _named(dimension: str, attribute: str | None = None) -> Callable[[Resource], Dimensions]:
    return lambda resource: {dimension: Reference(resource.name, attribute)}


def _service(resource: Resource) -> Dimensions:
    cluster = resource.get("Cluster")
    return {
        "ClusterName": cluster if isinstance(cluster, str | Reference) else "default",
        "ServiceName": Reference(resource.name, "Name"),
    }


def _rest_api(resource: Resource) -> Dimensions | None:
    name = resource.get("Name")
    return {"ApiName": name} if isinstance(name, str | Text) else None


def _distribution(resource: Resource) -> Dimensions:
    return {"DistributionId": Reference(resource.name), "Region": "Global"}


def _first_node(resource: Resource) -> Dimensions:
    """The first primary: nodes are called after the group, and after the shard where there are several."""
    sharded = resource.get("NumNodeGroups") not in (None, 1, "1")
    return {"CacheClusterId": Text((Reference(resource.name), "-0001-001" if sharded else "-001"))}


REPORTING: Mapping[str, Reporting] = MappingProxyType(
    {
        "AWS::ElasticLoadBalancingV2::LoadBalancer": Reporting(
            namespace="AWS/ApplicationELB",
            dimensions=_named("LoadBalancer", "LoadBalancerFullName"),
            load="RequestCount",
            latency="TargetResponseTime",
            failures=("HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"),
            refused=("RejectedConnectionCount",),
        ),
        "AWS::ApiGatewayV2::Api": Reporting(
            namespace="AWS/ApiGateway",
            dimensions=_named("ApiId"),
            load="Count",
            latency="Latency",
            latency_per_s=1000.0,
            failures=("5xx",),
        ),
        "AWS::ApiGateway::RestApi": Reporting(
            namespace="AWS/ApiGateway",
            dimensions=_rest_api,
            load="Count",
            latency="Latency",
            latency_per_s=1000.0,
            failures=("5XXError",),
        ),
        "AWS::CloudFront::Distribution": Reporting(
            namespace="AWS/CloudFront", dimensions=_distribution, load="Requests"
        ),
        "AWS::AutoScaling::AutoScalingGroup": Reporting(
            namespace="AWS/EC2",
            dimensions=_named("AutoScalingGroupName"),
            busy="CPUUtilization",
            balance="CPUCreditBalance",
        ),
        "AWS::EC2::Instance": Reporting(
            namespace="AWS/EC2",
            dimensions=_named("InstanceId"),
            busy="CPUUtilization",
            balance="CPUCreditBalance",
        ),
        "AWS::ECS::Service": Reporting(namespace="AWS/ECS", dimensions=_service, busy="CPUUtilization"),
        "AWS::RDS::DBInstance": Reporting(
            namespace="AWS/RDS",
            dimensions=_named("DBInstanceIdentifier"),
            busy="CPUUtilization",
            in_use="DatabaseConnections",
            limit="max_connections",
            balance="CPUCreditBalance",
        ),
        "AWS::RDS::DBCluster": Reporting(
            namespace="AWS/RDS",
            dimensions=_named("DBClusterIdentifier"),
            busy="CPUUtilization",
            in_use="DatabaseConnections",
            limit="max_connections",
        ),
        "AWS::DocDB::DBCluster": Reporting(
            namespace="AWS/DocDB", dimensions=_named("DBClusterIdentifier"), busy="CPUUtilization"
        ),
        "AWS::ElastiCache::CacheCluster": Reporting(
            namespace="AWS/ElastiCache", dimensions=_named("CacheClusterId"), busy="EngineCPUUtilization"
        ),
        "AWS::ElastiCache::ReplicationGroup": Reporting(
            namespace="AWS/ElastiCache", dimensions=_first_node, busy="EngineCPUUtilization"
        ),
        "AWS::ElastiCache::ServerlessCache": Reporting(
            namespace="AWS/ElastiCache", dimensions=_named("clusterId"), refused=("ThrottledCmds",)
        ),
        "AWS::Lambda::Function": Reporting(
            namespace="AWS/Lambda",
            dimensions=_named("FunctionName"),
            load="Invocations",
            latency="Duration",
            latency_per_s=1000.0,
            failures=("Errors",),
            refused=("Throttles",),
            in_use="ConcurrentExecutions",
            limit="concurrent executions",
        ),
        "AWS::DynamoDB::Table": Reporting(
            namespace="AWS/DynamoDB",
            dimensions=_named("TableName"),
            refused=("ReadThrottleEvents", "WriteThrottleEvents"),
        ),
        "AWS::SQS::Queue": Reporting(
            namespace="AWS/SQS",
            dimensions=_named("QueueName", "QueueName"),
            load="NumberOfMessagesSent",
            age="ApproximateAgeOfOldestMessage",
        ),
        "AWS::Kinesis::Stream": Reporting(
            namespace="AWS/Kinesis",
            dimensions=_named("StreamName"),
            load="IncomingRecords",
            refused=("WriteProvisionedThroughputExceeded",),
            age="GetRecords.IteratorAgeMilliseconds",
            age_per_s=1000.0,
        ),
        "AWS::StepFunctions::StateMachine": Reporting(
            namespace="AWS/States",
            dimensions=_named("StateMachineArn"),
            failures=("ExecutionsFailed", "ExecutionsTimedOut"),
            refused=("ExecutionThrottled",),
        ),
        "AWS::EC2::NatGateway": Reporting(
            namespace="AWS/NATGateway", dimensions=_named("NatGatewayId"), refused=("ErrorPortAllocation",)
        ),
        "AWS::EFS::FileSystem": Reporting(
            namespace="AWS/EFS", dimensions=_named("FileSystemId"), balance="BurstCreditBalance"
        ),
    }
)  # fmt: skip
"""By CloudFormation resource type."""
