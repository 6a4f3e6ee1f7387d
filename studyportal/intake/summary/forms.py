"""What somebody wants on the paper: which time, what of it, and their own questions. Nothing that could harm them is on
it unasked."""

from collections.abc import Collection, Sequence
from datetime import date

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, ValidationError
from wtforms.validators import AnyOf, Optional

from studyportal.protocol import Protocol
from studyportal.saying import said
from studyportal.web.course.spans import SPANS, Span, span_of, stretch
from studyportal.web.fields import ChoiceField, ChoicesField, NotesField
from studyportal.web.words import count, day

LONGEST = 2_000
DATES = "dates"
STRETCHES = (*((name, stretch(name)) for name in SPANS), (DATES, said("From one day to another")))
SIZES = (("A4", "A4"), ("Letter", said("Letter, as in the United States")))
QUESTIONS = said("Printed at the top and kept nowhere else. Up to 2,000 characters. Leave it empty if you like.")
HAPPENED = said(
    "What you took is left out unless you choose it here: a paper lies on desks, and somebody else may read it. "
    "With it, the paper also says the name of the study, which would tell the same."
)
WORDS = said("Whatever you wrote in your own words, as you wrote it. Look at it before you hand it on.")


class SummaryForm(FlaskForm):
    """What a summary is made of."""

    span = ChoiceField(
        said("Which time?"), choices=STRETCHES, validators=[AnyOf(dict(STRETCHES), said("Choose which time it shows."))]
    )
    begins = DateField(said("From"), validators=[Optional()])
    ends = DateField(said("To"), validators=[Optional()])
    questions = NotesField(
        said("What do you want to ask or say?"), description=QUESTIONS, render_kw={"maxlength": LONGEST}
    )
    happened = ChoicesField(said("What you recorded when it happened"), choices=(), description=HAPPENED)
    words = BooleanField(said("Include what I wrote in my own words"), description=WORDS)
    size = ChoiceField(said("Paper"), choices=SIZES, validators=[AnyOf(dict(SIZES), said("Choose the paper."))])

    def offer(self, protocol: Protocol, *, started_on: date, today: date) -> None:
        """Say what can be chosen of this study, by somebody who began then."""
        self.happened.choices = [(one.name, one.title) for one in kinds_of(protocol)]
        self.started_on, self.today = started_on, today

    def validate_span(self, field: ChoiceField) -> None:
        if field.data == DATES and (self.begins.data is None or self.ends.data is None):
            raise ValidationError(said("Give both days below, or choose another time."))

    def validate_ends(self, field: DateField) -> None:
        if self.span.data != DATES or self.begins.data is None:
            return
        if field.data < self.begins.data:
            raise ValidationError(said("This day is before the other one. Give the later day here."))
        if field.data < self.started_on or self.begins.data > self.today:
            raise ValidationError(
                said("Your diary goes from %(day)s to today. Give days of it.", day=day(self.started_on))
            )

    def validate_questions(self, field: NotesField) -> None:
        field.data = (field.data or "").replace("\r\n", "\n").strip()
        if (length := len(field.data)) > LONGEST:
            raise ValidationError(
                said(
                    "There is room for %(most)s characters; this has %(length)s. Shorten it.",
                    most=count(LONGEST),
                    length=count(length),
                )
            )

    def time(self) -> Span:
        """The days that were asked for."""
        if self.span.data != DATES:
            return span_of(self.span.data, started_on=self.started_on, today=self.today)
        return Span(self.begins.data, min(self.ends.data, self.today))  # type: ignore[type-var,arg-type]


def kinds_of(protocol: Protocol) -> Sequence:  # type: ignore[type-arg]
    """The instruments with which something is recorded when it happens."""
    return [one for one in protocol.instruments.values() if one.on_demand and one.in_diary and not one.schedule.after]


def followed(protocol: Protocol) -> Collection[str]:
    """Of these the ones that are asked about again some time after, such as what somebody took."""
    after = {one.schedule.after for one in protocol.instruments.values()}
    return {one.name for one in kinds_of(protocol) if one.name in after}


def chosen_at_first(protocol: Protocol) -> Sequence[str]:
    """What a doctor should know and what betrays nothing else: events that can raise an alert, but nothing taken."""
    alarming = {alert.instrument for alert in protocol.alerts.values()}
    return [one.name for one in kinds_of(protocol) if one.name in alarming - {*followed(protocol)}]
