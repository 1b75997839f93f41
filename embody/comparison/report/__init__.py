"""The report of a comparison: one HTML file that needs no network and can be checked."""

from embody.comparison.report.page import report_html, write_report

__all__ = ["report_html", "write_report"]
