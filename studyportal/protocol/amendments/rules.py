"""Know what a change of each attribute of a question means for the answers given before.

compatible: old and new answers stand in one column. mapped: they do, after old ones are rewritten. breaking: they mean
different things, so a new column begins. refused: the document says something that cannot be.

One row per attribute of `Item`. Sentences are for the coordinator; `brief` is what a codebook says, and names neither
codes nor other questions, because those may be ones that are never released.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from studyportal.protocol.expressions import Expression, NotAnExpression, parse_expression
from studyportal.protocol.items import Item
from studyportal.protocol.treatments import TREATMENTS

COMPATIBLE, MAPPED, BREAKING, REFUSED = VERDICTS = ("compatible", "mapped", "breaking", "refused")

# Kinds whose answers can be rewritten as another kind's without loss.
WIDENED = frozenset({("integer", "decimal")})


class Finding(NamedTuple):
    """What one attribute's change means, for answers given before."""

    verdict: str
    sentence: str
    brief: str = ""


class Pair(NamedTuple):
    """A question as it was last asked, and as it is asked now; `renamed` maps the instrument's former names to new
    ones."""

    old: Item
    new: Item
    renamed: Mapping[str, str]

    @property
    def recode(self) -> Mapping[str, str]:
        """What becomes of former codes. One that already stood in the former version has had its effect."""
        stale = self.new.recode == self.old.recode and self.new.name == self.old.name
        return {} if stale else self.new.recode


Findings = Iterable[tuple[str, str]]  # verdict and sentence


class Rule(NamedTuple):
    """`judge` is asked when an attribute is not what it was."""

    brief: str
    judge: Callable[[Pair], Findings]


def _always(verdict: str, sentence: str) -> Callable[[Pair], Findings]:
    return lambda pair: [(verdict, sentence)]


def _nothing(pair: Pair) -> Findings:
    return ()


def _renamed(pair: Pair) -> Findings:
    yield MAPPED, f"It was called {pair.old.name}; its column goes on under its first name."


def _kind(pair: Pair) -> Findings:
    change = (pair.old.kind, pair.new.kind)
    if change in WIDENED:
        yield MAPPED, f"Its kind was {change[0]} and is {change[1]}; former answers are written as the new kind."
    else:
        yield BREAKING, f"Its kind was {change[0]} and is {change[1]}; such answers cannot stand in one column."


def _release(pair: Pair) -> Findings:
    described = TREATMENTS[pair.new.release.treatment].describe(pair.new)
    if pair.old.release.treatment == "drop":
        said = f"It was never released and will be, answers given before included ({described})."
        yield COMPATIBLE, f"{said} Look at what people were told when they agreed."
    else:
        yield COMPATIBLE, f"Its answers are {described}, from the next snapshot on, those given before included."


def _lower(pair: Pair) -> Findings:
    yield from _limit("smallest", pair.old.minimum, pair.new.minimum, narrower=_above)


def _upper(pair: Pair) -> Findings:
    yield from _limit("largest", pair.old.maximum, pair.new.maximum, narrower=lambda old, new: _above(new, old))


def _above(old: float | None, new: float | None) -> bool:
    return new is not None and (old is None or new > old)


def _limit(which: str, old: float | None, new: float | None, *, narrower: Callable[..., bool]) -> Findings:
    said = (
        f"The {which} answer was {'not limited' if old is None else old} and is {'not limited' if new is None else new}"
    )
    if narrower(old, new):
        yield BREAKING, f"{said}: some of the answers given before could not be given now."
    else:
        yield COMPATIBLE, f"{said}."


def _choices(pair: Pair) -> Findings:
    old, new, recode = pair.old.choices, pair.new.choices, pair.recode
    for code in sorted(recode.keys() - old.keys()):
        yield REFUSED, f"recode speaks of {code}, which was no code of this question before."
    lost = [code for code in old if recode.get(code, code) not in new]
    if lost:
        yield BREAKING, f"{_listed(lost)} cannot be answered any more, and recode does not say what becomes of it."
    if added := new.keys() - {recode.get(code, code) for code in old}:
        yield COMPATIBLE, f"{_listed(code for code in new if code in added)} can be answered now."
    if any(new.get(code, text) != text for code, text in old.items() if code not in recode):
        yield COMPATIBLE, "Choices are worded differently."


def _none(pair: Pair) -> Findings:
    if pair.new.none:
        yield COMPATIBLE, f"The choice that excludes all others is {'worded differently' if pair.old.none else 'new'}."
    else:
        yield BREAKING, "The choice that excludes all others cannot be answered any more."


def _recode(pair: Pair) -> Findings:
    if pair.recode:
        rewritten = ", ".join(f"{old} to {new}" for old, new in pair.recode.items())
        yield MAPPED, f"Answers given before are rewritten: {rewritten}."
    if pair.recode and pair.old.choices == pair.new.choices:
        yield from (one for one in _choices(pair) if one[0] != COMPATIBLE)


def _missing(pair: Pair) -> Findings:
    yield COMPATIBLE, "Other reasons may be given in place of an answer."


