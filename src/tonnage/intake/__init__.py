"""Intake: brings the architecture, the traffic and the workload file together into one workload."""

from tonnage.intake.load import Overrides, Source, load, open_source
from tonnage.intake.rebuild import read_back, rebuilt
from tonnage.intake.starter import starter
from tonnage.intake.workload_file import json_schema

__all__ = ["Overrides", "Source", "json_schema", "load", "open_source", "read_back", "rebuilt", "starter"]
