"""Which consent form is in force, what waits for a second person, and the two acts; each under the text as participants
see it.
"""

from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.custody.consent_forms import actions
from studyportal.custody.consent_forms.comparing import differences
from studyportal.custody.consent_forms.forms import act_form, shown_choices
from studyportal.database import reading
from studyportal.errors import Conflict, NotFound
from studyportal.protocol import Protocol
from studyportal.protocol.agreeing import study_with_text
from studyportal.protocol.versions import in_every_language
from studyportal.registry import consent_forms as registry
from studyportal.registry.needs import count_without_version
from studyportal.web.access import signed_in
from studyportal.web.here import here
from studyportal.web.sign_in.accounts import accounts

pages = Blueprint("consent_forms", __name__, url_prefix="/consent-forms")

PROPOSE, PUT, DROP = "PROPOSE", "IN FORCE", "DROP"


def _spoken() -> tuple[Protocol, ...]:
    return in_every_language(here().protocol)


def _custodian() -> UUID:
    return UUID(str(signed_in().id))


@pages.get("/")
def show() -> str:
    spoken, required = _spoken(), here().protocol.consent.required
    with reading("registry") as connection:
        in_force, waiting = registry.form_in_force(connection), registry.waiting_form(connection)
        history, is_new = registry.all_forms(connection), actions.is_new(connection, spoken)
        to_sign = count_without_version(connection, in_force.version, required_scopes=required) if in_force else 0
    return render_template(
        "custody/consent_forms.html",
        in_force=in_force,
        waiting=waiting,
        is_own=waiting is not None and waiting.proposed_by == _custodian(),
        history=history,
        names=_names(),
        to_sign=to_sign,
        is_new=is_new,
        form=here().protocol.consent,
    )


@pages.route("/propose", methods=["GET", "POST"])
def propose() -> Response:
    """Propose the form of the study document as it stands."""
    spoken = _spoken()
    with reading("registry") as connection:
        if registry.waiting_form(connection) is not None:
            raise Conflict(actions.WAITS)
        if not actions.is_new(connection, spoken):
            raise Conflict(actions.NOTHING_NEW)
    form = act_form(PROPOSE, read=actions.reading_mark(spoken))
    if form.validate_on_submit():
        actions.propose(spoken, read=form.read.data, custodian=_custodian(), now=clock.now())
        flash("Proposed. Another custodian reads it and puts it into force.")
        return redirect(url_for("consent_forms.show"), 303)
    return _page("propose", spoken, form, PROPOSE)


@pages.route("/<uuid:id>", methods=["GET", "POST"])
def decide(id: UUID) -> Response:
    """Put a proposal into force, as the second person."""
    spoken = _spoken()
    waiting = _waiting(id)
    form = act_form(PUT, read=actions.reading_mark(spoken))
    is_own = waiting.proposed_by == _custodian()
    if request.method == "POST" and form.validate_on_submit():
        version = actions.put_into_force(id, spoken, read=form.read.data, custodian=_custodian(), now=clock.now())
        flash(f"Version {version} is in force. Everybody who takes part is asked to sign it.")
        return redirect(url_for("consent_forms.show"), 303)
    is_stale = registry.texts_of(waiting) != actions.texts_now(spoken)
    return _page("decide", spoken, form, PUT, waiting=waiting, is_own=is_own, is_stale=is_stale)


@pages.route("/<uuid:id>/drop", methods=["GET", "POST"])
def drop(id: UUID) -> Response:
    """Let a proposal fall."""
    waiting = _waiting(id)
    form = act_form(DROP, read="")
    if form.validate_on_submit():
        version = actions.drop(id, custodian=_custodian(), now=clock.now())
        flash(f"The proposal of version {version} has fallen. What was in force before still is.")
        return redirect(url_for("consent_forms.show"), 303)
    page = render_template("custody/drop_consent_form.html", form=form, word=DROP, waiting=waiting, names=_names())
    return make_response(page, 422 if form.errors else 200)


def _waiting(id: UUID) -> sa.Row:
    """The proposal of this id; raises `Conflict` once it was decided, `NotFound` if there never was one."""
    with reading("registry") as connection:
        waiting, known = registry.waiting_form(connection), registry.all_forms(connection)
    if waiting is not None and waiting.id == id:
        return waiting
    if any(row.id == id for row in known):
        raise Conflict(actions.DECIDED)
    raise NotFound("There is no such proposal.")


def _page(act: str, spoken: tuple[Protocol, ...], form, word: str, **more) -> Response:  # type: ignore[no-untyped-def]
    present = spoken[0].consent
    with reading("registry") as connection:
        in_force = registry.form_in_force(connection)
        required = here().protocol.consent.required
        asked = count_without_version(connection, present.version, required_scopes=required)
    former = study_with_text(spoken, registry.texts_of(in_force)) if in_force else None
    page = render_template(
        f"custody/{act}_consent_form.html",
        form=form,
        word=word,
        spoken=[(one, shown_choices(one.consent)) for one in spoken],
        in_force=in_force,
        asked=0 if in_force and in_force.version == present.version else asked,
        changes=differences(former.consent, present) if former else None,
        names=_names(),
        **more,
    )
    return make_response(page, 422 if form.errors else 200)


def _names() -> dict[UUID, str]:
    with reading("keyring") as connection:
        return {row.id: row.shown_name for row in accounts(connection, "keyring")}
