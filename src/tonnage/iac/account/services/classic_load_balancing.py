"""Classic Load Balancers."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked

CALLS = ("elasticloadbalancing:DescribeLoadBalancers",)


def read(ask: Ask) -> Iterator[Found]:
    """Balancers of the first generation, with the instances registered by hand."""
    for each in ask("elb", "describe_load_balancers", "LoadBalancerDescriptions"):
        name = each["LoadBalancerName"]
        listeners = tuple(
            {
                "LoadBalancerPort": str(item["Listener"]["LoadBalancerPort"]),
                "InstancePort": str(item["Listener"]["InstancePort"]),
                "Protocol": item["Listener"]["Protocol"],
            }
            for item in each.get("ListenerDescriptions", ())
        )
        yield Found(
            kind="AWS::ElasticLoadBalancing::LoadBalancer",
            name=name,
            properties={
                "LoadBalancerName": name,
                "Listeners": listeners,
                **picked(each, "SecurityGroups"),
                "Instances": tuple(item["InstanceId"] for item in each.get("Instances", ())),
            },
            identifiers={name: None, each.get("DNSName") or name: "DNSName"},
        )
