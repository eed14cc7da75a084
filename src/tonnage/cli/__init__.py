"""The command line: one file per command, thin."""

from tonnage.cli.app import main

__all__ = ["main"]
