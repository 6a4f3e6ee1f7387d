"""Research: ask for access, look at a snapshot through disclosure control, make cohorts, tables and releases.

Subjects only. Nothing here can reach an enrolment, a name or a key that opens an entry.
"""
