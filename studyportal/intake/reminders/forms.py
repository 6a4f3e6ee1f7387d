"""Ask whereto, when and of what somebody wants to be reminded."""

from collections.abc import Sequence
from datetime import timedelta

from wtforms import Form, SelectField, StringField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from studyportal.protocol import Instrument
from studyportal.saying import said
from studyportal.web.answering.reminding import Quiet, Wishes
from studyportal.web.fields import ChoicesField

# How long after something opens, in minutes.
AFTER = {
    "0": said("As soon as it opens"),
    "60": said("1 hour after it opens"),
    "120": said("2 hours after it opens"),
    "240": said("4 hours after it opens"),
}
_NEEDED = said("Give a time, such as 21:00.")


class AddressForm(Form):
    """One mail address."""

    address = StringField(
        said("Your mail address"),
        description=said("It is sealed as soon as it arrives. Choose one that only you read."),
        validators=[
            InputRequired(said("Type an address.")),
            Length(max=254, message=said("A mail address is shorter.")),
        ],
        render_kw={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false", "inputmode": "email"},
    )


class WishesForm(Form):
    """Quiet hours, when after something opens, and of what."""

    begins = TimeField(said("Quiet from"), validators=[InputRequired(_NEEDED)])
    ends = TimeField(said("Quiet until"), validators=[InputRequired(_NEEDED)])
    after = SelectField(
        said("When"),
        choices=[SelectChoice(*one) for one in AFTER.items()],
        validators=[InputRequired(said("Choose when."))],
    )
    of = ChoicesField(said("Remind me of"), choices=())

    def offer(self, instruments: Sequence[Instrument]) -> None:
        """Say what there is to be reminded of."""
        self.of.choices = [SelectChoice(one.name, one.title) for one in instruments]

    def show(self, wishes: Wishes, instruments: Sequence[Instrument]) -> None:
        """Fill in what somebody wishes so far."""
        self.begins.data, self.ends.data = wishes.quiet.begins, wishes.quiet.ends
        self.after.data = str(wishes.after // timedelta(minutes=1))
        self.of.data = [one.name for one in instruments if one.name not in wishes.without]

    def wishes(self, instruments: Sequence[Instrument]) -> Wishes:
        """What was filled in, of a form that holds."""
        chosen = frozenset(self.of.data or ())
        return Wishes(
            Quiet(self.begins.data, self.ends.data),
            timedelta(minutes=int(self.after.data)),
            frozenset(one.name for one in instruments) - chosen,
        )
