"""What each strength of withdrawal does, as the person is told before they choose. Pure.

Which strengths there are at all is the protocol's to say, as the site's law allows. One key seals everything of a
person, so keys can be destroyed for the whole study only, never for one scope.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from studyportal.protocol import ConsentForm, Scope
from studyportal.saying import said

STRENGTHS = ("stop", "remove", "erase")


@dataclass(frozen=True, slots=True)
class Consequence:
    """A choice in words: its title, what it is in two sentences, what happens, whether it can be undone, and the word
    that confirms it."""

    title: str
    brief: tuple[str, str]
    sentences: tuple[str, ...]
    undone: str
    word: str
    button: str


def kind_of(scope: Scope) -> str:
    """The sort of scope: "study" (needed to take part), "sharing" (answers reach researchers), or "other"."""
    if scope.required:
        return "study"
    return "sharing" if scope.shares else "other"


# Tests walk every kind of scope and every strength; a pair that is missing is not offered.
CONSEQUENCES: Mapping[tuple[str, str], Consequence] = {
    ("study", "stop"): Consequence(
        said("Stop"),
        (
            said("Nothing new is taken from you, and what you wrote stays in the study."),
            said("You can still sign in and read it."),
        ),
        (
            said("No new entries are taken from you, from this moment on."),
            said("What you wrote stays in the study. You can still sign in and read it."),
        ),
        said("You cannot start again by yourself. Ask the study team if you change your mind."),
        said("STOP"),
        said("Stop taking part"),
    ),
    ("study", "remove"): Consequence(
        said("Stop and remove"),
        (
            said(
                "Your answers also leave the next data set for researchers, and your single records in the present one close."
            ),
            said("They stay locked here, and you can still read them."),
        ),
        (
            said("No new entries are taken from you, from this moment on."),
            said(
                "Your answers leave the next data set for researchers. In the present one, your single records close."
            ),
            said("Your answers stay locked here, and you can still read them."),
            said("Tables and results that were published before cannot be called back."),
        ),
        said("This cannot be undone for results that are made without you from now on."),
        said("REMOVE"),
        said("Remove my answers"),
    ),
    ("study", "erase"): Consequence(
        said("Stop and erase"),
        (
            said("The keys to all your answers are destroyed, so that nobody can read them any more, not even you."),
            said("Data sets and results that were published before, without your name, cannot be called back."),
        ),
        (
            said("No new entries are taken from you, from this moment on."),
            said("The keys to all your answers are destroyed. Nobody can read them any more, not even you."),
            said(
                "Copies of the keys in backups live 14 days at most. After that every copy of your answers is unreadable."
            ),
            said(
                "Once it is done you are signed out everywhere. If you want to keep what you wrote, download it before."
            ),
            said(
                "That you took part and left stays on record, as the law asks. Published results cannot be called back."
            ),
        ),
        said("This cannot be undone by anybody."),
        said("ERASE"),
        said("Erase my answers for ever"),
    ),
    ("sharing", "stop"): Consequence(
        said("Stop sharing from now on"),
        (
            said("What you write from now on is not given to researchers."),
            said("What you wrote before stays in the data sets, and your diary goes on."),
        ),
        (
            said("What you write from now on is not given to researchers."),
            said("What you wrote before stays in the data sets."),
            said("You can go on writing your diary."),
        ),
        said("You cannot undo it by yourself. Ask the study team if you change your mind."),
        said("STOP"),
        said("Stop sharing"),
    ),
    ("sharing", "remove"): Consequence(
        said("Stop sharing and remove"),
        (
            said("What you wrote leaves the next data set, and your single records in the present one close."),
            said("Nothing that you write from now on is given to researchers, and your diary goes on."),
        ),
        (
            said("What you wrote leaves the next data set, and what you write from now on enters none."),
            said("In the present data set, your single records close."),
            said("You can go on writing your diary."),
            said("Tables and results that were published before cannot be called back."),
        ),
        said("You cannot undo it by yourself. Ask the study team if you change your mind."),
        said("REMOVE"),
        said("Remove my answers from research"),
    ),
    ("other", "stop"): Consequence(
        said("Take this back"),
        (said("From now on this no longer counts as agreed."), said("Everything else stays as it is.")),
        (said("From now on this no longer counts as agreed."), said("Everything else stays as it is.")),
        said("You cannot undo it by yourself. Ask the study team if you change your mind."),
        said("STOP"),
        said("Take it back"),
    ),
}


ALL_AT_THE_STUDY = said(
    "Nothing is kept under this choice alone. To have your answers removed or erased, choose it at The study."
)
# Why a strength that the protocol allows is not offered for a scope: what to choose in its place.
INSTEAD: Mapping[tuple[str, str], str] = {
    ("sharing", "erase"): said(
        "Only everything can be erased at once: one key locks all that you wrote. Choose it at The study."
    ),
    ("other", "remove"): ALL_AT_THE_STUDY,
    ("other", "erase"): ALL_AT_THE_STUDY,
}


def instead(form: ConsentForm, scope: Scope) -> Sequence[str]:
    """What is said about the strengths that are not offered for a scope, but are for the study; each once."""
    kind = kind_of(scope)
    said = (INSTEAD.get((kind, strength)) for strength in STRENGTHS if strength in form.withdrawal)
    return list(dict.fromkeys(sentence for sentence in said if sentence))


def choices(form: ConsentForm, scope: Scope) -> Sequence[tuple[str, Consequence]]:
    """What can be chosen for a scope, from the mildest, as the protocol allows it."""
    kind = kind_of(scope)
    return [
        (strength, CONSEQUENCES[kind, strength])
        for strength in STRENGTHS
        if strength in form.withdrawal and (kind, strength) in CONSEQUENCES
    ]


def is_covered(form: ConsentForm, scope: Scope, strength: str, taken: Collection[tuple[str, str]]) -> bool:
    """Whether something chosen before does all that this would do; `taken` are (scope, strength).

    Who leaves the study shares nothing new, and answers that were removed or erased with it are out of research too.
    """
    wider = {scope.name, *(form.required if scope.shares else ())}
    return any(name in wider and STRENGTHS.index(before) >= STRENGTHS.index(strength) for name, before in taken)
