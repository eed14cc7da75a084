"""The workload as a load test: its mix of requests, its peak, what is judged beside it, and just beyond the load line.

The rate is given, not the number of users: a slow answer must not slow the test down (an open model; Schroeder, Wierman
and Harchol-Balter, "Open versus closed: a cautionary tale", NSDI 2006).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from tonnage.emit.near_limit import NearLimit
from tonnage.workload import Objective, Workload

_BEYOND = 1.1
_RAMP_S, _HOLD_S = 120, 300
_EXECUTION_POLICY = "AmazonECSTaskExecutionRolePolicy"
_OPEN_FOR_S = 5.0
"""Longest that an answer may take before the tool has too few users for the rate."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the test.

    Attributes:
        name: Why.
        rate_per_s: Rate at its end.
        ramp_s: How long the rate takes to get there.
        hold_s: How long it stays.
    """

    name: str
    rate_per_s: float
    ramp_s: int = _RAMP_S
    hold_s: int = _HOLD_S


def stages(workload: Workload, near: NearLimit) -> tuple[Stage, ...]:
    """Today's peak, the grown one, the load line and a tenth beyond it, in the order of their rates."""
    peak = workload.traffic.peak_per_s
    wanted = [("today's peak", peak)]
    if workload.growth > 1.0:
        wanted.append((f"growth {workload.growth - 1:+.0%}", peak * workload.growth))
    if not (near.line.never or near.line.at_least):
        wanted += [("load line", near.line.rate_per_s), ("beyond the load line", near.line.rate_per_s * _BEYOND)]
    return tuple(Stage(name, rate) for name, rate in sorted(wanted, key=lambda each: each[1]))


def _requests(workload: Workload) -> Iterator[tuple[str, float, str, str]]:
    """Name, share, method and path of each route that clients send."""
    for route in workload.routes:
        method, _, path = route.entry.request.partition(" ")
        if not path:
            method, path = "GET", f"/{route.name}" if len(workload.routes) > 1 else "/"
        yield route.name, route.share, method, path.replace("*", "1")


def _judged(objectives: tuple[Objective, ...]) -> Iterator[tuple[str, str]]:
    """k6's thresholds: a metric and a condition."""
    for objective in objectives:
        tag = f"{{route:{objective.route}}}" if objective.route else ""
        if objective.indicator == "latency":
            what = "avg" if objective.percentile is None else f"p({objective.percentile:g})"
            yield f"http_req_duration{tag}", f"{what}<{1000.0 * objective.threshold:g}"
        elif objective.indicator == "errors":
            yield f"http_req_failed{tag}", f"rate<{objective.threshold:g}"


def k6(workload: Workload, near: NearLimit) -> str:
    """A script for k6, with the objectives as its thresholds.

    Source: k6 documentation, executor "ramping-arrival-rate" and thresholds.
    """
    plan: list[dict[str, object]] = []
    for stage in stages(workload, near):
        plan.append({"duration": f"{stage.ramp_s}s", "target": round(stage.rate_per_s)})
        plan.append({"duration": f"{stage.hold_s}s", "target": round(stage.rate_per_s)})
    highest = max(stage.rate_per_s for stage in stages(workload, near))
    thresholds: dict[str, list[str]] = {}
    for metric, condition in _judged(workload.objectives):
        thresholds.setdefault(metric, []).append(condition)
    routes = [
        {"name": name, "share": round(share, 6), "method": method, "path": path}
        for name, share, method, path in _requests(workload)
    ]
    options = {
        "scenarios": {
            "mix": {
                "executor": "ramping-arrival-rate",
                "startRate": 1,
                "timeUnit": "1s",
                "preAllocatedVUs": max(10, round(highest)),
                "maxVUs": max(20, round(highest * _OPEN_FOR_S)),
                "stages": plan,
            }
        },
        "thresholds": thresholds,
    }
    return f"""// {workload.name}: {_told(workload, near)}
// Run: k6 run -e BASE_URL=https://test.example.com {workload.name}.js
// Paths are examples, bodies are empty: put in what your clients send. Never aim it at what others depend on.
import http from "k6/http";

if (!__ENV.BASE_URL) throw new Error("give -e BASE_URL=https://...");
const HEADERS = __ENV.TOKEN ? {{ Authorization: `Bearer ${{__ENV.TOKEN}}` }} : {{}};
const ROUTES = {json.dumps(routes, indent=2)};

export const options = {json.dumps(options, indent=2)};

export default function () {{
  let left = Math.random();
  const route = ROUTES.find((each) => (left -= each.share) < 0) || ROUTES[ROUTES.length - 1];
  http.request(route.method, __ENV.BASE_URL + route.path, null, {{ headers: HEADERS, tags: {{ route: route.name }} }});
}}
"""


