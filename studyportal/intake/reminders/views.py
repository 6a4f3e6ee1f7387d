"""The page of reminders, what its forms and its script send, and the calendar that a calendar program fetches."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import Invalid, NotFound
from studyportal.intake.enrolment.awaiting import why_waiting
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.intake.enrolment.tries import count_network
from studyportal.intake.enrolment.visitors import caller, session_token
from studyportal.intake.enrolment.whose import name_of
from studyportal.intake.reminders import actions
from studyportal.intake.reminders.calendar import coming, written
from studyportal.intake.reminders.forms import AddressForm, WishesForm
from studyportal.intake.reminders.showing import own_reminders
from studyportal.registry.pauses import current_pause
from studyportal.registry.reminder_seals import Whereto
from studyportal.registry.reminders import of_feed, wishes_in, wishes_of
from studyportal.sealing.sessions import token_hash
from studyportal.web.answering.reminding import Wishes, reminded_of
from studyportal.web.fields import show_problems
from studyportal.web.here import here

reminders = Blueprint("reminders", __name__)

# How long a calendar program may show what it has before it asks again.
FRESH = 3600


@reminders.get("/reminders")
def own() -> str:
    """What somebody has chosen, and what they can choose."""
    return _page()


@reminders.post("/reminders/address")
def keep_address() -> Response:
    """Remind by mail at an address, or show again what to put right."""
    form, found = AddressForm(request.form), caller()
    if form.validate():
        try:
            actions.keep_address(found.enrolment, form.address.data, protocol=here().protocol, now=clock.now())
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            return _done(gettext("From now on you are reminded by mail."))
    return make_response(_page(address=form), 422)


@reminders.post("/reminders/browser")
def keep_browser() -> Response:
    """Remind in the browser whose script sends this."""
    found, sent = caller(), request.form
    whereto = Whereto(*(sent.get(name, "") for name in ("address", "public", "auth")))
    whose = name_of(found.enrolment)
    actions.keep_browser(found.enrolment, whereto, whose=whose, protocol=here().protocol, now=clock.now())
    flash(gettext("From now on you are reminded in this browser."))
    return Response(status=204)


@reminders.post("/reminders/end")
def end() -> Response:
    """End one place."""
    try:
        id = UUID(request.form.get("place", ""))
    except ValueError:
        raise NotFound("There is no such reminder.") from None
    way = actions.end_place(caller().enrolment, id, now=clock.now())
    return _done(
        gettext("No reminder is mailed any more.")
        if way == "mail"
        else gettext("That browser is not reminded any more.")
    )


@reminders.post("/reminders/wishes")
def choose() -> Response:
    """Keep when and of what, or show again what to put right."""
    form, instruments = WishesForm(request.form), reminded_of(here().protocol)
    form.offer(instruments)
    if not form.validate():
        return make_response(_page(wishes_form=form), 422)
    required = here().protocol.consent.required
    actions.choose_wishes(caller().enrolment, form.wishes(instruments), required=required, now=clock.now())
    return _done(gettext("That is kept."))


@reminders.post("/reminders/calendar")
def make_feed() -> str:
    """Make a calendar address, or another one, and show it this once."""
    token = actions.make_feed(caller().enrolment, required=here().protocol.consent.required, now=clock.now())
    address = f"{here().settings.origin}{url_for('reminders.feed', token=token)}"
    return render_template("intake/reminders_calendar.html", address=address)


@reminders.post("/reminders/calendar/end")
def end_feed() -> Response:
    """End the calendar address."""
    actions.stop_feed(caller().enrolment, now=clock.now())
    return _done(gettext("That calendar address leads nowhere any more."))


@reminders.get("/calendar/<token>.ics")
def feed(token: str) -> Response:
    """The calendar behind a secret address. Empty for somebody who has left or pauses; there is no session."""
    protocol, now = here().protocol, clock.now()
    token = token[:64]
    with reading("registry") as connection:
        found = of_feed(connection, token_hash(token), required_scopes=protocol.consent.required)
    if found is None:
        # Only who guesses is counted: many calendars are fetched from one network.
        count_network(address=request.remote_addr, secret=here().settings.secret_key, now=now)
        raise NotFound("There is no such calendar.")
    with reading("registry", enrolment=found.enrolment) as connection:
        kept = wishes_of(connection, found.enrolment)
        pause = current_pause(connection, found.enrolment, now=now)
    wishes = wishes_in(kept) if kept else Wishes()
    enrolled = Enrolled(found.enrolment, found.zone, found.started_on, b"", found.has_stopped)
    is_asked = found.started_on is not None and not found.has_stopped and not why_waiting(enrolled)
    events = coming(protocol, wishes, start=found.started_on, zone=found.zone, now=now, pause=pause) if is_asked else ()
    response = Response(written(events, token=token, now=now), content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = f"private, max-age={FRESH}"
    return response


def _done(words: str) -> Response:
    flash(words)
    return redirect(url_for("reminders.own"), 303)


def _page(address: AddressForm | None = None, wishes_form: WishesForm | None = None) -> str:
    found, protocol = caller(), here().protocol
    now = clock.now()
    with reading("registry", enrolment=found.enrolment) as connection:
        pause = current_pause(connection, found.enrolment, now=now)
    is_asked = pause is None and not why_waiting(found.enrolled)
    shown = own_reminders(found, session_token(request), protocol=protocol, is_asked=is_asked, now=now)
    if wishes_form is None:
        wishes_form = WishesForm()
        wishes_form.offer(reminded_of(protocol))
        wishes_form.show(shown.wishes, reminded_of(protocol))
    return render_template(
        "intake/reminders.html",
        address=address or AddressForm(),
        wishes_form=wishes_form,
        shown=shown,
        has_left=found.enrolled.has_stopped,
        whose=name_of(found.enrolment),
        zone=found.enrolled.zone,
    )
