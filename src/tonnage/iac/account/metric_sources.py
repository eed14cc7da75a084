"""Where each kind of resource reports in CloudWatch: namespace, dimensions, the metrics that say how busy it is.

Source: the CloudWatch metrics page of each service's guide.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tonnage.workload import Resource


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of a kind of resource.

    Attributes:
        name: CloudWatch's name.
        statistic: ``Sum``, ``Average``, ``Maximum`` or a percentile.
        load: Whether its sum is the offered load of the component.
    """

    name: str
    statistic: str
    load: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where a kind of resource reports.

    Attributes:
        namespace: CloudWatch's namespace.
        dimensions: Of a resource, from its physical id and its properties.
        metrics: What is asked.
    """

    namespace: str
    dimensions: Callable[[str, Resource], Mapping[str, str] | None]
    metrics: tuple[Metric, ...]


def _is(name: str) -> Callable[[str, Resource], Mapping[str, str]]:
    return lambda own, _: {name: own}


def _balancer(own: str, _: Resource) -> Mapping[str, str]:
    return {"LoadBalancer": own.partition(":loadbalancer/")[2]}


def _service(own: str, _: Resource) -> Mapping[str, str] | None:
    found = re.fullmatch(r"arn:[^:]+:ecs:.*:service/([^/]+)/([^/]+)", own)
    return {"ClusterName": found[1], "ServiceName": found[2]} if found else None


def _rest_api(_: str, resource: Resource) -> Mapping[str, str] | None:
    name = resource.get("Name")
    return {"ApiName": name} if isinstance(name, str) else None


def _last(name: str, mark: str) -> Callable[[str, Resource], Mapping[str, str]]:
    return lambda own, _: {name: own.rpartition(mark)[2]}


def _first_node(own: str, resource: Resource) -> Mapping[str, str]:
    """The first primary: nodes are called after the group, and after the shard where there are several."""
    return {"CacheClusterId": f"{own}-0001-001" if resource.get("NumNodeGroups") else f"{own}-001"}


def _distribution(own: str, _: Resource) -> Mapping[str, str]:
    return {"DistributionId": own, "Region": "Global"}


_CPU = Metric("CPUUtilization", "Average")
_BUSIEST = Metric("CPUUtilization", "Maximum")
SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        "AWS::ElasticLoadBalancingV2::LoadBalancer": Source(
            "AWS/ApplicationELB",
            _balancer,
            (
                Metric("RequestCount", "Sum", load=True),
                Metric("TargetResponseTime", "p50"),
                Metric("TargetResponseTime", "p99"),
                Metric("HTTPCode_Target_5XX_Count", "Sum"),
                Metric("HTTPCode_ELB_5XX_Count", "Sum"),
            ),
        ),
        "AWS::ApiGatewayV2::Api": Source(
            "AWS/ApiGateway",
            _is("ApiId"),
            (Metric("Count", "Sum", load=True), Metric("Latency", "p99"), Metric("5xx", "Sum")),
        ),
        "AWS::ApiGateway::RestApi": Source(
            "AWS/ApiGateway",
            _rest_api,
            (
                Metric("Count", "Sum", load=True),
                Metric("Latency", "p99"),
                Metric("5XXError", "Sum"),
                Metric("CacheHitCount", "Sum"),
                Metric("CacheMissCount", "Sum"),
            ),
        ),
        "AWS::CloudFront::Distribution": Source(
            "AWS/CloudFront", _distribution, (Metric("Requests", "Sum", load=True), Metric("CacheHitRate", "Average"))
        ),
        "AWS::Lambda::Function": Source(
            "AWS/Lambda",
            _is("FunctionName"),
            (
                Metric("Invocations", "Sum", load=True),
                Metric("Duration", "p50"),
                Metric("Duration", "p99"),
                Metric("ConcurrentExecutions", "Maximum"),
                Metric("Throttles", "Sum"),
                Metric("Errors", "Sum"),
            ),
        ),
        "AWS::SQS::Queue": Source(
            "AWS/SQS",
            _last("QueueName", "/"),
            (Metric("NumberOfMessagesSent", "Sum", load=True), Metric("ApproximateAgeOfOldestMessage", "Maximum")),
        ),
        "AWS::Kinesis::Stream": Source(
            "AWS/Kinesis",
            _last("StreamName", "/"),
            (
                Metric("IncomingRecords", "Sum", load=True),
                Metric("WriteProvisionedThroughputExceeded", "Sum"),
                Metric("GetRecords.IteratorAgeMilliseconds", "Maximum"),
            ),
        ),
        "AWS::AutoScaling::AutoScalingGroup": Source(
            "AWS/EC2", _is("AutoScalingGroupName"), (_CPU, _BUSIEST, Metric("CPUCreditBalance", "Minimum"))
        ),
        "AWS::EC2::Instance": Source(
            "AWS/EC2", _is("InstanceId"), (_CPU, _BUSIEST, Metric("CPUCreditBalance", "Minimum"))
        ),
        "AWS::ECS::Service": Source(
            "AWS/ECS", _service, (_CPU, _BUSIEST, Metric("MemoryUtilization", "Maximum"))
        ),
        "AWS::RDS::DBInstance": Source(
            "AWS/RDS",
            _is("DBInstanceIdentifier"),
            (
                _CPU,
                _BUSIEST,
                Metric("DatabaseConnections", "Maximum"),
                Metric("ReadIOPS", "Maximum"),
                Metric("WriteIOPS", "Maximum"),
                Metric("FreeableMemory", "Minimum"),
            ),
        ),
        "AWS::RDS::DBCluster": Source(
            "AWS/RDS",
            _is("DBClusterIdentifier"),
            (_CPU, _BUSIEST, Metric("DatabaseConnections", "Maximum"), Metric("AuroraReplicaLagMaximum", "Maximum")),
        ),
        "AWS::DynamoDB::Table": Source(
            "AWS/DynamoDB",
            _is("TableName"),
            (
                Metric("ConsumedReadCapacityUnits", "Sum"),
                Metric("ConsumedWriteCapacityUnits", "Sum"),
                Metric("ReadThrottleEvents", "Sum"),
                Metric("WriteThrottleEvents", "Sum"),
            ),
        ),
        "AWS::ElastiCache::CacheCluster": Source(
            "AWS/ElastiCache",
            _is("CacheClusterId"),
            (
                Metric("EngineCPUUtilization", "Maximum"),
                Metric("CacheHits", "Sum"),
                Metric("CacheMisses", "Sum"),
                Metric("CurrConnections", "Maximum"),
                Metric("Evictions", "Sum"),
            ),
        ),
        "AWS::ElastiCache::ReplicationGroup": Source(
            "AWS/ElastiCache",
            _first_node,
            (
                Metric("EngineCPUUtilization", "Maximum"),
                Metric("CacheHits", "Sum"),
                Metric("CacheMisses", "Sum"),
                Metric("Evictions", "Sum"),
            ),
        ),
        "AWS::EFS::FileSystem": Source(
            "AWS/EFS",
            _is("FileSystemId"),
            (Metric("PercentIOLimit", "Maximum"), Metric("BurstCreditBalance", "Minimum")),
        ),
    }
)  # fmt: skip
