"""What a result can be asked about, from the codebook alone: so which choices there are tells of nobody."""

from studyportal.research.results.events import graded
from studyportal.research.snapshot.codebook import Codebook, ReleasedInstrument, ReleasedItem
from studyportal.research.snapshot.variables import has_weekly_mean


def diaries(codebook: Codebook) -> list[ReleasedInstrument]:
    """Instruments whose prompts can be counted."""
    return [one for one in codebook.instruments if one.rhythm is not None]


def outcomes(codebook: Codebook) -> list[ReleasedItem]:
    """Items that have a weekly course: numbers with limits, asked again and again."""
    return [item for one in diaries(codebook) for item in one.items if has_weekly_mean(item)]


def daily_outcomes(codebook: Codebook) -> list[ReleasedItem]:
    """Items that can be told by the day of a cycle: those asked every day."""
    daily = {one.name for one in diaries(codebook) if one.rhythm is not None and one.rhythm.step == 1}
    return [item for item in outcomes(codebook) if item.instrument in daily]


def occurrences(codebook: Codebook) -> list[ReleasedInstrument]:
    """What is written down when it happens, such as a dose, but for adverse events; which of them is the exposure, a
    codebook does not say. The protocol's order has the one that others follow first."""
    return [one for one in codebook.instruments if one.is_on_demand and graded(one) is None]


def answered_items(diary: ReleasedInstrument) -> list[ReleasedItem]:
    """The items of a diary of which it can be counted how often they were answered: numbers, and yes or no."""
    return [item for item in diary.items if item.is_number or item.kind == "yes_no"]
