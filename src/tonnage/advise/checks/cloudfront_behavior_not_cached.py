"""A cache behavior that keeps nothing, so that every GET goes to the origin."""

from collections.abc import Iterator

from tonnage.advise.checks._face import Check, Hit, View
from tonnage.services import CacheBehavior, behavior_of, is_cached, max_age_s, read_behaviors
from tonnage.workload import Resource


def _look(resource: Resource, view: View) -> Iterator[Hit]:
    component = view.component(resource)
    asked_s = max_age_s(component) if component is not None else None
    found = list(read_behaviors(resource, view.stack))
    carried = _carried(resource, view, [behavior for _, behavior in found])
    for path, behavior in found:
        if behavior.kept_s(asked_s) > 0 or (carried is not None and behavior not in carried):
            continue
        name = f"PathPattern {behavior.pattern}" if "CacheBehaviors" in path else "the default behavior"
        policy = behavior.bounds.name
        if behavior.why_not:
            why = behavior.why_not
        elif behavior.bounds.maximum_s <= 0:
            why = f"its policy is {policy}" if policy else "its maximum TTL is 0"
        elif asked_s is None:
            why = "its default TTL is 0, and whether the origin sends a max-age is not stated"
        else:
            why = f"the origin sends a max-age of {asked_s:g} s and the minimum TTL is 0"
        yield Hit(
            what=f"{name} keeps nothing, so every GET goes to the origin: {why}",
            path=path,
            remedy="State max_age of the distribution if the origin sends one."
            if why.startswith("its default")
            else "",
        )


def _carried(resource: Resource, view: View, behaviors: list[CacheBehavior]) -> list[CacheBehavior] | None:
    """Behaviors by which GETs go; None where no route says its request."""
    calls = [call for _, call in view.workload.calls() if call.component == resource.name]
    if not calls or not all(call.request for call in calls):
        return None
    found = [(behavior_of(behaviors, call.request, ""), call.request) for call in calls]
    return [behavior for behavior, request in found if is_cached(behavior, request)]


CHECK = Check(
    id="cloudfront-behavior-not-cached",
    title="Every cache behavior that carries GETs keeps what it may",
    why="What the edge does not keep costs the way to the origin and the origin's capacity, for every request.",
    remedy="Give what is the same for everyone a cache policy with a TTL, if only of some seconds.",
    source="Amazon CloudFront developer guide, increasing the proportion of requests that are served from the cache",
    best_practice="PERF03-BP05",
    severity="low",
    kinds=("AWS::CloudFront::Distribution",),
    look=_look,
)
