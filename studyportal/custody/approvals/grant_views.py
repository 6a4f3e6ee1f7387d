"""All approvals with who signed when, one approval with its history, and what can be done to it."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for

from studyportal import clock
from studyportal.custody.approvals import changing
from studyportal.custody.approvals.changing import ACTS
from studyportal.custody.approvals.forms import change_form
from studyportal.custody.days import end_of
from studyportal.custody.opening.key_file import load_keys
from studyportal.database import reading
from studyportal.errors import Conflict, Invalid, NotFound
from studyportal.protocol.offering import by_instrument, offered_questions
from studyportal.web.access import signed_in
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.sign_in.accounts import accounts
from studyportal.workbench.agreements import signature_of, signatures
from studyportal.workbench.grants import all_grants, find_grant, history_of, opened, standing_of
from studyportal.workbench.levels import LEVELS
from studyportal.workbench.tables import CHANGES

pages = Blueprint("grants", __name__, url_prefix="/approvals")

STANDINGS = {
    "running": ("good", "Runs"),
    "suspended": ("attention", "Suspended"),
    "expired": ("neutral", "Expired"),
    "ended": ("neutral", "Ended"),
}


@pages.get("/")
def show() -> str:
    now = clock.now()
    with reading("workbench") as connection:
        names = {row.id: row.shown_name for row in accounts(connection, "workbench")}
        grants = [(row, opened(row), STANDINGS[standing_of(row, now=now)]) for row in all_grants(connection)]
        signed = {(row.project, row.text_sha256.hex()): row for row in signatures(connection)}
    return render_template("custody/grants.html", grants=grants, names=names, signed=signed, levels=LEVELS)


@pages.get("/<uuid:id>")
def look(id: UUID) -> str:
    now = clock.now()
    with reading("workbench") as connection:
        row = find_grant(connection, id)
        names = {one.id: one.shown_name for one in accounts(connection, "workbench")}
        history, signature = history_of(connection, row.project), signature_of(connection, opened(row))
    standing, paper = standing_of(row, now=now), opened(row)
    return render_template(
        "custody/grant.html",
        row=row,
        paper=paper,
        who=names.get(row.account, "?"),
        standing=STANDINGS[standing],
        asked=by_instrument(paper.items, offered_questions(here().protocol)),
        level=LEVELS[paper.level],
        signature=signature,
        history=history,
        changes=CHANGES,
        acts={name: act for name, act in ACTS.items() if standing in act.to},
    )


@pages.route("/<uuid:id>/<act>", methods=["GET", "POST"])
def change(id: UUID, act: str) -> Response:
    if act not in ACTS:
        raise NotFound("There is no such page.")
    with reading("workbench") as connection:
        row = find_grant(connection, id)
        names = {one.id: one.shown_name for one in accounts(connection, "workbench")}
    if (standing := standing_of(row, now=clock.now())) not in ACTS[act].to:
        raise Conflict(f"This approval is {standing}. Nothing was changed.")
    form = change_form(act)
    if form.validate_on_submit():
        try:
            project = changing.change(
                id,
                act,
                reason=form.reason.data,
                expires_at=end_of(form.expires_on.data) if act == "renew" else None,
                custodian=UUID(str(signed_in().id)),
                keys=load_keys(here().settings.key_file),
                now=clock.now(),
            )
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            flash(f"{CHANGES[act]}: {project}. It holds from the next request on.")
            return redirect(url_for("grants.look", id=id), 303)
    page = render_template(
        "custody/change_grant.html",
        form=form,
        word=act.upper(),
        act=ACTS[act],
        row=row,
        paper=opened(row),
        who=names.get(row.account, "?"),
    )
    return make_response(page, 422 if form.errors else 200)
