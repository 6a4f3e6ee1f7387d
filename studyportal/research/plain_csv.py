"""What research writes CSV with: the writer that every room has (studyportal.web.plain_csv)."""

from studyportal.web.plain_csv import Cell, begins_formula, plain, written

__all__ = ["Cell", "begins_formula", "plain", "written"]
