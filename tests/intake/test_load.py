"""From files to a workload, and every input that cannot be used: one sentence, the right error, its place."""

from pathlib import Path

import pytest

from refusals import refusal
from tonnage.catalog import load_catalog
from tonnage.compile import compile_workload
from tonnage.iac.yaml_marks import replaced
from tonnage.intake import Overrides, Source, load, open_source
from tonnage.workload import (
    CatalogError,
    CircuitBreaker,
    InputError,
    ObjectiveError,
    Retry,
    TemplateError,
    TrafficError,
    Workload,
    WorkloadError,
)
from workloads import API_TEMPLATE, WEB_FILE, WEB_TEMPLATE, a_web_source, an_api_source

TEMPLATE = WEB_TEMPLATE.format(instance_type="m5.large", credits="", min_size=2, max_size=6, db_class="db.m5.large")
FILE = WEB_FILE.format(
    traffic="constant 50/s for 20 min",
    growth=1.5,
    objectives="  - p99 latency < 300 ms\n  - errors < 0.1 %",
    web_cpu="10 ms",
    db_cpu="5 ms",
    workers=100,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "tonnage.yaml").write_text(FILE)
    return tmp_path


def line_of(folder: Path, text: str, file: str = "tonnage.yaml") -> int:
    lines = (folder / file).read_text().splitlines()
    return next(k for k, line in enumerate(lines, start=1) if text in line)


def changed(folder: Path, old: str, new: str, file: str = "tonnage.yaml") -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def opened(path: Path | str, **overrides: object) -> Workload:
    workload = load(open_source(str(path), Overrides(**overrides)))  # type: ignore[arg-type]
    compile_workload(workload, load_catalog(workload.region))
    return workload


def refused(path: Path | str, of: type[InputError], *, remedy: bool = True, **overrides: object) -> InputError:
    return refusal(of, lambda: opened(path, **overrides), remedy=remedy)


# --- what is understood ---------------------------------------------------------------------------------------------


def test_a_folder_a_workload_file_and_a_template_are_told_apart(folder: Path) -> None:
    by_folder, by_file = opened(folder), opened(folder / "tonnage.yaml")
    assert by_folder == by_file
    assert [route.name for route in by_folder.routes] == ["browse", "order"]
    assert not by_folder.routes[0].inferred
    direct = opened(folder / "template.yaml")
    assert direct.name == "template"
    assert all(route.inferred for route in direct.routes)
    assert direct.components.keys() == by_folder.components.keys()


def test_a_workload_file_may_have_any_name(folder: Path) -> None:
    (folder / "tonnage.yaml").rename(folder / "shop.yml")
    assert [route.name for route in opened(folder / "shop.yml").routes] == ["browse", "order"]


def test_what_nobody_said_is_assumed_and_told(folder: Path) -> None:
    (folder / "tonnage.yaml").write_text("architecture: template.yaml\n")
    workload = opened(folder)
    assert workload.traffic.evidence == "assumed"
    assert [objective.text for objective in workload.objectives] == ["p99 latency < 500 ms", "errors < 0.1 %"]
    assert workload.growth == 1.5
    told = " ".join(workload.notes)
    assert "no traffic was given" in told
    assert "no objectives were given" in told
    assert "routes were inferred" in told


def test_the_command_line_says_over_the_files(folder: Path) -> None:
    workload = opened(
        folder,
        traffic="constant 7/s for 1h",
        region="eu-west-1",
        objectives=["errors < 5 %"],
        growth=3.0,
    )
    assert workload.traffic.peak_per_s == 7.0
    assert workload.region == "eu-west-1"
    assert [objective.text for objective in workload.objectives] == ["errors < 5 %"]
    assert workload.growth == 3.0


def test_a_traffic_file_stands_beside_the_workload_file_or_where_one_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "timestamp,count\n2026-01-01T00:00:00Z,600\n2026-01-01T00:01:00Z,1200\n2026-01-01T00:02:00Z,600\n"
    (folder / "counts.csv").write_text(rows)
    changed(folder, "constant 50/s for 20 min", "counts.csv")
    workload = opened(folder)
    assert workload.traffic.evidence == "measured"
    assert workload.traffic.rates_per_s == (10.0, 20.0, 10.0)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.csv").write_text(rows.replace("1200", "6000"))
    monkeypatch.chdir(elsewhere)
    assert opened(folder, traffic="mine.csv").traffic.peak_per_s == 100.0


