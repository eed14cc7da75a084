"""The HTML report."""

from tonnage.report.html.page import to_html

__all__ = ["to_html"]
