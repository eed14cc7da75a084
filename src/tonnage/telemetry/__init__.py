"""Telemetry: metrics and logs that exist become traffic, with what was done to them said aloud."""

from tonnage.telemetry.read_traffic import read_traffic

__all__ = ["read_traffic"]