def test_parameters_reach_the_template_and_the_command_line_wins(folder: Path) -> None:
    changed(folder, "Resources:", "Parameters:\n  Type: {Type: String}\nResources:", "template.yaml")
    changed(folder, "InstanceType: m5.large", "InstanceType: !Ref Type", "template.yaml")
    changed(folder, "traffic:", "parameters: {Type: c5.large}\ntraffic:")
    assert opened(folder).components["Web"].settings["InstanceType"] == "c5.large"
    given = opened(folder, parameters={"Type": "r5.large"})
    assert given.components["Web"].settings["InstanceType"] == "r5.large"


def test_every_word_of_a_call_is_understood(folder: Path) -> None:
    changed(
        folder,
        "      - call: Web\n        demands: { cpu: 10 ms }",
        "      - call: Web\n        demands: { cpu: 4 ms (2-10 ms) }\n        probability: 50 %\n        times: 3\n"
        "        timeout: 2 s\n        retries: 2",
    )
    call = opened(folder).routes[0].entry.calls[0]
    assert (call.probability, call.times, call.timeout_s) == (0.5, 3, 2.0)
    assert call.retry.attempts == 3
    assert call.demands["cpu"].evidence == "assumed"
    assert call.demands["cpu"].source.endswith(f"tonnage.yaml:{line_of(folder, '4 ms')}")


def test_a_patched_text_takes_the_place_of_the_files(folder: Path) -> None:
    source = open_source(str(folder), Overrides())
    assert load(source).components["Web"].settings["MaxSize"] == 6
    with replaced({source.architecture: TEMPLATE.replace('MaxSize: "6"', 'MaxSize: "9"')}):
        again = load(source)
    assert again.components["Web"].settings["MaxSize"] == 9
    assert again.architecture == load(source).architecture


# --- files that are not there, or not what they say -----------------------------------------------------------------


def test_a_missing_file(tmp_path: Path) -> None:
    assert "There is no file" in refused(tmp_path / "none.yaml", WorkloadError).what


def test_a_folder_without_a_workload_file(tmp_path: Path) -> None:
    error = refused(tmp_path, WorkloadError)
    assert "without a tonnage.yaml" in error.what
    assert "tonnage init" in error.remedy


def test_a_missing_architecture_is_told_where_it_is_named(folder: Path) -> None:
    (folder / "template.yaml").unlink()
    error = refused(folder, WorkloadError)
    assert "template.yaml is not there" in error.what
    assert error.place.line == line_of(folder, "architecture:")


@pytest.mark.parametrize("content", ["", "\n# nothing\n", "- a\n- b\n", "just text\n"])
def test_a_workload_file_that_says_nothing(folder: Path, content: str) -> None:
    (folder / "tonnage.yaml").write_text(content)
    assert "empty or not a mapping" in refused(folder, WorkloadError).what


def test_broken_yaml_with_line_and_column(folder: Path) -> None:
    changed(folder, "objectives:", "objectives: [a, b\n")
    error = refused(folder, WorkloadError, remedy=False)
    assert "not valid YAML" in error.what
    assert error.place.line >= line_of(folder, "objectives:")
    assert error.place.column > 1


@pytest.mark.parametrize(
    ("name", "content"), [("binary.yaml", b"\xff\xfe\x00\x01\x80"), ("nul.yaml", b"architecture: a\x00b\n")]
)
def test_what_is_not_text_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    refusal(TemplateError if name == "binary.yaml" else WorkloadError, lambda: opened(tmp_path / name), remedy=False)
    (tmp_path / "tonnage.yaml").write_bytes(content)
    refused(tmp_path, WorkloadError, remedy=False)


def test_a_template_that_is_broken_yaml(folder: Path) -> None:
    changed(folder, "  Web:", "  Web: {", "template.yaml")
    error = refused(folder, TemplateError, remedy=False)
    assert error.place.line > 1


def test_a_duplicate_key_is_not_silently_dropped(folder: Path) -> None:
    changed(folder, "  order:", "  browse:")
    error = refused(folder, WorkloadError, remedy=False)
    assert "browse" in str(error)
    assert error.place is not None


