"""Pictures of numbers: one definition for the page, the file and the report.

A chart is a Vega-Lite document with the table it was drawn from beside it. Pure: what it shows was protected, or
opened for whoever looks at it, before it came here.
"""

from studyportal.charts.chart import Chart, ChartTable
from studyportal.charts.printing import drawing, png, svg

__all__ = ["Chart", "ChartTable", "drawing", "png", "svg"]
