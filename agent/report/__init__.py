"""The report of a run: one HTML file that needs nothing else, and works for a run that was cut off."""

from diarchy.agent.report.html import write_report
from diarchy.agent.report.load import load_run

__all__ = ["load_run", "write_report"]