# --- what the workload file says ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("growth: 1.5", "grwoth: 1.5", "grwoth"),
        ("    share: 80 %", "    sahre: 80 %", "sahre"),
        ("    call: Balancer\n    then:", "    call: Balancer\n    after:", "after"),
        ("      - call: Web\n        demands:", "      - call: Web\n        demand:", "demand"),
    ],
)
def test_an_unknown_key_is_told_with_its_line(folder: Path, old: str, new: str, word: str) -> None:
    changed(folder, old, new)
    error = refused(folder, WorkloadError)
    assert word in error.what
    assert error.place.line == line_of(folder, f"{word}:")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("growth: 1.5", "growth: lots", "growth:"),
        ("        demands: { cpu: 10 ms }", "        times: often", "times:"),
        ("objectives:\n", "objectives: fast\nobjectives2:\n", "objectives:"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_with_its_line(folder: Path, old: str, new: str, line: str) -> None:
    changed(folder, old, new)
    error = refused(folder, WorkloadError)
    assert error.place.line in {line_of(folder, line), line_of(folder, "objectives2:") if "objectives2" in new else 0}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("      - call: Web", "      - call: Wbe", "'Wbe'"),
        ("demands: { cpu: 10 ms }", "demands: { cpuu: 10 ms }", "cpuu"),
        ("demands: { cpu: 10 ms }", "demands: { cpu: 10 parsecs }", "10 parsecs"),
        ("demands: { cpu: 10 ms }", "demands: { cpu: -10 ms }", "-10 ms"),
        ("demands: { cpu: 10 ms }", "demands: { cpu: .nan }", "nan"),
        ("    share: 80 %", "    share: most", "most"),
        ("    share: 80 %", "    share: -20 %", "-20 %"),
        ("    share: 80 %", "    share: 80 %\n    deadline: soon", "soon"),
        ("    boot_time: 60 s", "    boot_tiem: 60 s", "boot_tiem"),
        ("    boot_time: 60 s", "    boot_time: 60 m2", "60 m2"),
        ("  Web:\n    boot", "  Wbe:\n    boot", "Wbe"),
        ("      - call: Web\n", "      - call: Web\n        timeout: never\n", "never"),
        ("      - call: Web\n", "      - call: Web\n        probability: 1.5\n", "1.5"),
        ("      - call: Web\n", "      - call: Web\n        times: 0\n", "times 0"),
        ("      - call: Web\n", "      - call: Web\n        timeout: 0 s\n", "timeout 0"),
        ("      - call: Web\n", "      - call: Web\n        retries: 500\n", "attempts"),
        ("  - p99 latency < 300 ms", "  - p99 latency < 0 ms", "can never be met"),
        ("  - p99 latency < 300 ms", "  - errors < 0 %", "can never be met"),
        ("  - p99 latency < 300 ms", "  - be fast", "cannot be read"),
        ("  - p99 latency < 300 ms", "  - p99 latency of nowhere < 1 s", "'nowhere'"),
        ("growth: 1.5", "growth: 0", "growth"),
        ("growth: 1.5", "growth: .nan", "growth"),
        ("constant 50/s for 20 min", "constant plenty", "constant plenty"),
        ("constant 50/s for 20 min", "constant 0/s", "/s"),
        ("constant 50/s for 20 min", "counts.csv", "counts.csv"),
    ],
)
def test_what_the_file_says_is_refused_at_its_line(folder: Path, old: str, new: str, said: str) -> None:
    changed(folder, old, new)
    kind = (
        ObjectiveError if "  - " in old and "call" not in old else TrafficError if "constant" in old else WorkloadError
    )
    if "nowhere" in new:
        kind = WorkloadError
    error = refused(folder, kind)
    assert said in error.what
    assert error.place is not None, str(error)
    wanted = next(
        part for part in new.splitlines() if said.split()[0].strip("'") in part or part == new.splitlines()[-1]
    )
    assert error.place.file.endswith("tonnage.yaml")
    assert error.place.line == line_of(folder, wanted.strip()), str(error)


def test_shares_that_do_not_sum_to_one(folder: Path) -> None:
    changed(folder, "share: 20 %", "share: 30 %")
    error = refused(folder, WorkloadError)
    assert "sum to 1.1" in error.what
    assert error.place.line == line_of(folder, "routes:")


def test_calls_in_a_circle(folder: Path) -> None:
    changed(
        folder,
        "          - call: Database\n            demands: { cpu: 5 ms, io: 0 }",
        "          - call: Database\n            then:\n              - call: Web",
    )
    error = refused(folder, WorkloadError)
    assert "Web → Database → Web" in error.what
    assert error.place is not None


def test_what_happens_on_a_miss_of_no_cache(folder: Path) -> None:
    changed(folder, "        then:\n          - call: Database", "        on miss:\n          - call: Database")
    error = refused(folder, WorkloadError)
    assert "is not a cache" in error.what


