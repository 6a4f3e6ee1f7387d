"""Put blocks of the ledger into words for whoever decides: which cohort, and what is shown of it.

Made from the questions and the codebook. What a codebook does not know keeps its name: another snapshot had it.
"""

from collections.abc import Iterable, Mapping

from studyportal.research.cohorts.catalogue import BY, catalogue
from studyportal.research.cohorts.measures import measures
from studyportal.research.disclosure.ledger import COUNTS, Block
from studyportal.research.disclosure.query import Rules
from studyportal.research.snapshot.codebook import Codebook, phrase
from studyportal.research.snapshot.public import PROMPTS
from studyportal.research.snapshot.variables import Variable, variables
from studyportal.workbench.reviews import Told

EVERYBODY, STEP = "Everybody who shares", "How many people they are"


def told(blocks: Iterable[Block], codebook: Codebook) -> tuple[Told, ...]:
    """Each cohort once, with what is shown of it and how much that counts; in an order of the questions alone."""
    known, titles = variables(codebook), _titles(codebook)
    found: dict[tuple[int, str], dict[str, int]] = {}
    for block in sorted(blocks, key=lambda one: (one.snapshot, len(one.rules), repr(one))):
        shows = found.setdefault((block.snapshot, cohort(block.rules, block.without, known)), {})
        words = _shown(block, titles, known)
        shows[words] = shows.get(words, 0) + COUNTS[block.kind]
    return tuple(Told(words, number, tuple(shows.items())) for (number, words), shows in found.items())


def cohort(rules: Rules, without: Rules, known: Mapping[str, Variable]) -> str:
    """A cohort as the cohort page writes it."""
    parts = [_rule(name, values, known) for name, values in rules]
    if without:
        parts.append(
            f"But not those with {' and '.join(f'({_rule(name, values, known)})' for name, values in without)}"
        )
    return "; ".join(parts) or EVERYBODY


def _rule(name: str, values: tuple[str, ...], known: Mapping[str, Variable]) -> str:
    variable = known.get(name)
    *first, last = (variable.labels.get(value, value) if variable else value for value in values)
    return phrase(
        variable.title if variable else name, f"{', '.join(first)} or {last}" if first else last, between=": "
    )


def _titles(codebook: Codebook) -> Mapping[str, str]:
    prompts = {PROMPTS.format(one.name): f"{one.title}: how fully people wrote" for one in codebook.instruments}
    return (
        prompts
        | {name: one.title for name, one in measures(codebook).items()}
        | {name: one.title for name, one in catalogue(codebook).items()}
    )


def _shown(block: Block, titles: Mapping[str, str], known: Mapping[str, Variable]) -> str:
    """What a block is of. A partition has its result's name, behind which a space and more may stand."""
    if block.kind == "step":
        return STEP
    name, _, divided = block.about.partition(BY)
    title = titles.get(name) or titles.get(name.partition(" ")[0], name)
    if not divided:
        return title
    by = divided.partition(" ")[0]
    return phrase(title, f"divided by “{known[by].title if by in known else by}”")
