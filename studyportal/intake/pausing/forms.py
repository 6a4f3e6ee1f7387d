"""Until when a pause lasts: a day, or until somebody goes on by themselves."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from wtforms import DateField
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, Optional

from studyportal.protocol.schedules.durations import moment_at, zone_named
from studyportal.saying import said
from studyportal.web.fields import ChoiceField
from studyportal.web.words import day as day_in_words

DAY, OPEN = "day", "open"
# Where a study has no last day: whoever is away for longer goes on, and pauses anew.
LONGEST = timedelta(days=366)
NO_LENGTH = said("Choose for how long.")
NO_DAY = said("Choose the day, or choose “Until I go on”.")


def pause_form(data: Mapping[str, str] | None) -> BaseForm:
    """The form; a day is asked only if somebody names one."""
    made = BaseForm(
        {
            "until": ChoiceField(
                said("For how long?"),
                choices=[(OPEN, said("Until I go on")), (DAY, said("Until a day that I choose"))],
                validators=[InputRequired(NO_LENGTH)],
            ),
            "day": DateField(
                said("The day on which your diary asks again"),
                description=said("Only if you chose a day. You can go on sooner at any time."),
                validators=[Optional()],
            ),
        }
    )
    made.process(data)
    return made


def is_complete(made: BaseForm, *, today: date, last: date | None) -> bool:
    """Check a sent form; `last` is the day on which the study asks for the last time. Problems stand at their
    fields."""
    if not made.validate():
        if "day" in made.errors:
            made["day"].errors = [NO_DAY]
        return False
    if made["until"].data not in (DAY, OPEN):
        made["until"].errors = [NO_LENGTH]
    if made["until"].data != DAY:
        return not made["until"].errors
    first, latest = today + timedelta(days=1), last or today + LONGEST
    day = made["day"].data
    if day is None:
        made["day"].errors = [NO_DAY]
    elif not first <= day <= latest:
        made["day"].errors = [
            said("Choose a day from %(first)s to %(latest)s.", first=day_in_words(first), latest=day_in_words(latest))
        ]
    return not made["day"].errors


def chosen_end(made: BaseForm, *, zone: str) -> datetime | None:
    """When the pause ends by itself: as the chosen day begins where they live; None if it does not."""
    return moment_at(made["day"].data, time(0), zone_named(zone)) if made["until"].data == DAY else None
