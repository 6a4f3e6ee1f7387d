"""Cohorts: who is in by which criteria, how many remain after each, and tables of them. Protected numbers only."""
