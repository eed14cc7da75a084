from pathlib import Path

import pytest

from services.gathering import a_stack
from tonnage.services._method_settings import fitting, method_settings, read_method_settings, written

STAGE = """
Stage:
  Type: AWS::ApiGateway::Stage
  Properties:
    MethodSettings:
      - { ResourcePath: /*, HttpMethod: "*", CachingEnabled: "true" }
      - { ResourcePath: "/~1a~1{id}~1b", HttpMethod: GET, ThrottlingRateLimit: "3" }
      - { ResourcePath: /, HttpMethod: POST, CacheTtlInSeconds: 5 }
"""


def test_paths_are_decoded_and_values_read_as_written(tmp_path: Path) -> None:
    # CloudFormation, AWS::ApiGateway::Stage MethodSetting: slashes are encoded as ~1, the root is a slash alone.
    found = list(read_method_settings(a_stack(tmp_path, STAGE).resources["Stage"]))
    assert [(each.path, each.method) for each in found] == [("*", "*"), ("/a/{id}/b", "GET"), ("/", "POST")]
    assert (found[0].cached, found[1].rate_per_s, found[2].ttl_s) == (True, 3, 5)
    assert found[1].at == ("MethodSettings", 1)
    again = method_settings(written(found))
    assert [(each.path, each.method, each.cached, each.rate_per_s, each.ttl_s) for each in again] == [
        (each.path, each.method, each.cached, each.rate_per_s, each.ttl_s) for each in found
    ]


@pytest.mark.parametrize(
    ("method", "path", "by"),
    [
        ("GET", "/a/7/b", "/a/{id}/b"),
        ("GET", "/a/7/8/b", None),
        ("POST", "/a/7/b", None),
        ("POST", "/", "/"),
        ("GET", "/", None),
    ],
)
def test_a_request_goes_by_the_setting_of_its_own_method(
    tmp_path: Path, method: str, path: str, by: str | None
) -> None:
    found = fitting(list(read_method_settings(a_stack(tmp_path, STAGE).resources["Stage"])), method, path)
    assert (found.path if found else None) == by
