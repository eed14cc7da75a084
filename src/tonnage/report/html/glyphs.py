"""Small pictures, one for each category of AWS resource, drawn for Tonnage on a field of 24 by 24."""

from tonnage.report.html.markup import Markup, element

_CATEGORIES = (
    ("AWS::ElasticLoadBalancing", "balancer"),
    ("AWS::AutoScaling", "compute"),
    ("AWS::EC2", "compute"),
    ("AWS::ECS", "compute"),
    ("AWS::EKS", "compute"),
    ("Karpenter::", "compute"),
    ("Kubernetes::", "compute"),
    ("AWS::Lambda", "function"),
    ("AWS::ElastiCache", "cache"),
    ("AWS::RDS", "database"),
    ("AWS::DynamoDB", "table"),
    ("AWS::ApiGateway", "api"),
    ("AWS::CloudFront::", "edge"),
    ("AWS::S3", "bucket"),
    ("AWS::SQS", "queue"),
    ("AWS::DAX::", "cache"),
    ("AWS::Kinesis::", "queue"),
    ("AWS::EFS::", "bucket"),
    ("AWS::DocDB::", "database"),
    ("AWS::OpenSearchService::", "database"),
    ("AWS::SNS::", "topic"),
    ("AWS::Events::", "topic"),
    ("AWS::StepFunctions::", "workflow"),
)
_PATHS = {
    "balancer": "M3 12h6M9 12l8-7M9 12h8M9 12l8 7M17 3.5h3.5v3.5H17zM17 10.2h3.5v3.6H17zM17 17h3.5v3.5H17z",
    "compute": "M4 4h16v5H4zM4 9.5h16v5H4zM4 15h16v5H4zM7 6.5h2M7 12h2M7 17.5h2",
    "function": "M4 4h16v16H4zM8 8l4 4-4 4M13.5 16H17",
    "cache": "M13 2.5L5 13.5h5.5L9.5 21.5 19 10h-6z",
    "database": "M4.5 6c0-4 15-4 15 0s-15 4-15 0v12c0 4 15 4 15 0V6M4.5 12c0 4 15 4 15 0",
    "table": "M3.5 4.5h17v15h-17zM3.5 9.5h17M3.5 14.5h17M9.5 4.5v15",
    "api": "M8 6l-5 6 5 6M16 6l5 6-5 6M13.5 5l-3 14",
    "edge": "M3.5 12a8.5 8.5 0 1 0 17 0 8.5 8.5 0 1 0-17 0M3.5 12h17M12 3.5c-5 5-5 12 0 17M12 3.5c5 5 5 12 0 17",
    "bucket": "M4 6l2.5 14h11L20 6M4 6c0-3 16-3 16 0s-16 3-16 0",
    "queue": "M2.5 7h5v10h-5zM9.5 7h5v10h-5zM17 8l4 4-4 4",
    "topic": "M3 9v6h4l7 5V4L7 9zM17 8c2 2 2 6 0 8M19.5 5.5c4 4 4 9 0 13",
    "workflow": "M9 3h6v5H9zM3 16h6v5H3zM15 16h6v5h-6zM12 8v4M6 16v-4h12v4",
    "resource": "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9",
    "clients": "M9 7.5a3 3 0 1 0 6 0 3 3 0 1 0-6 0M5 20c0-9 14-9 14 0z",
}


def category(kind: str) -> str:
    """The category of a CloudFormation resource type."""
    return next((name for begin, name in _CATEGORIES if kind.startswith(begin)), "resource")


def glyph(name: str, x: float, y: float, size: float = 22.0) -> Markup:
    """The picture of a category with its upper left corner at a point."""
    return element("path", d=_PATHS[name], class_="glyph", transform=f"translate({x:g} {y:g}) scale({size / 24.0:.3f})")
