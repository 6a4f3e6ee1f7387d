"""The cast: a participant whose diary has a pair, and somebody else's pair beside it."""

import pytest

from studyportal.sealing import Context, Pair, new_pair


@pytest.fixture(scope="session")
def diary() -> Pair:
    """The diary pair of one participant."""
    return new_pair()


@pytest.fixture(scope="session")
def somebody_else() -> Pair:
    """The diary pair of another participant."""
    return new_pair()


@pytest.fixture(scope="session")
def tuesday() -> Context:
    """The participant's entry of one evening."""
    return Context(study="MCP-1", enrolment="e-17", kind="entry", id="tuesday")
