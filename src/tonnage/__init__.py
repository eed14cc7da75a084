"""Tonnage tells how much load an AWS architecture carries, what gives way first, and what to change."""

__version__ = "0.1.0"
