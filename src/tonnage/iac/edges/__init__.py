"""Rules that see who calls whom, one kind of evidence each: a rule takes the wiring and yields edges."""

from collections.abc import Callable, Iterator

from tonnage.iac.edges import (
    api_integration,
    connector,
    distribution_origin,
    environment,
    event_source,
    file_system,
    instance_configuration,
    invoke_permission,
    kubernetes_service,
    load_balancer_target,
    role_policy,
    sam_event,
    security_group,
    state_machine_task,
    subscription,
)
from tonnage.iac.wiring import Wiring
from tonnage.workload import Edge

Rule = Callable[[Wiring], Iterator[Edge]]

RULES: tuple[Rule, ...] = (
    distribution_origin.edges,
    load_balancer_target.edges,
    kubernetes_service.edges,
    api_integration.edges,
    sam_event.edges,
    event_source.edges,
    subscription.edges,
    state_machine_task.edges,
    file_system.edges,
    environment.edges,
    instance_configuration.edges,
    invoke_permission.edges,
    role_policy.edges,
    connector.edges,
    security_group.edges,
)

__all__ = ["RULES", "Rule"]
