"""The dashboard is CloudWatch's JSON once names are put in, with the lines of the simulation."""

import json

from emit.judged import NEAR, web_shop
from tonnage.emit.dashboard import dashboard
from tonnage.workload import Reference, Text


def test_the_body_is_json_with_names_put_in() -> None:
    added = dashboard(web_shop(), NEAR)
    body = added.resources["TonnageDashboard"]["Properties"]["DashboardBody"]  # type: ignore[index,call-overload]
    assert isinstance(body, Text)
    names = [part for part in body.parts if isinstance(part, Reference)]
    assert Reference("LoadBalancer", "LoadBalancerFullName") in names
    widgets = json.loads("".join("NAME" if isinstance(part, Reference) else str(part) for part in body.parts))[
        "widgets"
    ]
    heading, *graphs = widgets
    assert "Load line **250 requests/s**" in heading["properties"]["markdown"]
    assert len({(each["x"], each["y"]) for each in widgets}) == len(widgets)
    assert all(each["x"] + each["width"] <= 24 for each in widgets)
    load = next(each["properties"] for each in graphs if each["properties"]["title"].endswith("requests a minute"))
    assert load["metrics"] == [["AWS/ApplicationELB", "RequestCount", "LoadBalancer", "NAME", {"stat": "Sum"}]]
    assert [line["value"] for line in load["annotations"]["horizontal"]] == [15000, 12000]
    assert "NAME" in str(graphs[-1])