def _at_most(pair: Pair) -> Findings:
    said = f"It could be answered {pair.old.at_most} times and can be {pair.new.at_most} times"
    if pair.new.at_most < pair.old.at_most:
        yield BREAKING, f"{said}: some of the answers given before could not be given now."
    else:
        yield COMPATIBLE, f"{said}."


def _group(pair: Pair) -> Findings:
    old, new = pair.old.items, pair.new.items
    if old.keys() != new.keys():
        yield BREAKING, "Other questions are asked together here."
        return
    for name, item in new.items():
        for verdict, sentence, _ in findings(Pair(old[name], item, {})):
            yield COMPATIBLE if verdict == COMPATIBLE else BREAKING, f"In {name}: {sentence}"


def _formula(pair: Pair) -> Findings:
    if pair.old.formula is not None and _with_new_names(pair.old.formula, pair.renamed) != pair.new.formula:
        yield BREAKING, "It is worked out differently."


def _of(pair: Pair) -> Findings:
    if tuple(pair.renamed.get(name) for name in pair.old.of) != pair.new.of:
        yield BREAKING, "It is made of other questions."


# Names that stand alone; not texts, not calls, not parts of a dotted name.
_WORDS = re.compile(r'"[^"]*"|[A-Za-z0-9_.]+')


def _with_new_names(formula: Expression, renamed: Mapping[str, str]) -> Expression | None:
    """The formula as it reads now; None if something that it needs is not asked any more."""
    own = {name for name in formula.names if "." not in name}
    if not own <= renamed.keys():
        return None
    if all(renamed[name] == name for name in own):
        return formula
    said = _WORDS.sub(lambda found: renamed[found[0]] if found[0] in own else found[0], formula.source)
    try:
        return parse_expression(said)
    except NotAnExpression:
        return None


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


RULES: Mapping[str, Rule] = {
    "name": Rule("", _renamed),
    "was": Rule("", _nothing),
    "kind": Rule("another kind of answer", _kind),
    "ask": Rule("other words", _always(COMPATIBLE, "The question is worded differently.")),
    "hint": Rule("", _always(COMPATIBLE, "The hint is worded differently.")),
    "required": Rule("", lambda pair: [(COMPATIBLE, REQUIRED[pair.new.required])]),
    "when": Rule("asked in other cases", _always(COMPATIBLE, "It is asked in other cases.")),
    "missing": Rule("other reasons in place of an answer", _missing),
    "release": Rule("", _release),
    "quasi_identifier": Rule("", lambda pair: [(COMPATIBLE, QUASI_IDENTIFIER[pair.new.quasi_identifier])]),
    "carry_over": Rule("", lambda pair: [(COMPATIBLE, CARRY_OVER[pair.new.carry_over])]),
    "low": Rule("other words at the low end", _always(BREAKING, "The low end of the scale has other words.")),
    "high": Rule("other words at the high end", _always(BREAKING, "The high end of the scale has other words.")),
    "minimum": Rule("another smallest answer", _lower),
    "maximum": Rule("another largest answer", _upper),
    "unit": Rule(
        "another unit", lambda pair: [(BREAKING, f"The unit was {_unit(pair.old)} and is {_unit(pair.new)}.")]
    ),
    "choices": Rule("other choices", _choices),
    "none": Rule("other choices", _none),
    "recode": Rule("answers given before are rewritten", _recode),
    # Texts are never released: no column depends on how long they may be.
    "max_length": Rule("", lambda pair: [(COMPATIBLE, f"It may have {pair.new.max_length} characters now.")]),
    "items": Rule("other questions in the group", _group),
    "at_most": Rule("another number of rows", _at_most),
    "formula": Rule("worked out differently", _formula),
    "score": Rule("another score", _always(BREAKING, "It is another score.")),
    "of": Rule("made of other questions", _of),
}
REQUIRED = {True: "It needs an answer now.", False: "It may be left unanswered now."}
CARRY_OVER = {
    True: "Its answer may be taken over from the entry before with a tap now: answers may become more alike from day to day.",
    False: "Its answer cannot be taken over from the entry before any more.",
}
QUASI_IDENTIFIER = {
    True: "It counts now when small groups are protected.",
    False: "It does not count any more when small groups are protected. Make sure that nobody can be known by it.",
}


def _unit(item: Item) -> str:
    return item.unit or "not given"


def findings(pair: Pair) -> tuple[Finding, ...]:
    """Everything that changed between two definitions of one question."""
    # When a question becomes another kind of question, its other settings are of another kind as well.
    only = ("name", "kind") if pair.old.kind != pair.new.kind and not _is_widened(pair) else RULES
    return tuple(
        Finding(verdict, sentence, RULES[attribute].brief)
        for attribute in only
        if getattr(pair.old, attribute) != getattr(pair.new, attribute) or attribute in NAMING_OTHERS
        for verdict, sentence in RULES[attribute].judge(pair)
    )


# The same words can mean something else when what they name has another name now.
NAMING_OTHERS = frozenset({"formula", "of"})


def _is_widened(pair: Pair) -> bool:
    return (pair.old.kind, pair.new.kind) in WIDENED
