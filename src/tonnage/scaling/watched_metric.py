"""What a policy may watch: a metric of the group, one of a queue, or metric math over several.

Sources: CloudFormation, AWS::CloudWatch::Alarm (MetricName, Metrics) and AWS::AutoScaling::ScalingPolicy
(CustomizedMetricSpecification); Amazon EC2 Auto Scaling user guide, "Scaling policy based on Amazon SQS".
"""

from collections.abc import Mapping
from dataclasses import replace

from tonnage.scaling._face import Unsupported
from tonnage.scaling._settings import Settings
from tonnage.scaling.group_metric import UNITS, Formula, GroupMetric, Input, QueueMetric, Statistic, Watched
from tonnage.scaling.metric_math import MathError, Node, names, parse
from tonnage.workload import Reference, Value, references

MESSAGES = "messages"
"""Part of a queue's component that keeps its messages."""
_QUEUE_METRICS: Mapping[str, tuple[str, tuple[Statistic, ...]]] = {
    "ApproximateNumberOfMessagesVisible": (
        "messages waiting",
        (Statistic.AVERAGE, Statistic.MAXIMUM, Statistic.MINIMUM, Statistic.SUM),
    ),
    "ApproximateNumberOfMessagesNotVisible": (
        "messages in flight",
        (Statistic.AVERAGE, Statistic.MAXIMUM, Statistic.MINIMUM, Statistic.SUM),
    ),
    "NumberOfMessagesSent": ("messages sent", (Statistic.SUM,)),
}
_COUNTS = {
    ("AWS/AutoScaling", "GroupInServiceInstances"): GroupMetric.IN_SERVICE,
    ("AWS/AutoScaling", "GroupDesiredCapacity"): GroupMetric.DESIRED,
    ("ECS/ContainerInsights", "RunningTaskCount"): GroupMetric.IN_SERVICE,
    ("ECS/ContainerInsights", "DesiredTaskCount"): GroupMetric.DESIRED,
}
_MOST_METRICS = 10
_NOT_PER_INSTANCE = (GroupMetric.REQUEST_COUNT, GroupMetric.IN_SERVICE, GroupMetric.DESIRED)


def queues_of(metric: Watched) -> frozenset[str]:
    """Queues that must be read for a metric."""
    if isinstance(metric, QueueMetric):
        return frozenset({metric.queue})
    if isinstance(metric, Formula):
        return frozenset(item.metric.queue for item in metric.inputs if isinstance(item.metric, QueueMetric))
    return frozenset()


def name_and_unit(metric: Watched) -> tuple[str, str]:
    """What people call a metric, and the unit after its numbers."""
    if isinstance(metric, Formula):
        return metric.label, ""
    if isinstance(metric, QueueMetric):
        return f"{_QUEUE_METRICS[metric.name][0]} in {metric.queue.partition('/')[0]}", ""
    return UNITS[metric]


def read_watched(settings: Settings) -> tuple[Watched, Statistic, float]:
    """The metric, statistic and period that ``Metrics``, or MetricName and what belongs to it, stand for.

    Raises:
        WorkloadError: A value that CloudWatch would refuse.
        Unsupported: The simulation does not emit this metric, or not this statistic of it.
    """
    if settings.has("Metrics"):
        return _read_formula(settings)
    if not settings.has("MetricName"):
        raise Unsupported("the metric that it watches is not known from the files")
    if settings.has("ExtendedStatistic"):
        raise Unsupported(f"it watches {settings.text('ExtendedStatistic')}, and Tonnage has no percentile metric")
    metric, statistic = read_metric(settings, settings.text("Statistic", among=tuple(item.value for item in Statistic)))
    return metric, statistic, settings.number("Period", 60.0, least=1)


def read_tracked(settings: Settings) -> tuple[Watched, Statistic]:
    """The metric that target tracking keeps at its target, from its ``CustomizedMetricSpecification``.

    Raises:
        WorkloadError: A value that AWS would refuse.
        Unsupported: The simulation does not emit it, or it is no value per instance: one that does not fall when
            capacity is added would never come to its target.
    """
    metric, statistic, period_s = read_watched(settings)
    if period_s != 60.0:
        raise Unsupported(f"it tracks a metric by {period_s:g} s, and metrics are simulated by the minute")
    if isinstance(metric, Formula):
        return metric, statistic
    if isinstance(metric, QueueMetric) or metric in _NOT_PER_INSTANCE:
        name = settings.text("MetricName", name_and_unit(metric)[0])
        raise Unsupported(f"it tracks {name}, which does not fall when capacity is added; AWS advises against it")
    if statistic not in (Statistic.AVERAGE, Statistic.SUM) or (
        metric is GroupMetric.CPU_UTILIZATION and statistic is Statistic.SUM
    ):
        raise Unsupported(f"it tracks the {statistic.value} of {metric.value}, which is not a value per instance")
    return metric, statistic


