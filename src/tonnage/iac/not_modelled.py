"""What is left out of the simulation, and what that means for the answer."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType

from tonnage.iac.parts import NAMED_BY_OWNER, NAMES_OWNER, belongs_to
from tonnage.iac.wiring import FUNCTIONS, Wiring
from tonnage.workload import NotModelled, Resource, references

_ASYNCHRONOUS = "what it hands on is not simulated, nor is the backlog when its consumers are too slow"

CARRIES: Mapping[str, str] = MappingProxyType(
    {
        "AWS::ECS::TaskSet": "ECS tasks are not simulated: their work, their limits and their scaling are missing",
        "AWS::EKS::Cluster": "what runs in a Kubernetes cluster is not in the file, and is not simulated",
        "AWS::EKS::FargateProfile": "what runs in a Kubernetes cluster is not in the file, and is not simulated",
        "AWS::EC2::TransitGateway": "traffic between networks is not simulated",
        "AWS::FSx::FileSystem": "the file system is not simulated: neither its latency nor its throughput",
        "AWS::KinesisFirehose::DeliveryStream": f"a delivery stream: {_ASYNCHRONOUS}",
        "AWS::MSK::Cluster": f"a Kafka cluster: {_ASYNCHRONOUS}",
        "AWS::AmazonMQ::Broker": f"a message broker: {_ASYNCHRONOUS}",
        "AWS::Pipes::Pipe": f"a pipe: {_ASYNCHRONOUS}",
        "AWS::Lambda::EventSourceMapping": "polling, batches and concurrency of the event source are not simulated: "
        "the function gets only the traffic of its routes",
        "AWS::Cognito::UserPool": "sign-in and the check of tokens are not simulated: neither their latency nor "
        "their request limits",
        "AWS::WAFv2::WebACL": "a web ACL: requests that it blocks or limits are taken to be let through",
        "AWS::WAF::WebACL": "a web ACL: requests that it blocks or limits are taken to be let through",
        "AWS::WAFRegional::WebACL": "a web ACL: requests that it blocks or limits are taken to be let through",
        "AWS::OpenSearchServerless::Collection": "a search collection: calls to it are not simulated",
        "AWS::Neptune::DBCluster": "calls to the graph database are not simulated",
        "AWS::MemoryDB::Cluster": "calls to the in-memory database are not simulated",
        "AWS::Redshift::Cluster": "queries of the warehouse are not simulated",
        "AWS::AppSync::GraphQLApi": "requests to the GraphQL API are not simulated",
        "AWS::AppRunner::Service": "the service is not simulated",
        "AWS::ElasticBeanstalk::Environment": "the environment makes its own resources, which are not in the file",
        "AWS::CloudFormation::Stack": "its template is not at hand: what it makes is missing",
        "AWS::Serverless::Application": "its template is not at hand: what it makes is missing",
        "AWS::DMS::ReplicationTask": "what replication reads from and writes to the databases is not simulated",
        "AWS::DynamoDB::GlobalTable": "replication between Regions, and the table itself, are not simulated",
        "AWS::GlobalAccelerator::Accelerator": "the accelerator in front: the traffic given is taken as what reaches "
        "the Region",
    }
)
"""Resources that requests pass through and no room models, with what the answer misses."""

_QUIET: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "access control": (
            "IAM::*",
            "KMS::*",
            "SecretsManager::*",
            "CertificateManager::*",
            "ACMPCA::*",
            "SSO::*",
            "Cognito::*",
            "Lambda::*Permission",
            "S3::*Policy",
            "SQS::*Policy",
            "SNS::*Policy",
            "WAF*::*",
            "Shield::*",
            "GuardDuty::*",
            "SecurityHub::*",
            "Inspector*::*",
            "EC2::KeyPair",
            "ElastiCache::User*",
            "CloudFront::*Identity",
            "CloudFront::*AccessControl",
            "RDS::DBSecurityGroup*",
            "ElastiCache::SecurityGroup*",
        ),
        "network": (
            "EC2::VPC*",
            "EC2::Vpc*",
            "EC2::Subnet*",
            "EC2::Route*",
            "EC2::*InternetGateway",
            "EC2::SecurityGroup*",
            "EC2::EIP*",
            "EC2::Network*",
            "EC2::VPN*",
            "EC2::CustomerGateway*",
            "EC2::DHCPOptions",
            "EC2::PrefixList",
            "EC2::TransitGateway?*",
            "EC2::PlacementGroup",
            "Route53*::*",
            "ServiceDiscovery::*",
            "EFS::MountTarget",
            "EFS::AccessPoint",
        ),
        "monitoring": (
            "CloudWatch::*",
            "Logs::*",
            "XRay::*",
            "CloudTrail::*",
            "Config::*",
            "EC2::FlowLog",
            "Synthetics::*",
            "Budgets::*",
            "SNS::Subscription",
            "Chatbot::*",
            "ApiGateway::Account",
        ),
        "backup and migration": ("Backup::*", "DLM::*", "DMS::*", "DataSync::*", "RDS::EventSubscription"),
        "delivery and configuration": (
            "Code*::*",
            "ECR::*",
            "ImageBuilder::*",
            "SSM::*",
            "CloudFormation::*",
            "ServiceCatalog*::*",
            "Signer::*",
            "AppConfig::*",
        ),
        "settings of another resource": (
            "RDS::*Group",
            "RDS::*Endpoint",
            "ElastiCache::*Group",
            "ECS::*",
            "EKS::Addon",
            "ApiGateway*::*",
            "CloudFront::*",
            "Events::Connection",
            "Events::ApiDestination",
            "Events::Archive",
            "EC2::Volume*",
            "AutoScaling::*",
            "ElasticLoadBalancingV2::*",
            "Lambda::*",
            "Serverless::Connector",
            "Serverless::CapacityProvider",
            "DAX::*Group",
            "Redshift::*Group*",
            "DocDB::*",
            "Neptune::*",
            "MemoryDB::*",
        ),
    }
)
"""Kinds that carry no requests, without ``AWS::``, by what they are for; the first pattern that fits counts."""

_CLUSTER = ("Kubernetes::", "Karpenter::", "eksctl::")
_RUNS = frozenset({f"Kubernetes::{kind}" for kind in ("StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "Rollout")})
_SCALING = "AWS::ApplicationAutoScaling::"
_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")


def not_modelled(resource: Resource, wiring: Wiring) -> NotModelled:
    """A resource that is neither a component nor part of one, with the reason.

    Args:
        resource: The resource.
        wiring: What stands for which component.
    """
    reason, matters = _reason(resource, wiring)
    return NotModelled(name=resource.name, kind=resource.kind, reason=reason, place=resource.place, matters=matters)


def _reason(resource: Resource, wiring: Wiring) -> tuple[str, bool]:
    kind = resource.kind
    if kind.startswith(_SCALING):
        return _scaling(resource, wiring)
    if kind in {"AWS::Events::Rule", "AWS::Scheduler::Schedule"}:
        return _rule(resource, wiring)
    if kind in {"AWS::ApiGateway::Authorizer", "AWS::ApiGatewayV2::Authorizer"}:
        return _authorizer(resource, wiring), True
    if kind in CARRIES:
        return CARRIES[kind], True
    if kind.startswith(_CUSTOM):
        return "a custom resource: it acts when the stack is deployed and carries no requests", False
    if kind.startswith(_CLUSTER):
        if kind in _RUNS:
            return f"pods of a {kind.rpartition('::')[2]} are not simulated: their work and their place on nodes", True
        return "carries no requests (it configures the cluster)", False
    owner = belongs_to(resource) if kind in NAMES_OWNER and kind != "AWS::CloudWatch::Alarm" else None
    if owner is not None:
        return f"belongs to {owner}, which is not modelled", False
    if kind in NAMED_BY_OWNER:
        return "carries no requests (no modelled component names it)", False
    for group, patterns in _QUIET.items():
        if any(fnmatchcase(kind, f"AWS::{pattern}") for pattern in patterns):
            return f"carries no requests ({group})", False
    return f"Tonnage has no model of {kind}; if requests pass through it, its part is missing", True


def _authorizer(resource: Resource, wiring: Wiring) -> str:
    function = wiring.first(resource.get("AuthorizerUri"), FUNCTIONS)
    if function is not None:
        return f"the authorizer's call of {function} before a request, unless its answer is cached, is not simulated"
    return "the authorizer's check before each request is not simulated"


def _scaling(resource: Resource, wiring: Wiring) -> tuple[str, bool]:
    target = resource
    if resource.kind.endswith("ScalingPolicy"):
        named = wiring.named(resource.get("ScalingTargetId"))
        target = named[0] if named else resource
    scaled = [*references(target.get("ResourceId"))]
    component = next((wiring.stands_for[each.resource] for each in scaled if each.resource in wiring.stands_for), None)
    if component is not None:
        return f"scaling of {component} is not simulated; capacity is taken as written", True
    what = scaled[-1].resource if scaled else str(target.get("ScalableDimension") or "a resource")
    return f"scaling of {what}, which is not modelled itself", False


def _rule(resource: Resource, wiring: Wiring) -> tuple[str, bool]:
    called = dict.fromkeys(
        each.name for name in ("Targets", "Target") for each in wiring.named(resource.get(name)) if _works(each)
    )
    if not called:
        return "carries no requests (it triggers nothing that is modelled)", False
    return f"the load that its events or schedule put on {', '.join(called)} is not simulated", True


def _works(resource: Resource) -> bool:
    return resource.kind in FUNCTIONS | CARRIES.keys() or resource.kind == "AWS::Serverless::Function"
