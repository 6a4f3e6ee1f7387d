"""studyportal: observational studies in which answers are sealed, identities stay behind walls, and leaving is real."""

__version__ = "0.1.0"
