"""Telemetry: what was measured, read into the nouns."""

from tonnage.telemetry.read_traffic import read_traffic

__all__ = ["read_traffic"]