def locust(workload: Workload, near: NearLimit) -> str:
    """A file for Locust: a user sends one request a second, so that users are the rate.

    Source: Locust documentation, ``constant_throughput`` and ``LoadTestShape``.
    """
    plan = [(stage.name, stage.ramp_s, stage.hold_s, round(stage.rate_per_s)) for stage in stages(workload, near)]
    tasks = "\n".join(
        f"""    @task({max(1, round(1000 * share))})
    def {_identifier(name)}(self):
        self.client.request({method!r}, {path!r}, headers=HEADERS, name={name!r})
"""
        for name, share, method, path in _requests(workload)
    )
    return f'''"""{workload.name}: {_told(workload, near)}

Run: locust --headless --host https://test.example.com -f {workload.name}.py
Paths are examples, bodies are empty: put in what your clients send. Never aim it at what others depend on.
"""

import os

from locust import HttpUser, LoadTestShape, constant_throughput, task

HEADERS = {{"Authorization": f"Bearer {{os.environ['TOKEN']}}"}} if "TOKEN" in os.environ else {{}}
# What it stands for, seconds to get there, seconds there, requests a second.
STAGES = {plan!r}


class Client(HttpUser):
    """One request a second: the number of users is the rate, as long as answers take less than a second."""

    wait_time = constant_throughput(1)

{tasks}

class Shape(LoadTestShape):
    """The stages, one after the other."""

    def tick(self):
        now, before = self.get_run_time(), 1
        for _, ramp_s, hold_s, rate in STAGES:
            if now < ramp_s:
                return round(before + (rate - before) * now / ramp_s), max(1, rate)
            if now < ramp_s + hold_s:
                return rate, max(1, rate)
            now, before = now - ramp_s - hold_s, rate
        return None
'''


def _identifier(name: str) -> str:
    made = "".join(each if each.isalnum() else "_" for each in name)
    return f"route_{made}"


def _told(workload: Workload, near: NearLimit) -> str:
    found = ", ".join(f"{stage.name} {stage.rate_per_s:,.0f}/s" for stage in stages(workload, near))
    return f"{found} (load line simulated by Tonnage, seed {near.seed})"


def generator(workload: Workload, near: NearLimit) -> str:
    """A CloudFormation template that runs the k6 script once as a Fargate task.

    One task of 4 vCPUs and 8 GB: k6's documentation, "Running large tests", has 30,000 to 40,000 users on one machine
    and advises one vCPU for some thousand requests a second.
    """
    import base64

    script = base64.b64encode(k6(workload, near).encode()).decode()
    container = {
        "Name": "k6",
        "Image": "grafana/k6",
        "EntryPoint": ["sh", "-c"],
        "Command": ["echo $SCRIPT | base64 -d > /tmp/test.js && k6 run -e BASE_URL=$BASE_URL /tmp/test.js"],
        "Environment": [
            {"Name": "SCRIPT", "Value": script},
            {"Name": "BASE_URL", "Value": {"Ref": "BaseUrl"}},
        ],
        "LogConfiguration": {
            "LogDriver": "awslogs",
            "Options": {
                "awslogs-group": {"Ref": "Logs"},
                "awslogs-region": {"Ref": "AWS::Region"},
                "awslogs-stream-prefix": "k6",
            },
        },
    }
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
        ],
    }
    body = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Load test of {workload.name}: run it with 'aws ecs run-task' where it reaches the target",
        "Parameters": {"BaseUrl": {"Type": "String", "Description": "What is tested, as https://test.example.com"}},
        "Resources": {
            "Cluster": {"Type": "AWS::ECS::Cluster"},
            "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}},
            "ExecutionRole": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": trust,
                    "ManagedPolicyArns": [
                        {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/service-role/{_EXECUTION_POLICY}"}
                    ],
                },
            },
            "LoadTest": {
                "Type": "AWS::ECS::TaskDefinition",
                "Properties": {
                    "Cpu": "4096",
                    "Memory": "8192",
                    "NetworkMode": "awsvpc",
                    "RequiresCompatibilities": ["FARGATE"],
                    "ExecutionRoleArn": {"Fn::GetAtt": ["ExecutionRole", "Arn"]},
                    "ContainerDefinitions": [container],
                },
            },
        },
    }
    return json.dumps(body, indent=2) + "\n"
