"""Load tests: their stages are the loads that were judged, their thresholds the objectives."""

import ast
import base64
import json
import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from emit.judged import LINE, NEAR, web_shop
from tonnage.emit.load_test import generator, k6, locust, stages


def test_stages_are_the_judged_loads_in_order() -> None:
    assert [(stage.name, round(stage.rate_per_s)) for stage in stages(web_shop(), NEAR)] == [
        ("today's peak", 211), ("load line", 250), ("beyond the load line", 275), ("growth +50%", 316),
    ]  # fmt: skip
    endless = replace(NEAR, line=replace(LINE, at_least=True))
    assert [stage.name for stage in stages(web_shop(), endless)] == ["today's peak", "growth +50%"]


def test_the_script_of_k6() -> None:
    script = k6(web_shop(), NEAR)
    options = json.loads(re.search(r"options = (\{.*?\n\});", script, re.DOTALL)[1])  # type: ignore[index]
    assert options["thresholds"] == {"http_req_duration": ["p(99)<400"], "http_req_failed": ["rate<0.001"]}
    scenario = options["scenarios"]["mix"]
    assert scenario["executor"] == "ramping-arrival-rate"
    assert [stage["target"] for stage in scenario["stages"]] == [211, 211, 250, 250, 275, 275, 316, 316]
    routes = json.loads(re.search(r"ROUTES = (\[.*?\n\]);", script, re.DOTALL)[1])  # type: ignore[index]
    assert [(each["name"], each["share"]) for each in routes] == [("browse", 0.85), ("checkout", 0.15)]


def test_node_can_parse_the_script_of_k6() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not there to parse JavaScript")
    checked = subprocess.run(
        [node, "--input-type=module", "--check", "-"], input=k6(web_shop(), NEAR), text=True, capture_output=True
    )
    assert checked.returncode == 0, checked.stderr


def test_the_file_of_locust_holds_each_stage_for_its_time() -> None:
    text = locust(web_shop(), NEAR)
    tree = ast.parse(text)
    plan = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "STAGES"
    )
    assert plan[0] == ("today's peak", 120, 300, 211)
    shape = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Shape")
    scope: dict[str, object] = {"STAGES": plan, "LoadTestShape": object}
    exec(compile(ast.Module([shape], []), "shape", "exec"), scope)

    def at(second: float) -> object:
        run = scope["Shape"]()  # type: ignore[operator]
        run.get_run_time = lambda: second
        return run.tick()

    assert at(0) == (1, 211)
    assert at(60) == (106, 211)
    assert at(200) == (211, 211)
    assert at(420 + 419) == (250, 250)
    assert at(10_000) is None


def test_the_template_runs_that_script() -> None:
    body = json.loads(generator(web_shop(), NEAR))
    container = body["Resources"]["LoadTest"]["Properties"]["ContainerDefinitions"][0]
    script = next(each["Value"] for each in container["Environment"] if each["Name"] == "SCRIPT")
    assert base64.b64decode(script).decode() == k6(web_shop(), NEAR)
