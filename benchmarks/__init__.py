"""Measure the building beside what is unavoidable, in the same run, and print ratios."""
