"""Decide on a request, or change an approval. What reaches far is confirmed by a typed word."""

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from studyportal.custody.approvals.actions import REASON_LENGTH
from studyportal.custody.approvals.terms import Terms
from studyportal.custody.days import end_of
from studyportal.protocol.offering import Question, by_instrument
from studyportal.web.fields import ChoiceField, ItemsField, NotesField, TypedWord
from studyportal.workbench.applications import Wanted
from studyportal.workbench.levels import LEVELS, is_within

APPROVE = "APPROVE"


def reason_field(label: str) -> NotesField:
    return NotesField(
        label,
        description="The researcher reads this.",
        validators=[
            InputRequired("Give the reason; the researcher will read it."),
            Length(max=REASON_LENGTH, message=f"Shorten this to {REASON_LENGTH} characters."),
        ],
    )


def word_field(word: str) -> StringField:
    return StringField(
        f"Type {word} to confirm",
        validators=[InputRequired(f"Type {word} to confirm."), TypedWord(word)],
        render_kw={"autocomplete": "off"},
    )


class TermsForm(FlaskForm):
    """What is granted of what was asked for. It begins with all of it."""

    items = ItemsField("Questions", description="Take away what the plan does not need.")
    level = ChoiceField("How closely", choices=(), validators=[InputRequired("Choose how closely they may look.")])
    expires_on = DateField(
        "Last day of access", validators=[InputRequired("Give the last day, as day, month and year.")]
    )
    # The text that the custodian read.
    revision = HiddenField()

    def __init__(self, wanted: Wanted, known: Mapping[str, Question], **rest: Any) -> None:
        super().__init__(**rest)
        self.items.offer(
            [
                (title, [(one.name, one.ask, "in combination" if one.quasi_identifier else "") for one in asked])
                for title, asked in by_instrument(wanted.items, known)
            ]
        )
        self.level.choices = [(name, words) for name, words in LEVELS.items() if is_within(name, wanted.level)]

    @property
    def terms(self) -> Terms:
        """What a form that holds grants."""
        return Terms(items=tuple(self.items.data or ()), level=self.level.data, expires_at=end_of(self.expires_on.data))


class ApproveForm(TermsForm):
    """The same, carried over from the page before, and the word."""

    word = word_field(APPROVE)


class RefuseForm(FlaskForm):
    """Refuse with a reason."""

    reason = reason_field("Why not")
    revision = HiddenField()


class ChangeForm(FlaskForm):
    """Change an approval: why, and the word."""

    reason = reason_field("Why")


class RenewForm(ChangeForm):
    """Renew it until another day."""

    expires_on = DateField(
        "New last day of access", validators=[InputRequired("Give the last day, as day, month and year.")]
    )


def change_form(act: str, **given: Any) -> FlaskForm:
    """The form of an act of `changing.ACTS`; its word is the act's name."""
    base = RenewForm if act == "renew" else ChangeForm
    return type("WordForm", (base,), {"word": word_field(act.upper())})(**given)  # type: ignore[no-any-return]
