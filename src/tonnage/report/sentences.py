"""What a review says, in words: the same in the terminal and in the HTML report."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tonnage.advise.assumptions import Influence
from tonnage.advise.checks import SEVERITIES
from tonnage.advise.pressure import Pressure
from tonnage.advise.recommend import Effect, Proposal, Recommendation
from tonnage.advise.review import Judged, Review
from tonnage.advise.verdict import Judgement
from tonnage.report import figures
from tonnage.workload import Change, NotModelled, Objective, Quantity, Reference, Text, Unknown, Value

MATTERS = 0.05
"""An assumption that moves capacity and latency by less (in natural logarithms) is not worth a line."""


ALSO = "with it: "
"""How a line about an edit begins that must go with the one before it."""


def objective_name(objective: Objective) -> str:
    """An objective without its threshold: ``p99 latency of checkout``."""
    if objective.indicator == "latency":
        text = "mean latency" if objective.percentile is None else f"p{objective.percentile:g} latency"
    else:
        text = objective.indicator
    return f"{text} of {objective.route}" if objective.route else text


def load_name(judged: Judged) -> str:
    """A load in a word or two: ``today's peak``, ``+50 %``."""
    return spaced(judged.scenario.name)


def load_title(judged: Judged) -> str:
    """A load with its rate: ``today's peak (412 req/s)``."""
    return f"{load_name(judged)} ({figures.rate(judged.rate_per_s)})"


def doubt(judgement: Judgement) -> str:
    """What a reader must know about a tick or a cross; empty when replications agree."""
    return "" if judgement.confidence == "sure" else judgement.confidence


def component_title(review: Review, name: str) -> str:
    """A component with what it is: ``Database (db.t3.medium)``."""
    summary = review.summaries.get(name, "")
    return f"{name} ({summary})" if summary else name


def pressure_text(review: Review, pressure: Pressure) -> str:
    """What is full, where, and when it became so."""
    title = component_title(review, pressure.component)
    if pressure.kind == "throttle":
        # A table has a bucket for reads and one for writes: the text of both is the same.
        part = pressure.primitive.partition("/")[2]
        title += f" {part}" if part and part != "throttle" else ""
    text = f"{title}: {spaced(pressure.text)}"
    if pressure.since_s is not None and pressure.since_s > 0:
        text += f", after {figures.span(pressure.since_s)} of the peak"
    return text


def spaced(text: str) -> str:
    """A sentence of an inner room with its numbers set as the report sets them: ``96%`` as ``96 %``."""
    result = []
    for k, letter in enumerate(text):
        if letter == "%" and k > 0 and text[k - 1].isdigit():
            result.append(figures.SPACE)
        if letter == "," and 0 < k < len(text) - 3 and text[k - 1].isdigit() and text[k + 1 : k + 4].isdigit():
            result.append(figures.SPACE)
            continue
        result.append(letter)
    return "".join(result)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLineWords:
    """The load line in words.

    Attributes:
        carries: ``471 req/s (+14 %)``, ``at least 6 000 req/s``, ``none``.
        against_today: ``14 % above today's peak``; empty where there is no load line.
        gives_way: What gives way first; empty where nothing did.
        then: What gives way after it.
        misses: The objectives missed just above; empty where none is.
    """

    carries: str
    against_today: str
    gives_way: str
    then: tuple[str, ...]
    misses: str


def load_line_words(review: Review) -> LoadLineWords:
    """The load line of a review, in words."""
    line = review.load_line
    today = review.loads[0].scenario.name
    distance = line.factor - 1.0
    if line.never:
        carries, against = "none", ""
    else:
        carries = f"{'at least ' if line.at_least else ''}{figures.rate(line.rate_per_s)}"
        carries += f" ({figures.signed_percent(distance)})"
        side = "above" if distance >= 0 else "below"
        against = f"{figures.percent(abs(distance))} {side} {today}"
        if abs(distance) < 0.005:
            against = f"just {today}"
        elif line.factor >= 10:
            against = f"{line.factor:.0f} times {today}"
    ordered = [pressure_text(review, pressure) for pressure in line.gives_way]
    return LoadLineWords(
        carries=carries,
        against_today=against,
        gives_way=ordered[0] if ordered else "",
        then=tuple(ordered[1:]),
        misses=" and ".join(spaced(text) for text in line.missed),
    )


def headline(review: Review) -> str:
    """The answer in one sentence."""
    line, words = review.load_line, load_line_words(review)
    if line.never:
        return f"{review.workload.name} does not meet its objectives at any load that was tried."
    least = "at least " if line.at_least else ""
    return (
        f"{review.workload.name} carries {least}{figures.rate(line.rate_per_s, 'requests/s')}: {words.against_today}."
    )


