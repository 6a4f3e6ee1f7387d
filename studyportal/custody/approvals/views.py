"""Requests that wait, one request with its decision, and the approvals that run."""

import secrets
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for

from studyportal import clock
from studyportal.custody.approvals import actions
from studyportal.custody.approvals.forms import ApproveForm, EndForm, RefuseForm
from studyportal.custody.days import end_of
from studyportal.custody.opening.key_file import load_keys
from studyportal.database import reading
from studyportal.errors import Invalid, NotFound
from studyportal.web.access import signed_in
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.sign_in.accounts import accounts
from studyportal.web.sign_in.views import actor_of
from studyportal.workbench.applications import application, undecided_applications
from studyportal.workbench.grants import all_grants, opened

pages = Blueprint("approvals", __name__, url_prefix="/requests")


@pages.get("/")
def show() -> str:
    with reading("workbench") as connection:
        names = {row.id: row.shown_name for row in accounts(connection, "workbench")}
        waiting, grants = undecided_applications(connection), all_grants(connection)
    papers = [(row, opened(row)) for row in grants]
    return render_template("custody/requests.html", waiting=waiting, grants=papers, names=names, now=clock.now())


def _page(id: UUID, *, approve: ApproveForm, refuse: RefuseForm) -> Response:
    with reading("workbench") as connection:
        wanted = application(connection, id)
        names = {row.id: row.shown_name for row in accounts(connection, "workbench")}
    page = render_template(
        "custody/request.html", wanted=wanted, who=names.get(wanted["account"], "?"), approve=approve, refuse=refuse
    )
    return make_response(page, 422 if approve.errors or refuse.errors else 200)


@pages.get("/<uuid:id>")
def look(id: UUID) -> Response:
    return _page(id, approve=ApproveForm(formdata=None), refuse=RefuseForm(formdata=None))


@pages.post("/<uuid:id>/approve")
def approve(id: UUID) -> Response:
    form, place = ApproveForm(), here()
    if form.validate_on_submit():
        try:
            done = actions.approve(
                id,
                expires_at=end_of(form.expires_on.data),
                keys=load_keys(place.settings.key_file),
                protocol=place.protocol,
                shelf=place.settings.shelf,
                rng=secrets.SystemRandom(),
                actor=actor_of(signed_in()),
                now=clock.now(),
            )
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            flash(f"Approved. The project is called {done.project}.")
            return redirect(url_for("approvals.show"), 303)
    return _page(id, approve=form, refuse=RefuseForm(formdata=None))


@pages.post("/<uuid:id>/refuse")
def refuse(id: UUID) -> Response:
    form = RefuseForm()
    if form.validate_on_submit():
        try:
            actions.refuse(id, reason=form.reason.data, actor=actor_of(signed_in()), now=clock.now())
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            flash("Refused. The researcher sees your reason.")
            return redirect(url_for("approvals.show"), 303)
    return _page(id, approve=ApproveForm(formdata=None), refuse=form)


@pages.route("/approvals/<uuid:id>/end", methods=["GET", "POST"])
def end(id: UUID) -> Response:
    with reading("workbench") as connection:
        row = next((row for row in all_grants(connection) if row.id == id and row.ended_at is None), None)
    if row is None:
        raise NotFound("There is no such running approval.")
    form = EndForm()
    if form.validate_on_submit():
        project = actions.end(id, actor=actor_of(signed_in()), now=clock.now())
        flash(f"The approval of {project} has ended.")
        return redirect(url_for("approvals.show"), 303)
    page = render_template("custody/end.html", form=form, grant=row, document=opened(row))
    return make_response(page, 422 if form.errors else 200)
