"""What a report is called: by the cohort that was saved with the same criteria on the same snapshot, if there is
one."""

from uuid import UUID

import sqlalchemy as sa

from studyportal.workbench.cohorts import cohorts_of


def name_of(connection: sa.Connection, project: str, criteria: str, snapshot: int) -> str:
    """The name of the cohort, or "" if it was not saved."""
    names = (
        one["name"]
        for one in cohorts_of(connection, project)
        if one["criteria"] == criteria and one["snapshot"] == snapshot
    )
    return next(names, "")


def file_name(report: UUID) -> str:
    """What the file is called on the researcher's machine; nothing that was typed is in it."""
    return f"cohort-report-{str(report)[:8]}.pdf"
