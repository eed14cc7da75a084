"""The review as JSON, for machines: every figure, in a stable order, the same for the same seed."""

import json
from typing import Any, Literal

import msgspec

from tonnage.advise.assumptions import Influence
from tonnage.advise.load_line import LoadLine
from tonnage.advise.recommend import Effect, Proposal, Recommendation
from tonnage.advise.review import Review
from tonnage.report import review_format as form
from tonnage.report import sentences
from tonnage.report.json_load import given, judgement_report, load_report, number, pressure_report
from tonnage.services import room
from tonnage.workload import Call, Change, Component, Place, Quantity

SCHEMA: Literal["tonnage.review/1"] = "tonnage.review/1"


def to_json(review: Review) -> str:
    """A review as JSON text (UTF-8, without a newline at its end), in the form that :func:`json_schema` describes.

    There is nothing in it that differs between two runs with the same seed. Lists of numbers stand on one line.
    """
    return _pretty(msgspec.to_builtins(review_report(review)), "")


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what :func:`to_json` gives."""
    found = msgspec.json.schema(form.ReviewReport)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA, **found}


def review_report(review: Review) -> form.ReviewReport:
    """A review in its JSON form, before it is text."""
    return form.ReviewReport(
        schema_=SCHEMA,
        tonnage=review.version,
        seed=review.seed,
        met=review.met,
        workload=_workload(review),
        loads=[load_report(judged) for judged in review.loads],
        load_line=_load_line(review.load_line),
        advised=review.advised,
        recommendations=[_recommendation(review, item) for item in review.recommendations],
        findings=[
            form.FindingReport(
                check=found.check,
                severity=found.severity,
                resource=found.component or None,
                what=found.what,
                remedy=found.remedy,
                place=_place(found.place),
                best_practice=found.best_practice or None,
                source=found.source or None,
            )
            for found in review.findings
        ],
        checks=[
            form.CheckReport(
                check=each.check.id,
                title=each.check.title,
                answer=each.answer,
                looked_at=each.looked_at,
                cannot_tell=dict(each.cannot_tell),
            )
            for each in review.checked
        ],
        assumptions=[_assumption(influence) for influence in review.influences],
        not_modelled=[
            form.NotModelledReport(
                name=item.name, kind=item.kind, reason=item.reason, matters=item.matters, place=_place(item.place)
            )
            for item in review.workload.not_modelled
        ],
        notes=list(sentences.notes(review)),
    )


def _pretty(value: Any, indent: str) -> str:  # noqa: ANN401 - any JSON value
    """Two spaces a level; lists of plain values on one line, so that a series is not a page."""
    inner = indent + "  "
    if isinstance(value, dict) and value:
        items = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {_pretty(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return "[\n" + ",\n".join(inner + _pretty(item, inner) for item in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _place(place: Place | None) -> str | None:
    return None if place is None else str(place)


def _quantity(quantity: Quantity) -> form.QuantityReport:
    return form.QuantityReport(
        value=given(quantity.value),
        unit=quantity.unit,
        evidence=quantity.evidence,
        source=quantity.source,
        low=given(quantity.low),
        high=given(quantity.high),
    )


def _workload(review: Review) -> form.WorkloadReport:
    workload, traffic = review.workload, review.workload.traffic
    return form.WorkloadReport(
        name=workload.name,
        region=workload.region,
        architecture=workload.architecture,
        growth=given(workload.growth),
        traffic=form.TrafficReport(
            name=traffic.name,
            evidence=traffic.evidence,
            start_s=given(traffic.start_s),
            step_s=given(traffic.step_s),
            duration_s=given(traffic.duration_s),
            peak_per_s=given(traffic.peak_per_s),
            mean_per_s=given(traffic.mean_per_s),
        ),
        objectives=[
            form.ObjectiveReport(
                text=objective.text,
                indicator=objective.indicator,
                percentile=number(objective.percentile),
                threshold=given(objective.threshold),
                route=objective.route,
                place=_place(objective.place),
            )
            for objective in workload.objectives
        ],
        components=[_component(review, component) for component in workload.components.values()],
        edges=[
            form.EdgeReport(caller=edge.caller, callee=edge.callee, certainty=edge.certainty, evidence=edge.evidence)
            for edge in workload.edges
        ],
        routes=[
            form.RouteReport(
                name=route.name,
                share=given(route.share),
                deadline_s=given(route.deadline_s),
                inferred=route.inferred,
                entry=_call(route.entry),
            )
            for route in workload.routes
        ],
    )


def _component(review: Review, component: Component) -> form.ComponentReport:
    return form.ComponentReport(
        name=component.name,
        kind=component.kind,
        title=room(component.kind).TITLE,
        summary=review.summaries.get(component.name, ""),
        settings={name: sentences.value_text(value) for name, value in component.settings.items()},
        limits={name: number(value) for name, value in review.limits.get(component.name, {}).items()},
        characteristics={name: _quantity(quantity) for name, quantity in component.characteristics.items()},
        policies=[
            form.PolicyReport(
                name=policy.name,
                mechanism=policy.mechanism,
                description=review.policies.get(policy.name),
                not_simulated=review.unsupported.get(policy.name),
            )
            for policy in component.policies
        ],
        place=_place(component.place),
    )


def _call(call: Call) -> form.CallReport:
    return form.CallReport(
        component=call.component,
        probability=given(call.probability),
        times=call.times,
        timeout_s=number(call.timeout_s),
        demands={name: _quantity(quantity) for name, quantity in call.demands.items()},
        calls=[_call(below) for below in call.calls],
        on_miss=[_call(below) for below in call.on_miss],
    )


def _load_line(line: LoadLine) -> form.LoadLineReport:
    return form.LoadLineReport(
        factor=given(line.factor),
        rate_per_s=given(line.rate_per_s),
        above=number(line.above),
        at_least=line.at_least,
        never=line.never,
        missed=list(line.missed),
        gives_way=[pressure_report(pressure) for pressure in line.gives_way],
        runs=line.runs,
    )


def _recommendation(review: Review, item: Recommendation) -> form.RecommendationReport:
    return form.RecommendationReport(
        title="; ".join(sentences.change_lines(item)),
        at=sentences.tried_at(review, item).scenario.name,
        factor=given(item.effect.outcome.factor),
        changes=[_change(change) for change in item.changes],
        effect=_effect(item.effect),
        before=_effect(item.before),
        value=number(item.value),
        diff=item.diff,
        notes=list(item.notes),
        changed=[
            form.ChangedReport(
                objective=judgement.objective.text,
                change=number(change.mean),
                low=number(change.low),
                high=number(change.high),
            )
            for judgement, change in zip(item.effect.judgements, item.changed, strict=False)
        ],
    )


def _effect(effect: Effect) -> form.EffectReport:
    return form.EffectReport(
        judgements=[judgement_report(judgement) for judgement in effect.judgements],
        missed=effect.missed,
        usd_per_month=number(effect.usd),
        load_line=_load_line(effect.load_line) if effect.load_line else None,
        stopped=effect.outcome.stopped,
    )


def _change(change: Proposal) -> form.ChangeReport:
    edit = change if isinstance(change, Change) else None
    return form.ChangeReport(
        title=next(sentences.proposal_lines(change)),
        component=change.component,
        policy=edit.policy if edit else None,
        setting=edit.setting if edit else None,
        before=None if edit is None or edit.before is None else sentences.value_text(edit.before),
        after=None if edit is None or edit.after is None else sentences.value_text(edit.after),
        because=change.because,
        caveat=change.caveat,
        also=[_change(also) for also in edit.also] if edit else [],
        resources=[] if isinstance(change, Change) else list(change.resources),
    )


def _assumption(influence: Influence) -> form.AssumptionReport:
    assumption = influence.assumption
    return form.AssumptionReport(
        component=assumption.component,
        name=assumption.name,
        where=assumption.where,
        meaning=assumption.meaning,
        quantity=_quantity(assumption.quantity),
        capacity=[number(value) for value in influence.capacity],
        latency=[number(value) for value in influence.latency],
        score=number(influence.score),
        met=None if influence.met is None else list(influence.met),
    )
