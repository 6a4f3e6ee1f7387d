"""The forms with which a researcher asks for access and signs the data-use agreement."""

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from studyportal.protocol.offering import Question, by_instrument
from studyportal.research.access.asking import LONGEST_PLAN, LONGEST_PURPOSE
from studyportal.web.fields import ChoiceField, ItemsField, NotesField
from studyportal.workbench.applications import Wanted
from studyportal.workbench.levels import LEVELS


class ApplicationForm(FlaskForm):
    """What the data custodian needs in order to decide."""

    title = StringField(
        "Title of your project",
        validators=[
            InputRequired("Give your project a title."),
            Length(max=200, message="Shorten the title to 200 characters."),
        ],
    )
    purpose = NotesField(
        "What you want to find out, and why it needs these data",
        description="A few sentences that somebody outside your field understands. The approval holds for this purpose.",
        validators=[
            InputRequired("Say what you want to find out."),
            Length(min=30, message="Say a little more: one or two whole sentences."),
            Length(max=LONGEST_PURPOSE, message=f"Shorten this to {LONGEST_PURPOSE:,} characters."),
        ],
    )
    plan = NotesField(
        "Your plan",
        description="What you will compare or model, with which outcomes, and where you will publish it.",
        validators=[
            InputRequired("Say how you will go about it."),
            Length(min=30, message="Say a little more: one or two whole sentences."),
            Length(max=LONGEST_PLAN, message=f"Shorten this to {LONGEST_PLAN:,} characters."),
        ],
    )
    ethics_reference = StringField(
        "Ethics reference",
        description="The number under which an ethics committee approved your project.",
        validators=[
            InputRequired("Give the number of the ethics approval."),
            Length(max=120, message="Shorten this to 120 characters."),
        ],
    )
    items = ItemsField(
        "Which questions do you need?",
        description="Choose what your plan uses, and no more: what is asked for must be justified. Those marked “in "
        "combination” can single people out together.",
        validators=[InputRequired("Choose at least one question.")],
    )
    level = ChoiceField(
        "How closely do you need to look?",
        choices=[*LEVELS.items()],
        validators=[InputRequired("Choose how closely you need to look.")],
    )
    wanted_until = DateField(
        "Until when do you need access?",
        description="Access ends by itself on this day; you can ask again.",
        validators=[InputRequired("Give the day on which access may end, as day, month and year.")],
    )
    # Which text is being changed; a new request has none.
    revision = HiddenField(default="")

    def __init__(self, known: Mapping[str, Question], **rest: Any) -> None:
        super().__init__(**rest)
        self.items.offer(
            [
                (title, [(one.name, one.ask, "in combination" if one.quasi_identifier else "") for one in asked])
                for title, asked in by_instrument(known, known)
            ]
        )

    @property
    def wanted(self) -> Wanted:
        """What a form that holds asks for."""
        return Wanted(
            title=self.title.data,
            purpose=self.purpose.data,
            plan=self.plan.data,
            ethics_reference=self.ethics_reference.data,
            items=tuple(self.items.data),
            level=self.level.data,
            wanted_until=self.wanted_until.data,
        )


class WithdrawForm(FlaskForm):
    """Take a request back. It needs no word: asking again undoes it."""


class AgreementForm(FlaskForm):
    """Sign under a text that was read."""

    read = BooleanField(
        "I have read this agreement and the terms beside it, and I keep to them.",
        validators=[InputRequired("Tick this when you have read the agreement.")],
    )
    signed_name = StringField(
        "Type your name to sign",
        validators=[
            InputRequired("Type your name to sign."),
            Length(max=80, message="Type your name as it stands above."),
        ],
        render_kw={"autocomplete": "name"},
    )
    # The text and terms that were on the page, so that nobody signs others than they read.
    digest = HiddenField()