def _read_formula(settings: Settings) -> tuple[Watched, Statistic, float]:
    items = settings.mappings("Metrics")
    if len(items) > _MOST_METRICS:
        raise settings.refuse("Metrics", f"has {len(items)} entries", f"An alarm takes {_MOST_METRICS}.")
    inputs: list[Input] = []
    expressions: dict[str, tuple[str, Node]] = {}
    periods_s: set[float] = set()
    watched: list[tuple[str, str]] = []
    for item in items:
        key = item.text("Id")
        if item.has("Expression"):
            text = item.text("Expression")
            try:
                expressions[key] = text, parse(text)
            except MathError as error:
                raise Unsupported(f"its expression {text!r} is not understood: {error}") from None
        else:
            stat = item.mapping("MetricStat")
            if stat is None:
                raise settings.refuse("Metrics", f"has neither expression nor metric for {key}", "Give one of the two.")
            metric = stat.mapping("Metric")
            if metric is None:
                raise settings.refuse("Metrics", f"names no metric for {key}", "Give Metric.")
            statistic = stat.text("Stat")
            if statistic not in {each.value for each in Statistic}:
                raise Unsupported(f"it watches {statistic}, and Tonnage has no percentile metric")
            inputs.append(Input(id=key, metric=read_metric(metric, statistic)[0], statistic=Statistic(statistic)))
            periods_s.add(stat.number("Period", 60.0, least=1))
        if item.switch("ReturnData", default=True):
            watched.append((key, item.text("Label", "")))
    if len(watched) != 1:
        raise settings.refuse("Metrics", f"returns the data of {len(watched)} entries", "Set ReturnData on one alone.")
    if len(periods_s) > 1:
        raise settings.refuse("Metrics", "mixes periods", "Give every metric the same Period.")
    period_s = periods_s.pop() if periods_s else 60.0
    ((key, label),) = watched
    plain = next((item for item in inputs if item.id == key), None)
    if plain is not None:
        return plain.metric, plain.statistic, period_s
    text, node = expressions[key]
    try:
        whole = _whole(node, expressions, (key,))
    except MathError as error:
        raise settings.refuse("Metrics", f"cannot be evaluated: {error}", "Correct the expressions.") from None
    missing = [name for name in names(whole) if name not in {item.id for item in inputs}]
    if missing:
        raise settings.refuse("Metrics", f"has no entry with the Id {missing[0]}", "Add it, or correct the expression.")
    return Formula(text=text, node=whole, inputs=tuple(inputs), label=label or text), Statistic.AVERAGE, period_s


def _whole(node: Node, expressions: Mapping[str, tuple[str, Node]], inside: tuple[str, ...]) -> Node:
    """An expression with those that it names put in their places."""
    if node.kind == "name" and node.text in expressions:
        if node.text in inside:
            raise MathError(f"{node.text} is defined by itself")
        return _whole(expressions[node.text][1], expressions, (*inside, node.text))
    return replace(node, parts=tuple(_whole(part, expressions, inside) for part in node.parts))


def read_metric(settings: Settings, statistic_name: str) -> tuple[GroupMetric | QueueMetric, Statistic]:
    """The metric that MetricName, Namespace and Dimensions stand for.

    Raises:
        WorkloadError: No such statistic.
        Unsupported: The simulation does not emit this metric, or not this statistic of it.
    """
    name, namespace = settings.text("MetricName"), settings.text("Namespace")
    dimensions = {item.text("Name"): item.values.get("Value") for item in settings.mappings("Dimensions")}
    statistic = Statistic(statistic_name)
    if (namespace, name) == ("AWS/EC2", "CPUUtilization"):
        if set(dimensions) not in (set(), {"AutoScalingGroupName"}):
            raise Unsupported(f"it watches CPUUtilization of {' and '.join(sorted(dimensions))}, not of the group")
        return GroupMetric.CPU_UTILIZATION, statistic
    if (namespace, name) == ("AWS/ECS", "CPUUtilization"):
        if set(dimensions) != {"ClusterName", "ServiceName"}:
            raise Unsupported("it watches CPUUtilization of a cluster, not of the service")
        return GroupMetric.CPU_UTILIZATION, statistic
    if (namespace, name) == ("AWS/ApplicationELB", "RequestCountPerTarget"):
        if statistic is not Statistic.SUM:
            raise Unsupported(f"RequestCountPerTarget has no {statistic.value}, only Sum is valid")
        return GroupMetric.REQUEST_COUNT_PER_TARGET, statistic
    if name == "RequestCount" and namespace in ("AWS/ApplicationELB", "AWS/ELB"):
        if "AvailabilityZone" in dimensions:
            raise Unsupported("it watches RequestCount of one Availability Zone")
        return GroupMetric.REQUEST_COUNT, statistic
    if (namespace, name) in _COUNTS:
        return _COUNTS[namespace, name], statistic
    if namespace == "AWS/SQS" and name in _QUEUE_METRICS:
        if statistic not in _QUEUE_METRICS[name][1]:
            raise Unsupported(f"it watches the {statistic.value} of {name}")
        queue = _queue_named(dimensions.get("QueueName"))
        if queue is None:
            raise Unsupported(f"it watches {name} of a queue that is not in the files")
        return QueueMetric(queue=f"{queue}/{MESSAGES}", name=name), statistic
    raise Unsupported(f"it watches {name} in {namespace}, a metric that the simulation does not emit")


def _queue_named(value: Value) -> str | None:
    """Logical id of the queue that a dimension refers to."""
    if isinstance(value, Reference):
        return value.resource
    found = [reference.resource for reference in references(value)]
    return found[0] if len(found) == 1 else None
