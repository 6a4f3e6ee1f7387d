"""Read the consent form: its texts, its scopes, and how a person may leave."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from studyportal.protocol.document import (
    UNTIL_COUNTERSIGNED,
    UNTIL_SIGNED,
    CheckQuestion,
    ConsentForm,
    Scope,
    Section,
)
from studyportal.protocol.reading.fields import ByName, Field, ListOf, Record, Then
from studyportal.protocol.reading.places import WRONG, Place, is_wrong
from studyportal.protocol.reading.questions import PLAIN_NAMES
from studyportal.protocol.reading.releases import ANY_CODE, CODES
from studyportal.protocol.reading.texts import Words
from studyportal.protocol.reading.values import Flag, Word, one_of

VERSION = Word(r"[0-9A-Za-z][0-9A-Za-z._-]{0,19}", 'Write a version such as "1.2".')
# A record of consent keeps it in as many characters.
FORM_VERSION = Word(r"[0-9A-Za-z][0-9A-Za-z._-]{0,15}", 'Write a version of at most 16 characters, such as "2".')
WITHDRAWAL = ("stop", "remove", "erase")

SECTION = {
    "heading": Field(Words(200), "The heading of a section.", "Give this section a heading."),
    "body": Field(
        Words(5000, paragraphs=True),
        "Its text; paragraphs are separated by an empty line.",
        "Write the text of this section.",
    ),
}
SECTIONS = ListOf(
    reader=Then(Record(SECTION), lambda values, place: Section(**values)), what="sections", least=1, most=40
)
SCOPE = {
    "ask": Field(
        Words(500),
        "What the person agrees to, as a sentence beginning with I.",
        "Write what the person agrees to, as a sentence beginning with I.",
    ),
    "required": Field(Flag(), "Whether nobody can take part without it."),
    "shares": Field(Flag(), "Whether approved researchers may then receive the de-identified answers."),
}
SCOPES_NEED = {
    "required": "One scope must be the study itself: give it required: true.",
    "shares": "One scope must have shares: true; otherwise nothing could ever reach a researcher.",
}


CHECK = {
    "ask": Field(Words(300), "What is asked.", "Write what is asked, such as ask: Can you leave at any time?"),
    "choices": Field(
        ByName(
            reader=Words(200),
            names=CODES,
            what="choices",
            least=2,
            most=6,
            shape="Each choice needs a code of its own: write choices: {any_time: At any time, never: Never}.",
        ),
        "What can be chosen, each with a code and a text.",
        "Give the choices, each with a code and a text, such as any_time: At any time.",
    ),
    "right": Field(ANY_CODE, "The code of the choice that is right.", "Say which choice is right, by its code."),
    "why": Field(
        Words(500),
        "What explains it, in the words of the text above.",
        "Write what is shown to somebody who chose another one: why.",
    ),
}


def _as_question(values: dict[str, Any], place: Place) -> Any:
    if values["right"] not in values["choices"]:
        return place.refuse(f"There is no choice {values['right']}: right is the code of one of the choices.")
    if len(set(values["choices"].values())) < len(values["choices"]):
        return place.refuse("Two choices have the same text. Nobody could tell them apart.")
    return CheckQuestion(**values)


_CHECK = ByName(
    reader=Then(Record(CHECK), _as_question),
    names=PLAIN_NAMES,
    what="questions",
    least=1,
    most=10,
    shape="Give each question a name: write check: {leaving: {ask: ..., choices: ..., right: ..., why: ...}}.",
)


def _as_scopes(scopes: Mapping[str, Any], place: Place) -> Any:
    for setting, sentence in SCOPES_NEED.items():
        # What could not be read might have been the one.
        if scopes and not any(scope.get(setting, False) in (True, WRONG) for scope in scopes.values()):
            place.refuse(sentence)
    if is_wrong(scopes):
        return WRONG
    return MappingProxyType({name: Scope(name=name, **values) for name, values in scopes.items()})


def _checked_withdrawal(strengths: tuple[str, ...], place: Place) -> Any:
    if len(set(strengths)) < len(strengths) and not is_wrong(strengths):
        return place.refuse("Write each strength of withdrawal once.")
    return strengths if "stop" in strengths else place.refuse("Everybody may always stop: add stop.")


_SCOPES = ByName(
    reader=Record(SCOPE),
    names=PLAIN_NAMES,
    what="scopes",
    least=1,
    most=20,
)
_WITHDRAWAL = ListOf(reader=one_of(WITHDRAWAL), what="strengths of withdrawal", least=1, most=3)

CONSENT = {
    "version": Field(
        FORM_VERSION, "The version of the consent form.", 'Give the version of the consent form, such as version: "1".'
    ),
    "title": Field(Words(200), "The title of the consent form.", "Give the consent form a title."),
    "sections": Field(
        SECTIONS,
        "The text of the consent form, in sections.",
        "Write the sections of the consent form.",
    ),
    "scopes": Field(
        Then(_SCOPES, _as_scopes, partial=True),
        "What a person agrees to, each for itself.",
        "Say what a person agrees to: the scopes, at least the study itself.",
    ),
    "withdrawal": Field(
        Then(_WITHDRAWAL, _checked_withdrawal, partial=True),
        "How the law of the site lets a person leave.",
        "Say how a person may leave, such as withdrawal: [stop, remove, erase].",
    ),
    "check": Field(_CHECK, "Questions that show whether the text was understood, before anybody chooses and signs."),
    "name": Field(
        one_of(["required"]), "That the full name is asked with the signature, where the law at the site asks for it."
    ),
    "countersign": Field(one_of(["clinic"]), "Who signs besides the participant: a clinician of their site."),
    "until_signed": Field(
        one_of(UNTIL_SIGNED),
        "Whether the diary of somebody who has not signed a new version yet goes on (continue, if not given) or pauses.",
    ),
    "until_countersigned": Field(
        one_of(UNTIL_COUNTERSIGNED),
        "Whether the diary takes entries (continue, if not given) or pauses until the clinic has countersigned.",
    ),
}


def _as_form(values: dict[str, Any], place: Place) -> Any:
    if "until_countersigned" in values and "countersign" not in values:
        return place.refuse("until_countersigned needs a countersignature: add countersign: clinic, or leave it out.")
    return ConsentForm(asks_name="name" in values, **{name: value for name, value in values.items() if name != "name"})


CONSENT_FORM = Then(Record(CONSENT), _as_form)
