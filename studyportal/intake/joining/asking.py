"""Ask the screening and answer what comes back: the form again, a "not now", or that it may go on.

Used on the way in, and once more by somebody whose code was claimed while their signature got lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from studyportal import clock
from studyportal.errors import Conflict, Invalid
from studyportal.intake.course.alerting import Help, help_for
from studyportal.intake.joining.carrying import carried, carry, changed
from studyportal.intake.joining.judging import Judged, judge
from studyportal.protocol import Instrument, InvalidAnswers, zone_named
from studyportal.protocol.contacts import ELSEWHERE
from studyportal.web.answering.forms import diary_form
from studyportal.web.answering.sent import Sent, read_form
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.words import country

# Hidden fields, and the button that asks for more rows; no item's name has a hyphen.
TICKET, ZONE, MORE = "entry-ticket", "entry-zone", "entry-more"
CARRIED = "screening"
_OURS = {TICKET, ZONE, MORE, "csrf_token"}


@dataclass(frozen=True, slots=True)
class Passed:
    """Somebody may go on: what they sent, and what it says. `zone` is what their browser told, or ""."""

    sent: Sent
    judged: Judged
    zone: str

    def carry(self, *, whose: str) -> str:
        """The answers as text for the hidden field of the next page."""
        place = here()
        return carry(self.sent, whose=whose, protocol=place.protocol, secret=place.settings.secret_key)

    def told(self) -> dict[str, object]:
        """What the next page needs to show whom to call; nothing if no alert holds."""
        return told(self.judged, self.zone, kept="yet")


def ask(*, action: str, ticket: str = "") -> str:
    """The form, empty. `action` is where it is sent."""
    return _page(None, action, ticket)


def take(
    *,
    action: str,
    ticket: str = "",
    zone: str | None = None,
    note: Callable[[Judged], None] = lambda judged: None,
) -> Passed | Response:
    """What came back: leave to go on, or the page that is shown instead. `zone` is that of somebody enrolled; `note` is
    told of answers that are complete."""
    zone, now = _zone_told() if zone is None else zone, clock.now()
    if MORE in request.form:
        return make_response(_page(_answered(), action, ticket))
    form = None
    try:
        sent = read_form(_screening(), _answered())
        judged = judge(sent, here().protocol, zone=zone, now=now)
    except InvalidAnswers as refusal:
        form = _page(_answered(), action, ticket, refusal)
        return make_response(form, 422)
    note(judged)
    return not_now(judged, zone) if judged.reasons else Passed(sent, judged, zone)


def judged_again(*, whose: str, zone: str, now: datetime) -> Judged | None:
    """What was carried to the signature, checked once more in the zone it is signed in; None if the study asks nothing.

    Raises what `carried` raises, and `Conflict` when the answers do not fit any more.
    """
    place = here()
    if place.protocol.screening is None:
        return None
    sent = carried(
        request.form.get(CARRIED, ""), whose=whose, protocol=place.protocol, secret=place.settings.secret_key
    )
    try:
        return judge(sent, place.protocol, zone=zone, now=now)
    except InvalidAnswers:
        raise changed() from None


def not_now(judged: Judged, zone: str) -> Response:
    """For somebody who cannot take part now: the reason, and whom to call if an answer worries us. Nothing is kept."""
    return make_response(
        render_template("intake/not_now.html", reasons=judged.reasons, **told(judged, zone, kept="never"))
    )


def told(judged: Judged, zone: str, *, kept: str) -> dict[str, object]:
    """What `help.html` needs; `kept` says whether these answers are not kept "yet" or "never" will be."""
    protocol = here().protocol
    if not judged.alerts:
        return {"help": None}
    help: Help = help_for(judged.alerts, protocol, zone=zone, now=clock.now())
    # A page must not guess where somebody is: when nobody knows, everybody's lines are there.
    by_country = (
        {} if zone else {country(code) or code: lines for code, lines in protocol.contacts.items() if code != ELSEWHERE}
    )
    return {
        "help": help,
        "country": country(help.country),
        "by_country": dict(sorted(by_country.items())),
        "zone": zone or protocol.monitoring.zone,
        "kept": kept,
    }


def _page(answered: MultiDict[str, str] | None, action: str, ticket: str, refusal: Invalid | None = None) -> str:
    study = here().protocol
    form = diary_form(_screening(), answered, language=study.language)
    if refusal is not None:
        show_problems(form, refusal.problems)
    return render_template("intake/screening.html", form=form, instrument=_screening(), action=action, ticket=ticket)


def _screening() -> Instrument:
    found = here().protocol.screening
    if found is None:
        raise Conflict("The study has no first questions any more. Start again with the same code.")
    return found


def _answered() -> MultiDict[str, str]:
    return MultiDict((name, value) for name, value in request.form.items(multi=True) if name not in _OURS)


def _zone_told() -> str:
    """The zone that a script put into the form: no more than a hint of whose crisis lines to show first."""
    try:
        return zone_named(request.form.get(ZONE, "")).key or ""
    except Invalid:
        return ""
