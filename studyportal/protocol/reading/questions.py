"""Name every setting that a question can have: how it is read, what it means, and what is said if it is missing.

Which kind needs or may have which of them is in the table of kinds (`needs`, `takes`) and in `COMMON`.
"""

import re
from collections.abc import Mapping
from typing import Any

from studyportal.protocol.expressions import RESERVED
from studyportal.protocol.items import REASONS
from studyportal.protocol.kinds import KINDS, Kind
from studyportal.protocol.reading.fields import ByName, Field, ListOf, Names, Shaped, Then, words
from studyportal.protocol.reading.formulas import Formula
from studyportal.protocol.reading.places import Place
from studyportal.protocol.reading.releases import ANY_CODE, CODE, CODES, ReleaseReader
from studyportal.protocol.reading.texts import Words
from studyportal.protocol.reading.values import Flag, Number, Whole, Word, one_of
from studyportal.protocol.scores import SCORES

NAME = r"[a-z][a-z0-9_]{0,39}"
NAME_RULE = "A name begins with a small letter and goes on with small letters, digits and _ (at most 40 in all)."
PLAIN_NAMES = Names(re.compile(NAME), NAME_RULE)
NAMES = Names(re.compile(NAME), NAME_RULE, frozenset(RESERVED))  # those that expressions use


def _once_each(what: str) -> Any:
    def finish(values: tuple[Any, ...], place: Place) -> Any:
        return values if len(set(values)) == len(values) else place.refuse(f"Write each {what} once.")

    return finish


def _own_words(reasons: tuple[str, ...], place: Place) -> Mapping[str, str]:
    if others := [language for language in place.findings.languages if language != "en"]:
        place.warn(f"The words of these reasons are not there in {', '.join(others)}. Write them out with their texts.")
    return {reason: REASONS[reason] for reason in reasons}


_MISSING = Shaped(
    "Write the reasons as a list, such as [not_said, not_applicable], or each with its words.",
    listing=Then(
        Then(ListOf(reader=one_of(REASONS), what="reasons", least=1, most=2), _once_each("reason")), _own_words
    ),
    table=ByName(
        reader=Words(100),
        names=Names(re.compile("|".join(REASONS)), f"The reasons are {words(REASONS)}."),
        what="reasons",
        least=1,
        most=2,
    ),
)


def _apart(texts: Mapping[str, str], place: Place) -> Any:
    if len(set(texts.values())) < len(texts):
        return place.refuse("Two choices have the same text. Nobody could tell them apart.")
    return texts


# What only some kinds have.
SETTINGS = {
    "low": Field(
        Words(60), "What the low end of the scale is called.", "Name the low end of the scale, such as low: No pain."
    ),
    "high": Field(
        Words(60),
        "What the high end of the scale is called.",
        "Name the high end of the scale, such as high: Worst imaginable.",
    ),
    "minimum": Field(
        Number(lengths=True),
        "The smallest answer that is possible, of a length of time such as 5 minutes.",
        "Give the smallest answer that is possible, such as minimum: 0.",
    ),
    "maximum": Field(
        Number(lengths=True),
        "The largest answer that is possible, of a length of time such as 24 hours.",
        "Give the largest answer that is possible, such as maximum: 100 or of a length of time maximum: 24 hours.",
    ),
    "unit": Field(Words(30), "The unit of the number.", "Give the unit, such as unit: hours."),
    "choices": Field(
        Then(
            ByName(
                reader=Words(200),
                names=CODES,
                what="choices",
                least=2,
                most=200,
                shape="Each choice needs a code of its own: write choices: {mild: Mild pain, strong: Strong pain}.",
            ),
            _apart,
        ),
        "The choices, each with a code and a text.",
        "Give the choices, each with a code and a text, such as mild: Mild pain.",
    ),
    "none": Field(Words(200), "The text of the choice that excludes all others; its code is none."),
    "max_length": Field(
        Whole(1, 5000),
        "The greatest length in characters.",
        "Give the greatest length in characters, such as max_length: 400.",
    ),
    "at_most": Field(
        Whole(1, 30), "How many rows there can be.", "Say how many rows there can be, such as at_most: 10."
    ),
    "formula": Field(
        Formula(),
        "How the number is worked out from other answers.",
        "Write how it is worked out, such as formula: a + b.",
    ),
    "score": Field(one_of(SCORES), "The published score.", f"Name the score: {words(SCORES)}."),
    "of": Field(
        Then(
            ListOf(reader=Word(NAME, "Write the name of a question."), what="questions", least=1, most=50),
            _once_each("question"),
        ),
        "The questions that the score is made of, in the published order.",
        "List the questions that the score is made of, in the published order.",
    ),
}

# What questions have whatever their kind; `COMMON_OF` says which of it a kind takes.
COMMON = {
    "ask": Field(
        Words(300),
        "The question, or the words that stand there.",
        "Write the question, such as ask: Average pain over the last 24 hours.",
    ),
    "kind": Field(one_of(KINDS), "The kind of question.", f"Give the kind of question: {words(KINDS)}."),
    "release": Field(
        ReleaseReader(),
        "What happens to the answer before a researcher sees it. There is no default.",
        "Say how this answer is released, such as release: keep or release: drop. There is no default.",
    ),
    "hint": Field(Words(500), "A line below the question."),
    "required": Field(Flag(), "Whether an entry is taken only with an answer to this."),
    "quasi_identifier": Field(Flag(), "Whether others could know this about a person."),
    "carry_over": Field(
        Flag(), "Whether a tap may fill this in from the entry before; a day, a time or a moment with the present one."
    ),
    "when": Field(Formula(branch=True), "The condition on which it is asked, over answers before it."),
    "missing": Field(_MISSING, "Reasons that may be given in place of an answer."),
    "was": Field(Word(NAME, NAME_RULE), "The name that this question had in the version before."),
    "recode": Field(
        ByName(reader=ANY_CODE, names=Names(re.compile(CODE), CODES.rule, cased=True), what="codes", least=1, most=200),
        "Codes of the version before, each with the code of this version that it has become.",
    ),
}
_SHOWN = ("ask", "kind", "hint", "when")
_RELEASED = (*_SHOWN, "release", "quasi_identifier", "was")
_IN_A_ROW = ("ask", "kind", "hint", "required")


def common_of(kind: Kind) -> tuple[str, ...]:
    """Which of `COMMON` an item of this kind takes."""
    if kind.type == "nothing":
        return _SHOWN
    if not kind.answered:
        return _RELEASED
    return (*_RELEASED, "required", "carry_over", "missing", *(("recode",) if "choices" in kind.needs else ()))


def in_a_row_of(kind: Kind) -> tuple[str, ...]:
    """The same for a question within a group."""
    return _IN_A_ROW
