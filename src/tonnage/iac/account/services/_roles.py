"""IAM roles that something runs under, with what their policies allow."""

from collections.abc import Iterable, Iterator

from tonnage.iac.account.found import Ask, Found, plain

CALLS = (
    "iam:ListRolePolicies",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
)


def read_roles(ask: Ask, arns: Iterable[str]) -> Iterator[Found]:
    """Roles with their own policies, and the attached ones that are not AWS's.

    Args:
        ask: How the account is asked.
        arns: ARN of each role.
    """
    for arn in dict.fromkeys(arns):
        yield from _role(ask, arn)


def _role(ask: Ask, arn: str) -> Iterator[Found]:
    name = arn.rpartition("/")[2]
    inline = [
        {"PolicyName": policy, "PolicyDocument": plain(document)}
        for policy in ask("iam", "list_role_policies", "PolicyNames", RoleName=name)
        for document in ask("iam", "get_role_policy", "PolicyDocument", RoleName=name, PolicyName=policy)
    ]
    attached = []
    for policy in ask("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        own = policy["PolicyArn"]
        if ":aws:policy/" in own:
            continue
        attached.append(own)
        for found in ask("iam", "get_policy", "Policy", PolicyArn=own):
            arguments = {"PolicyArn": own, "VersionId": found["DefaultVersionId"]}
            for version in ask("iam", "get_policy_version", "PolicyVersion", **arguments):
                yield Found(
                    kind="AWS::IAM::ManagedPolicy",
                    name=policy["PolicyName"],
                    properties={"PolicyDocument": plain(version["Document"])},
                    identifiers={own: None},
                )
    yield Found(
        kind="AWS::IAM::Role",
        name=name,
        properties={"Policies": tuple(inline), "ManagedPolicyArns": tuple(attached)},
        identifiers={arn: "Arn"},
    )