def value_text(value: Value) -> str:
    """A value of a template in a few characters."""
    if value is None:
        return "(unset)"
    if isinstance(value, Reference):
        return f"{value.resource}.{value.attribute}" if value.attribute else value.resource
    if isinstance(value, Unknown):
        return f"(unknown: {value.reason})"
    if isinstance(value, Text):
        return "".join(value_text(part) for part in value.parts)
    if isinstance(value, tuple):
        return "[" + ", ".join(value_text(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {value_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def change_lines(recommendation: Recommendation) -> Iterator[str]:
    """Each edit of a recommendation in a line, the ones that must go with it after it."""
    for change in recommendation.changes:
        yield from proposal_lines(change)


def proposal_lines(change: Proposal) -> Iterator[str]:
    """One change in a line, with the edits that must go with it after it."""
    if isinstance(change, Change):
        yield from _edits(change)
    else:
        yield change.title


def _edits(change: Change) -> Iterator[str]:
    where = change.policy or change.component
    after = "removed" if change.after is None else value_text(change.after)
    yield f"{where} {change.setting} {value_text(change.before)} → {after}"
    for also in change.also:
        yield from (f"{ALSO}{line}" for line in _edits(also))


def shown_objective(objectives: Iterable[Objective], before: Iterable[Judgement]) -> Objective | None:
    """The objective a list of recommendations shows: a missed one rather than a met one, latency before errors."""
    missed = {judgement.objective for judgement in before if not judgement.met}
    speaking = [objective for objective in objectives if objective.indicator != "cost"]
    speaking.sort(key=lambda objective: (objective not in missed, objective.indicator != "latency"))
    return speaking[0] if speaking else None


def judgement_of(effect: Effect, objective: Objective) -> Judgement | None:
    """What an effect is on one objective."""
    return next((judgement for judgement in effect.judgements if judgement.objective == objective), None)


def tried_at(review: Review, recommendation: Recommendation) -> Judged:
    """The load at which a recommendation was tried."""
    factor = recommendation.effect.outcome.factor
    return min(review.loads, key=lambda judged: abs(judged.scenario.factor - factor))


def carrying(review: Review) -> tuple[Influence, ...]:
    """The assumptions that carry the verdict: simulated, and at an end of their range an objective is missed."""
    return tuple(item for item in review.influences if item.met is not None and not all(item.met))


def assumed_text(influence: Influence) -> str:
    """An assumption with its value and range: ``Database cpu (9 ms, 6 ms–15 ms)``."""
    assumption = influence.assumption
    parts = [figures.measure(assumption.quantity.value, assumption.quantity.unit)]
    if between := figures.quantity_range(assumption.quantity):
        parts.append(between)
    return f"{assumption.component} {assumption.name} ({', '.join(parts)})"


def ends_text(influence: Influence) -> str:
    """What happens at the ends of a range, in words; empty where the ends were not simulated."""
    if influence.met is None:
        return ""
    quantity = influence.assumption.quantity
    if influence.met[0] == influence.met[1]:
        return f"every objective {'holds' if influence.met[0] else 'is missed'} at both ends"
    words = [
        f"{'holds' if met else 'misses'} at {figures.measure(value, quantity.unit)}"
        for value, met in zip((quantity.low, quantity.high), influence.met, strict=True)
    ]
    return ", ".join(words)


def grouped_notes(review: Review) -> tuple[tuple[str, str], ...]:
    """What recommendations ask of the user, each once, with the numbers of those that ask it: ``("1, 3", "…")``."""
    asked: dict[str, list[str]] = {}
    for k, item in enumerate(review.recommendations, start=1):
        for note in dict.fromkeys(item.notes):
            asked.setdefault(note, []).append(str(k))
    return tuple((", ".join(numbers), note) for note, numbers in asked.items())


def counted_findings(review: Review) -> str:
    """How many findings there are by severity: ``1 impossible, 3 high``."""
    counts = {severity: sum(found.severity == severity for found in review.findings) for severity in SEVERITIES}
    return ", ".join(f"{count} {severity}" for severity, count in counts.items() if count)


def evidence_text(quantity: Quantity) -> str:
    """A quantity with where it comes from: ``9 ms (assumed, 6 ms–15 ms)``."""
    between = figures.quantity_range(quantity)
    return f"{figures.measure(quantity.value, quantity.unit)} ({quantity.evidence}{', ' + between if between else ''})"


def left_out(review: Review) -> tuple[tuple[NotModelled, ...], tuple[NotModelled, ...]]:
    """What is not modelled: first what requests probably pass through, then the rest."""
    items = review.workload.not_modelled
    return tuple(item for item in items if item.matters), tuple(item for item in items if not item.matters)


def notes(review: Review) -> tuple[str, ...]:
    """What a reader must know about how the answer came to be, no sentence twice."""
    found = [*review.workload.notes]
    inferred = [route.name for route in review.workload.routes if route.inferred]
    if inferred:
        found.append(f"Routes made from the wiring of the template and not confirmed: {', '.join(inferred)}.")
    found += [f"Scaling policy {name} is not simulated: {reason}." for name, reason in review.unsupported.items()]
    found += [
        f"At {load_name(judged)} the run with seed {outcome.seed} was ended early ({spaced(outcome.stopped)})."
        for judged in review.loads
        for outcome in judged.outcomes
        if outcome.stopped
    ]
    return tuple(dict.fromkeys(found))


def cost_notes(review: Review) -> tuple[str, ...]:
    """What the cost estimates or leaves out, no sentence twice."""
    return tuple(dict.fromkeys(note for judged in review.loads for note in judged.cost.notes))


def simulated(review: Review) -> str:
    """How the answer was made, in a line."""
    outcomes = [outcome for judged in review.loads for outcome in judged.outcomes]
    requests = sum(outcome.requests for outcome in outcomes)
    runs = "/".join(dict.fromkeys(str(len(judged.outcomes)) for judged in review.loads))
    windows = " and ".join(dict.fromkeys(figures.span(judged.outcomes[0].judged_s) for judged in review.loads))
    return (
        f"{runs} runs of the busiest {windows} at each load, {figures.whole(requests)} requests simulated one by one; "
        f"seed {review.seed}, Tonnage {review.version}"
    )