def test_a_ratio_above_one_forgot_its_percent_sign(folder: Path) -> None:
    cache = "  Keys:\n    Type: AWS::ElastiCache::CacheCluster\n    Properties:\n      Engine: redis\n"
    with (folder / "template.yaml").open("a") as template:
        template.write(f"{cache}      CacheNodeType: cache.m5.large\n      NumCacheNodes: 1\n")
    with (folder / "tonnage.yaml").open("a") as file:
        file.write("  Keys:\n    hit_ratio: 80\n")
    error = refused(folder, WorkloadError)
    assert "Keys hit_ratio: 80" in error.what
    assert error.place.line == line_of(folder, "hit_ratio")
    changed(folder, "hit_ratio: 80", "hit_ratio: 80 %")
    assert opened(folder).components["Keys"].characteristics["hit_ratio"].value == 0.8


# --- traffic --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["-5", "NaN", "inf", "many"])
def test_traffic_that_is_negative_or_no_number(folder: Path, bad: str) -> None:
    (folder / "counts.csv").write_text(
        f"timestamp,count\n2026-01-01T00:00:00Z,600\n2026-01-01T00:01:00Z,{bad}\n2026-01-01T00:02:00Z,9\n"
    )
    changed(folder, "constant 50/s for 20 min", "counts.csv")
    error = refused(folder, TrafficError)
    assert error.place is not None
    assert error.place.line == 3
    assert error.place.file.endswith("counts.csv")


def test_traffic_without_a_request(folder: Path) -> None:
    (folder / "counts.csv").write_text("timestamp,count\n2026-01-01T00:00:00Z,0\n2026-01-01T00:01:00Z,0\n")
    changed(folder, "constant 50/s for 20 min", "counts.csv")
    refused(folder, TrafficError)


def test_traffic_given_on_the_command_line(folder: Path) -> None:
    assert "none.csv" in refused(folder, TrafficError, traffic="none.csv").what
    assert "folder/none" in refused(folder, TrafficError, traffic="folder/none").what
    assert refused(folder, TrafficError, traffic="waves of 5/s").place is None


# --- the template ---------------------------------------------------------------------------------------------------


def test_a_template_with_nothing_that_is_modelled(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("Resources:\n  Files:\n    Type: AWS::FSx::FileSystem\n  Topic:\n    Type: AWS::SNS::Topic\n")
    error = refused(file, WorkloadError)
    assert "nothing that Tonnage models" in error.what
    assert "AWS::FSx::FileSystem" in error.what
    assert "tonnage services" in error.remedy


def test_a_template_of_doors_alone(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(
        "Resources:\n  Balancer:\n    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n    Properties: {}\n"
        "  Service:\n    Type: AWS::ECS::Service\n    Properties: {}\n"
    )
    error = refused(file, WorkloadError)
    assert "behind Balancer nothing is modelled" in error.what


def test_an_unknown_instance_type_is_told_where_it_is_written(folder: Path) -> None:
    changed(folder, "InstanceType: m5.large", "InstanceType: m5.lrage", "template.yaml")
    error = refused(folder, CatalogError)
    assert "m5.lrage" in error.what
    assert error.place.line == line_of(folder, "m5.lrage", "template.yaml")


def test_an_unknown_template_parameter(folder: Path) -> None:
    error = refused(folder, TemplateError, parameters={"Nope": "1"})
    assert "Nope" in error.what


def test_an_unknown_region(folder: Path) -> None:
    assert "mars-1" in refused(folder, CatalogError, region="mars-1").what


@pytest.mark.parametrize("growth", [0.0, -1.0, float("nan"), float("inf"), 1e6])
def test_growth_on_the_command_line(folder: Path, growth: float) -> None:
    assert refused(folder, WorkloadError, growth=growth).place is None


def test_an_impossible_objective_on_the_command_line(folder: Path) -> None:
    assert "can never be met" in refused(folder, ObjectiveError, objectives=["p99 latency < 0 ms"]).what


# --- the builders of these tests ------------------------------------------------------------------------------------


def test_the_builders_files_are_sound(tmp_path: Path) -> None:
    for source in (a_web_source(tmp_path / "web"), an_api_source(tmp_path / "api")):
        assert isinstance(source, Source)
        assert load(source).not_modelled == ()
    assert "{" in API_TEMPLATE


GUARDED = """        demands: {{ cpu: 5 ms, io: 0 }}
        timeout: 800 ms
        retry: {{ attempts: 4, base: 20 ms, cap: 2 s, jitter: decorrelated, budget: 100 }}
        hedge after: 300 ms
        breaker: {{ threshold: 40 %, window: 50, open: 5 s, probes: 3 }}
        pass deadline on: {deadline}
"""


def test_calls_are_guarded_as_the_file_says(folder: Path) -> None:
    text = FILE.split("  order:")[0].replace("share: 80 %", "share: 100 %")
    body = text.replace(
        "            demands: { cpu: 5 ms, io: 0 }\n",
        GUARDED.format(deadline="yes")
        .replace("\n        ", "\n            ")
        .replace("        demands", "            demands", 1),
    )
    (folder / "tonnage.yaml").write_text(body + "components:\n  Web:\n    workers: 100\n")
    (route,) = opened(folder).routes
    query = route.entry.calls[0].calls[0]
    assert query.timeout_s == 0.8
    assert query.retry == Retry(attempts=4, base_s=0.02, cap_s=2.0, jitter="decorrelated", budget=100.0)
    assert query.hedge_s == 0.3
    assert query.breaker == CircuitBreaker(threshold=0.4, window=50, open_s=5.0, probes=3)
    assert query.deadline


def test_calls_are_made_together_or_left_alone_as_the_file_says(folder: Path) -> None:
    changed(folder, "      - call: Web\n", "      - call: Web\n        parallel: yes\n")
    changed(folder, "          - call: Database\n", "          - call: Database\n            wait: no\n")
    web = opened(folder).routes[0].entry.calls[0]
    assert web.parallel
    assert not web.calls[0].waits


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("retry: { attempts: 0 }", "0 attempts"),
        ("retry: { base: 5 s, cap: 1 s }", "contradict"),
        ("retry: { jitter: wild }", "jitter"),
        ("breaker: { threshold: 0 % }", "circuit breaker"),
        ("breaker: { window: 5000 }", "circuit breaker"),
        ("hedge after: 0 s", "hedge"),
        ("retries: 2\n            retry: { attempts: 3 }", "both"),
    ],
)
def test_a_guard_that_makes_no_sense_is_refused_at_its_place(folder: Path, line: str, said: str) -> None:
    changed(folder, "          - call: Database\n", f"          - call: Database\n            {line}\n")
    error = refused(folder, WorkloadError, remedy=False)
    assert said in str(error)
    assert error.place is not None
    assert error.place.file.endswith("tonnage.yaml")


