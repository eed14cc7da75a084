"""Event sources: settings of a mapping, or of an event of a SAM function, with their place."""

from collections.abc import Mapping
from pathlib import Path as File

import pytest

from services.gathering import a_stack
from tonnage.services._event_sources import POLLED, gather_event_source
from tonnage.services._properties import Gathered
from tonnage.workload import Path, TemplateError

SETTINGS: Mapping[str, Path] = {
    "BatchSize": ("BatchSize",),
    "MaximumConcurrency": ("ScalingConfig", "MaximumConcurrency"),
}
MAPPING = """
Orders: { Type: AWS::SQS::Queue }
Poll:
  Type: AWS::Lambda::EventSourceMapping
  Properties:
    EventSourceArn: !GetAtt Orders.Arn
    BatchSize: BATCH
    ScalingConfig: { MaximumConcurrency: 7 }
"""
EVENT = """
Orders: { Type: AWS::SQS::Queue }
Worker:
  Type: AWS::Serverless::Function
  Properties:
    Events:
      Poll: { Type: SQS, Properties: { Queue: !GetAtt Orders.Arn, BatchSize: 3 } }
"""


def gathered(tmp_path: File, text: str) -> Gathered:
    stack, found = a_stack(tmp_path, text), Gathered()
    gather_event_source(found, stack.resources["Orders"], stack, SETTINGS, sam=("SQS", "Queue"))
    return found


def test_a_mapping_gives_its_settings(tmp_path: File) -> None:
    found = gathered(tmp_path, MAPPING.replace("BATCH", "3"))
    assert found.settings == {POLLED: True, "BatchSize": 3, "MaximumConcurrency": 7}
    assert {origin.resource for origin in found.origins.values()} == {"Poll"}


def test_an_event_of_a_sam_function_gives_its_settings(tmp_path: File) -> None:
    found = gathered(tmp_path, EVENT)
    assert found.settings == {POLLED: True, "BatchSize": 3}
    assert found.origins["BatchSize"].resource == "Worker"


def test_without_one_nothing_is_polled(tmp_path: File) -> None:
    assert gathered(tmp_path, "Orders: { Type: AWS::SQS::Queue }").settings == {}


def test_a_batch_that_is_no_number_is_refused(tmp_path: File) -> None:
    with pytest.raises(TemplateError, match="Poll: BatchSize is 'many'"):
        gathered(tmp_path, MAPPING.replace("BATCH", "many"))
