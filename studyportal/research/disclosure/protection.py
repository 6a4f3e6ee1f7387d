"""How strictly a study protects its people. A study can be stricter than the least that is safe, never looser."""

from dataclasses import dataclass

from studyportal.errors import Unsafe

# Nobody is told apart from fewer than so many others; the threshold itself is drawn between this and 32 more.
LEAST_THRESHOLD = 10
LEAST_ROUNDING = 5
# The standard deviation of what is added to a count. Halved, a person who knows all others would need a quarter of the
# looks.
LEAST_NOISE = 7
# How much of the ledger may be used for one person: by one project, and by all projects in twelve months.
MOST_OF_PROJECT, MOST_OF_STUDY = 50, 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """Raises `Unsafe` if any part is looser than the least that is safe."""

    threshold: int = LEAST_THRESHOLD
    rounding: int = LEAST_ROUNDING
    noise: int = LEAST_NOISE
    project_ledger: int = MOST_OF_PROJECT
    study_ledger: int = MOST_OF_STUDY

    def __post_init__(self) -> None:
        if self.threshold < LEAST_THRESHOLD or self.rounding < LEAST_ROUNDING or self.noise < LEAST_NOISE:
            raise Unsafe("Counts are hidden under 10 people, rounded to 5 and blurred by 7 at least.")
        if self.project_ledger > MOST_OF_PROJECT or self.study_ledger > MOST_OF_STUDY:
            raise Unsafe("A person is in at most 50 published groups of a project, and in 150 of all.")

    @property
    def hidden(self) -> str:
        """What stands where a count is not shown."""
        return f"<{self.threshold}"

    def rounded(self, value: int) -> int | None:
        """What is shown of a blurred count; None if it is too small."""
        if value < self.threshold:
            return None
        least = -(-self.threshold // self.rounding) * self.rounding
        return max((value + self.rounding // 2) // self.rounding * self.rounding, least)