def test_arrivals_are_read_in_every_pattern(folder: Path) -> None:
    changed(folder, "growth:", "arrivals: { burst ratio: 5, burst: 10 s, calm: 50 s, batch: 3 }\ngrowth:")
    pattern = opened(folder).traffic.pattern
    assert (pattern.burst_ratio, pattern.burst_s, pattern.calm_s, pattern.batch_mean) == (5.0, 10.0, 50.0, 3.0)
    changed(folder, "arrivals: { burst ratio: 5, burst: 10 s, calm: 50 s, batch: 3 }", "arrivals: { exact: yes }")
    assert opened(folder).traffic.pattern.exact
    changed(folder, "arrivals: { exact: yes }", "arrivals: { burst ratio: 5 }")
    assert "Bursts" in str(refused(folder, TrafficError, remedy=False))


def test_clients_that_think_are_a_traffic(folder: Path) -> None:
    pattern = opened(folder, traffic="clients 40 thinking 2 s").traffic.pattern
    assert (pattern.clients, pattern.think_s) == (40, 2.0)


# --- where the clients are ------------------------------------------------------------------------------------------


def _with_clients(folder: Path, clients: str) -> Path:
    file = folder / "tonnage.yaml"
    file.write_text(file.read_text() + f"clients: {clients}\n")
    return folder


def test_clients_are_places_with_shares(folder: Path) -> None:
    workload = opened(_with_clients(folder, "{ Tokyo: 30 %, us-east-1: 0.7 }"))
    assert workload.clients == {"tokyo": pytest.approx(0.3), "us-east-1": pytest.approx(0.7)}
    (note,) = [note for note in workload.notes if "what the clients see" in note]
    assert "Tokyo 147 ms (132-176)" in note


@pytest.mark.parametrize(
    ("clients", "said"),
    [
        ("{ tokyo: 30 % }", "sum to 0.3"),
        ("{ tokyo: 0, paris: 1 }", "share of tokyo is 0"),
        ("{ tokyo: 0.5, Tokyo: 0.5 }", "Tokyo is there twice"),
    ],
)
def test_clients_that_make_no_sense_are_refused_at_their_place(folder: Path, clients: str, said: str) -> None:
    error = refused(_with_clients(folder, clients), WorkloadError)
    assert said in error.what
    assert error.place is not None


def test_a_place_that_nobody_knows_is_refused_at_its_line(folder: Path) -> None:
    error = refused(_with_clients(folder, "{ Atlantis: 1 }"), CatalogError)
    assert "Atlantis" in error.what
    assert error.place is not None
