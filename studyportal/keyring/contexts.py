"""What a wrapped seed is bound to: its person, its domain and its holder, so that no copy passes for another."""

from uuid import UUID

from studyportal.sealing import Context


def seed_context(study: str, enrolment: UUID, domain: str, holder: str) -> Context:
    """The seed of one domain ("diary", "contact", "consent") as `holder` ("custody", "participant") keeps it."""
    return Context(study, str(enrolment), f"seed:{domain}", holder)
