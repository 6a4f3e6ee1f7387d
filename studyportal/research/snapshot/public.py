"""Work out what everybody may see of a snapshot before anybody asks: every margin, 30 tables of two questions, or of a
question of the diary by week, and the bins on which criteria stand. What is of a diary is worked out when it is first
looked at, but costs nobody anything.

In one order, so that what is answered first, and lends its answer to what is close, does not depend on who came first.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from studyportal.research.disclosure.query import Published
from studyportal.research.disclosure.workload import MOST_TABLES, public_cells, two_way
from studyportal.research.snapshot.codebook import Codebook
from studyportal.research.snapshot.variables import Variable, has_weekly_mean

if TYPE_CHECKING:
    from studyportal.research.snapshot.opened import OpenedSnapshot


# What how fully people answered the prompts of an instrument is called.
PROMPTS = "{} prompts"


def public_courses(codebook: Codebook) -> frozenset[str]:
    """The courses of everybody that are public: means first, then how fully people wrote, then yes or no."""
    again = [one for one in codebook.instruments if not one.is_once]
    means = [item.address for one in again for item in one.items if has_weekly_mean(item)]
    prompts = [PROMPTS.format(one.name) for one in again if one.rhythm is not None]
    yes_or_no = [item.address for one in again for item in one.items if item.kind == "yes_no"]
    return frozenset([*means, *prompts, *yes_or_no][:MOST_TABLES])


def publish(snapshot: "OpenedSnapshot") -> None:
    """Answer, of everybody, the margins of what is asked once, then tables of two such questions, then their bins."""
    once = {name: one for name, one in snapshot.variables.items() if one.source == "once"}
    known = published(once)
    first = [name for name, one in once.items() if one.item is not None and one.item.quasi_identifier]
    sets = {name: snapshot.sets(one) for name, one in once.items()}
    pairs = two_way(known, first=first, most=MOST_TABLES - len(snapshot.public_courses))
    snapshot.engine.counts([snapshot.everybody, *public_cells(known, sets, pairs)])
    for name in once:
        snapshot.bins[name]


def published(variables: Mapping[str, Variable]) -> Published:
    """The values of every variable, as criteria call them."""
    return MappingProxyType({name: tuple(one.labels) for name, one in variables.items()})
