"""Function or instances → table, database, cache, bucket, queue or function: IAM policies of its role that name it."""

import re
from collections.abc import Iterator, Mapping

from tonnage.iac.launch import instance_profiles
from tonnage.iac.wiring import COMPUTE, DATASTORES, FUNCTIONS, QUEUES, STORAGE, TASKS, TOPICS, WORKFLOWS, Wiring, edge
from tonnage.workload import Component, Edge, Path, Resource, Value, references

_ROLE = "AWS::IAM::Role"
_ATTACHED: Mapping[str, str] = {
    "AWS::IAM::Policy": "Roles",
    "AWS::IAM::ManagedPolicy": "Roles",
    "AWS::IAM::RolePolicy": "RoleName",
}
# Reading a table's stream, or looking at a resource, is no call that a request waits for.
_CALLS = re.compile(
    r"\*$|dynamodb:(\*|(Batch)?Get(Item)?\*?$|BatchGetItem|GetItem|Query|Scan|Put|Update(Item|\*)|Delete(Item|\*)"
    r"|BatchWrite|Batch\*|Transact|ConditionCheck|PartiQL|Write\*)"
    r"|s3:(\*|(Get|Put|Delete)(Object\*?|\*)$)|sqs:Send|sns:(\*|Publish)|events:(\*|Put)|states:(\*|Start)|kinesis:Put"
    r"|lambda:(\*|Invoke)|rds-db:|rds-data:|rds:\*|elasticache:(\*|Connect)|secretsmanager:(\*|Get)|ssm:(\*|Get)"
)
_SAM_POLICY = re.compile(
    r"(Crud|Read|Write|Invoke|SNSPublish|EventBridgePutEvents|StepFunctionsExecution|GetSecretValue|SSMParameterRead"
    r"|SQSSendMessage)\w*Policy$"
)
_CALLABLE = DATASTORES | STORAGE | FUNCTIONS | QUEUES | TOPICS | WORKFLOWS
_Statements = Iterator[tuple[str, Resource, Path, Value]]


def edges(wiring: Wiring) -> Iterator[Edge]:
    """Inferred edges: what may be called at run time is probably called."""
    for component in wiring.of_kind(COMPUTE):
        resource = wiring.resource(component)
        if resource is None:
            continue
        for what, holder, path, value in _policies(wiring, component, resource):
            for mention in wiring.mentions(value, path):
                if wiring.components[mention.component].kind in _CALLABLE:
                    place = holder.place_of(*mention.path)
                    yield edge(component.name, mention.component, f"{what} of {component.name}", place, "inferred")


def _policies(wiring: Wiring, component: Component, resource: Resource) -> _Statements:
    own = resource.get("Policies") if component.kind in FUNCTIONS else None
    for index, policy in enumerate(own if isinstance(own, tuple) else (own,)):
        at: Path = ("Policies", index) if isinstance(own, tuple) else ("Policies",)
        if not isinstance(policy, Mapping):
            yield from _managed(wiring, policy)
        elif "Statement" in policy:
            yield from _statements("Policies", resource, at, policy)
        for name, arguments in policy.items() if isinstance(policy, Mapping) else ():
            if _SAM_POLICY.search(name) and "Stream" not in name:
                yield name, resource, (*at, name), arguments
    if component.kind in FUNCTIONS:
        roles = wiring.named(resource.get("Role"))
    elif component.kind in TASKS:
        tasks = wiring.named(resource.get("TaskDefinition"))
        roles = [role for task in tasks for role in wiring.named(task.get("TaskRoleArn"))]
    else:
        profiles = [each for value in instance_profiles(resource, wiring.stack) for each in wiring.named(value)]
        roles = [role for profile in profiles for role in wiring.named(profile.get("Roles"))]
    for role in {role.name: role for role in roles if role.kind == _ROLE}.values():
        yield from _role(wiring, role)


def _role(wiring: Wiring, role: Resource) -> _Statements:
    inline = role.get("Policies")
    for index, policy in enumerate(inline if isinstance(inline, tuple) else ()):
        document = policy.get("PolicyDocument") if isinstance(policy, Mapping) else None
        at: Path = ("Policies", index, "PolicyDocument")
        yield from _statements(f"a policy in role {role.name}", role, at, document)
    yield from _managed(wiring, role.get("ManagedPolicyArns"))
    for attached in wiring.stack.of_kind(*_ATTACHED):
        if any(each.resource == role.name for each in references(attached.get(_ATTACHED[attached.kind]))):
            yield from _document(attached)


def _managed(wiring: Wiring, value: Value) -> _Statements:
    for policy in wiring.named(value):
        if policy.kind == "AWS::IAM::ManagedPolicy":
            yield from _document(policy)


def _document(policy: Resource) -> _Statements:
    at: Path = ("PolicyDocument",)
    yield from _statements(f"policy {policy.name} in the role", policy, at, policy.get(*at))


def _statements(what: str, holder: Resource, path: Path, document: Value) -> _Statements:
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    several = isinstance(statements, tuple)
    for index, statement in enumerate(statements if isinstance(statements, tuple) else (statements,)):
        if not isinstance(statement, Mapping) or statement.get("Effect", "Allow") != "Allow":
            continue
        actions = statement.get("Action")
        named = actions if isinstance(actions, tuple) else (actions,)
        if any(isinstance(action, str) and _CALLS.match(action) for action in named):
            at = (*path, "Statement", *((index,) if several else ()), "Resource")
            yield what, holder, at, statement.get("Resource")
