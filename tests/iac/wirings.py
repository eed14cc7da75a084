"""Small architectures for the tests of topology: components stand for whole resources, without asking the rooms."""

from tonnage.iac.parts import parts_of
from tonnage.iac.read_cloudformation import interpret
from tonnage.iac.wiring import wire
from tonnage.workload import Component

CANONICAL = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": None,
    "AWS::ElasticLoadBalancing::LoadBalancer": None,
    "AWS::AutoScaling::AutoScalingGroup": None,
    "AWS::Lambda::Function": None,
    "AWS::Serverless::Function": "AWS::Lambda::Function",
    "AWS::DynamoDB::Table": None,
    "AWS::Serverless::SimpleTable": "AWS::DynamoDB::Table",
    "AWS::RDS::DBInstance": None,
    "AWS::RDS::DBCluster": None,
    "AWS::ElastiCache::CacheCluster": None,
    "AWS::ElastiCache::ReplicationGroup": None,
    "AWS::ApiGateway::RestApi": None,
    "AWS::Serverless::Api": "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api": None,
    "AWS::SQS::Queue": None,
    "AWS::Kinesis::Stream": None,
    "AWS::ECS::Service": None,
    "AWS::CloudFront::Distribution": None,
    "AWS::S3::Bucket": None,
    "AWS::Serverless::HttpApi": "AWS::ApiGatewayV2::Api",
}


def stack_of(resources):
    """A stack from the indented text of a Resources section."""
    return interpret(f"Resources:\n{resources}", "t.yaml", parameters={}, region="us-east-1").stack


def wiring_of(resources):
    """A wiring in which every resource of a modelled kind is a component."""
    return wiring_from(stack_of(resources))


def wiring_from(stack):
    """The same of a stack that was read already."""
    components = {
        name: Component(name=name, kind=CANONICAL[resource.kind] or resource.kind, place=resource.place)
        for name, resource in stack.resources.items()
        if resource.kind in CANONICAL and resource.get("DBClusterIdentifier") is None
    }
    return wire(stack, components, parts_of(stack, components))


def short(edges):
    """Edges as tuples, certainty included."""
    return [(edge.caller, edge.callee, edge.certainty) for edge in edges]
