"""Requests that wait, and one request with its decision: look, choose the terms, see what would be signed, sign."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for

from studyportal import clock
from studyportal.custody.approvals import actions
from studyportal.custody.approvals.forms import APPROVE, ApproveForm, RefuseForm, TermsForm
from studyportal.custody.approvals.terms import LONGEST, granted
from studyportal.custody.opening.key_file import load_keys
from studyportal.database import reading
from studyportal.errors import Invalid
from studyportal.protocol.offering import Question, by_instrument, offered_questions
from studyportal.web.access import signed_in
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.sign_in.accounts import accounts
from studyportal.workbench.agreements import CURRENT
from studyportal.workbench.applications import (
    Wanted,
    closed_applications,
    find_application,
    read_revision,
    state_of,
    undecided_applications,
    wanted_of,
)
from studyportal.workbench.levels import LEVELS

pages = Blueprint("approvals", __name__, url_prefix="/requests")

LATELY = 20
STATES = {
    "waiting": ("attention", "Waits"),
    "granted": ("good", "Approved"),
    "refused": ("neutral", "Refused"),
    "withdrawn": ("neutral", "Taken back"),
}


def _known() -> Mapping[str, Question]:
    return offered_questions(here().protocol)


@pages.get("/")
def show() -> str:
    with reading("workbench") as connection:
        names = {row.id: row.shown_name for row in accounts(connection, "workbench")}
        waiting = undecided_applications(connection)
        closed = [(row, STATES[state_of(row)]) for row in closed_applications(connection, most=LATELY)]
    return render_template("custody/requests.html", waiting=waiting, closed=closed, names=names)


def _asked(id: UUID) -> tuple[Mapping[str, Any], Wanted, str]:
    """The request's row, what it asks for, and who asks."""
    with reading("workbench") as connection:
        row = find_application(connection, id)
        names = {one.id: one.shown_name for one in accounts(connection, "workbench")}
    return row, wanted_of(row), names.get(row["account"], "?")


def _page(id: UUID, *, terms: TermsForm | None = None, refuse: RefuseForm | None = None) -> Response:
    row, wanted, who = _asked(id)
    known = _known()
    begin: dict[str, Any] = {"items": list(wanted.items), "level": wanted.level, "revision": str(row["revision"])}
    begin["expires_on"] = min(wanted.wanted_until, (clock.now() + LONGEST - timedelta(days=1)).date())
    page = render_template(
        "custody/request.html",
        row=row,
        wanted=wanted,
        who=who,
        state=state_of(row),
        shown=STATES[state_of(row)],
        asked=by_instrument(wanted.items, known),
        level=LEVELS[wanted.level],
        terms=terms or TermsForm(wanted, known, formdata=None, data=begin),
        refuse=refuse or RefuseForm(formdata=None, revision=str(row["revision"])),
    )
    return make_response(page, 422 if (terms and terms.errors) or (refuse and refuse.errors) else 200)


@pages.get("/<uuid:id>")
def look(id: UUID) -> Response:
    return _page(id)


@pages.post("/<uuid:id>/terms")
def terms(id: UUID) -> Response:
    _, wanted, who = _asked(id)
    form = TermsForm(wanted, _known())
    if form.validate_on_submit():
        try:
            granted(form.terms, wanted, known=_known(), now=clock.now())
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            return _confirm(id, wanted, who, ApproveForm(wanted, _known()))
    return _page(id, terms=form)


def _confirm(id: UUID, wanted: Wanted, who: str, form: ApproveForm) -> Response:
    """What exactly will be signed, and the word."""
    kept, known = form.terms, _known()
    page = render_template(
        "custody/confirm.html",
        id=id,
        wanted=wanted,
        who=who,
        kept=kept,
        level=LEVELS[kept.level],
        granted=by_instrument(kept.items, known),
        left_out=by_instrument(set(wanted.items) - set(kept.items), known),
        agreement=CURRENT,
        form=form,
        word=APPROVE,
    )
    return make_response(page, 422 if form.errors else 200)


@pages.post("/<uuid:id>/approve")
def approve(id: UUID) -> Response:
    _, wanted, who = _asked(id)
    form, place = ApproveForm(wanted, _known()), here()
    if form.validate_on_submit():
        try:
            done = actions.approve(
                id,
                form.terms,
                revision=read_revision(form.revision.data),
                custodian=UUID(str(signed_in().id)),
                keys=load_keys(place.settings.key_file),
                protocol=place.protocol,
                shelf=place.settings.shelf,
                rng=secrets.SystemRandom(),
                now=clock.now(),
            )
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            flash(f"Approved. The project is called {done.project}; it opens when {who} has signed the agreement.")
            return redirect(url_for("grants.look", id=done.grant), 303)
    if set(form.errors) <= {"word"}:
        return _confirm(id, wanted, who, form)
    return _page(id, terms=form)


@pages.post("/<uuid:id>/refuse")
def refuse(id: UUID) -> Response:
    form = RefuseForm()
    if form.validate_on_submit():
        try:
            actions.refuse(
                id,
                reason=form.reason.data,
                revision=read_revision(form.revision.data),
                custodian=UUID(str(signed_in().id)),
                now=clock.now(),
            )
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            flash("Refused. The researcher sees your reason.")
            return redirect(url_for("approvals.show"), 303)
    return _page(id, refuse=form)
