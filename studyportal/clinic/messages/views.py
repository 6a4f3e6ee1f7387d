"""The inbox of a site, and a conversation with one participant. What was written is opened by the reading desk."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.clinic.alerts.waiting import age
from studyportal.clinic.desk import the_desk
from studyportal.clinic.messages import actions
from studyportal.clinic.own_site import own_site
from studyportal.clinic.visits.running import visit_of
from studyportal.database import reading
from studyportal.desk import OpenedMessage
from studyportal.errors import Invalid, NotFound
from studyportal.protocol.monitoring import in_words, is_staffed
from studyportal.registry.adherence import site_name
from studyportal.registry.message_seals import LONGEST
from studyportal.registry.messages import conversations_page, count_conversations
from studyportal.registry.reached import NOBODY, reached_by_site
from studyportal.web.access import signed_in
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.messages import MessageForm
from studyportal.web.sign_in.views import actor_of

messages = Blueprint("messages", __name__, url_prefix="/messages")

PAGE = 50
_NOT_WHOLE = "This page did not arrive whole. Open the conversation again."


@messages.get("/")
def inbox() -> str:
    """Who has written and waits, then everybody else with whom there are messages."""
    site, now, monitoring = own_site(), clock.now(), here().protocol.monitoring
    page = request.args.get("page", 1, type=int)
    with reading("registry", site=site) as connection:
        name, counts = site_name(connection, site), count_conversations(connection, site)
        pages = max(1, -(-counts["all"] // PAGE))
        if not 1 <= page <= pages:
            raise NotFound("There is no such page.")
        rows = conversations_page(connection, site, page=page, size=PAGE)
    return render_template(
        "clinic/messages.html",
        site=name,
        counts=counts,
        rows=[(row, age(row.waiting_since, now=now) if row.unread else "") for row in rows],
        page=page,
        pages=pages,
        hours=in_words(monitoring),
        is_staffed=is_staffed(monitoring, now),
    )


@messages.get("/<uuid:id>")
def conversation(id: UUID) -> str:
    """What was written with one participant, opened by the desk; their messages count as read from now on."""
    whose = _whose(id)
    shown = the_desk().messages(visit_of(id), id)
    unread = [one.id for one in shown if one.by == "participant" and one.read_at is None and one.text is not None]
    if unread:
        actions.mark_seen(id, unread, site=own_site(), actor=actor_of(signed_in()), now=clock.now())
    return _page(whose, MessageForm(message=str(uuid4())), shown, fresh=frozenset(unread))


@messages.post("/<uuid:id>")
def send(id: UUID) -> Response:
    """Send one, or show it again with what to put right. Nothing is opened for that."""
    whose, form, caller = _whose(id), MessageForm(request.form), signed_in()
    try:
        message = UUID(form.message.data or "")
    except ValueError:
        raise Invalid(_NOT_WHOLE) from None
    try:
        actions.send(
            message,
            id,
            form.text.data or "",
            site=own_site(),
            account=caller.id,
            name=caller.name,
            study=here().protocol.study.code,
            actor=actor_of(caller),
            now=clock.now(),
        )
    except Invalid as refusal:
        show_problems(form, refusal.problems)
        return make_response(_page(whose, form, None), 422)
    flash("The message is sealed and waits for the participant.")
    return redirect(url_for("messages.conversation", id=id), 303)


def _whose(id: UUID) -> sa.Row:
    site = own_site()
    with reading("registry", site=site) as connection:
        found = reached_by_site(connection, site, id)
    if found is None:
        raise NotFound(NOBODY)
    return found


def _page(
    whose: sa.Row,
    form: MessageForm,
    shown: Sequence[OpenedMessage] | None,
    fresh: frozenset[UUID] = frozenset(),
) -> str:
    protocol, now = here().protocol, clock.now()
    return render_template(
        "clinic/conversation.html",
        row=whose,
        form=form,
        shown=None if shown is None else list(reversed(shown)),
        fresh=fresh,
        longest=LONGEST,
        now=now,
        zone=protocol.monitoring.zone,
    )
