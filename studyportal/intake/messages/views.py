"""The page of messages: write to the clinic, read what it answers, and know when somebody reads it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import CannotOpen, Invalid
from studyportal.intake.course.alerting import help_for
from studyportal.intake.course.opening import own_key
from studyportal.intake.enrolment.visitors import caller, session_token
from studyportal.intake.messages import actions
from studyportal.registry.contexts import message_context
from studyportal.registry.message_seals import LONGEST, message_body
from studyportal.registry.messages import sealed_messages
from studyportal.saying import said
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.messages import MessageForm
from studyportal.web.translating import tell
from studyportal.web.words import country

messages = Blueprint("messages", __name__, url_prefix="/messages")

_NOT_WHOLE = said("This page did not arrive whole. Open Messages again.")


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """One message as the participant sees it; `text` is None for one that does not open."""

    id: UUID
    sent_at: datetime
    is_own: bool
    by: str
    text: str | None = field(repr=False)
    read_at: datetime | None


@messages.get("/")
def own() -> str:
    """Everything that was written, the latest first; what the clinic wrote counts as read from now on."""
    found, now = caller(), clock.now()
    shown = _opened()
    unread = [one.id for one in shown if not one.is_own and one.read_at is None and one.text is not None]
    if unread:
        actions.mark_seen(found.enrolment, unread, now=now)
    return _page(MessageForm(message=str(uuid4())), shown, now, fresh=frozenset(unread))


@messages.post("/")
def send() -> Response:
    """Send one, or show it again with what to put right."""
    form, found, now = MessageForm(request.form), caller(), clock.now()
    shown = _opened()  # refuses somebody whose keys are destroyed: nobody could ever read what they write
    try:
        id = UUID(form.message.data or "")
    except ValueError:
        raise Invalid(_NOT_WHOLE) from None
    try:
        actions.send(id, found.enrolment, form.text.data or "", study=here().protocol.study.code, now=now)
    except Invalid as refusal:
        show_problems(form, refusal.problems)
        return make_response(_page(form, shown, now), 422)
    tell(said("Your message is on its way to the clinic, sealed."))
    return redirect(url_for("messages.own"), 303)


def _opened() -> list[OwnMessage]:
    """All messages, opened with the contact key, the latest first. Raises `Gone` once the keys are destroyed."""
    found, study = caller(), here().protocol.study.code
    key = own_key(found, session_token(request), study=study, domain="contact")
    with reading("registry", enrolment=found.enrolment) as connection:
        rows = sealed_messages(connection, found.enrolment)
    shown = []
    for row in reversed(rows):
        try:
            about = message_context(study, found.enrolment, row.id, row.sender)
            text, by = message_body(key.unseal(row.sealed, about=about))
        except CannotOpen:
            text, by = None, ""
        shown.append(OwnMessage(row.id, row.sent_at, row.sender == "participant", by, text, row.read_at))
    return shown


def _page(form: MessageForm, shown: list[OwnMessage], now: datetime, fresh: frozenset[UUID] = frozenset()) -> str:
    protocol, zone = here().protocol, caller().enrolled.zone
    help = help_for([], protocol, zone=zone, now=now)
    return render_template(
        "intake/messages.html",
        form=form,
        shown=shown,
        fresh=fresh,
        help=help,
        country=country(help.country),
        longest=LONGEST,
        zone=zone,
    )
