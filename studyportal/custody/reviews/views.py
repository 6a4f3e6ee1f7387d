"""Reviews that wait, one with what it would add and what that means, and the page on which it is allowed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for

from studyportal import clock
from studyportal.custody.approvals.grant_views import STANDINGS
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.reviews import actions
from studyportal.custody.reviews.forms import ALLOW, AllowForm, RefuseReviewForm
from studyportal.database import reading
from studyportal.errors import Conflict, Invalid
from studyportal.statistics.guessing import guessed
from studyportal.web.access import signed_in
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.sign_in.accounts import accounts
from studyportal.workbench.applications import find_application
from studyportal.workbench.grants import grant_of, opened, standing_of
from studyportal.workbench.reviews import (
    ALLOWED_FOR,
    blocks_in,
    closed_reviews,
    find_review,
    state_of,
    told_in,
    waiting_reviews,
)

pages = Blueprint("reviews", __name__, url_prefix="/reviews")

LATELY = 20
STATES = {
    "waiting": ("attention", "Waits"),
    "allowed": ("good", "Allowed"),
    "used": ("good", "Allowed and opened"),
    "expired": ("neutral", "Allowed, not opened in time"),
    "refused": ("neutral", "Refused"),
    "withdrawn": ("neutral", "Taken back"),
}


@pages.get("/")
def show() -> str:
    now = clock.now()
    with reading("workbench") as connection:
        names = {row.id: row.shown_name for row in accounts(connection, "workbench")}
        waiting = [(row, told_in(row.told)) for row in waiting_reviews(connection)]
        closed = [
            (row, told_in(row.told), STATES[state_of(row, now=now)]) for row in closed_reviews(connection, most=LATELY)
        ]
    return render_template("custody/reviews.html", waiting=waiting, closed=closed, names=names)


def _about(id: UUID) -> Mapping[str, Any]:
    """What both pages of a review say."""
    now, limits = clock.now(), here().protocol.disclosure
    with reading("workbench") as connection:
        row = find_review(connection, id)
        grant = grant_of(connection, row.project)
        plan = find_application(connection, grant.application)["plan"]
        names = {one.id: one.shown_name for one in accounts(connection, "workbench")}
    state = state_of(row, now=now)
    return {
        "row": row,
        "who": names.get(row.account, "?"),
        "grant": grant,
        "standing": STANDINGS[standing_of(grant, now=now)],
        "paper": opened(grant),
        "plan": plan,
        "state": state,
        "shown": STATES[state],
        "told": told_in(row.told),
        "opened": told_in(row.opened),
        "blocks": blocks_in(row),
        "limits": limits,
        "chances": [(words, units, guessed(units, noise=limits.noise)) for words, units in _marks(row, limits)],
        "days": ALLOWED_FOR.days,
    }


def _marks(row: Any, limits: Any) -> list[tuple[str, int]]:
    """How much of the ledger is looked at, from little to much: what is used, what would be, and the limits."""
    whole = limits.ledger_of_all
    marks = [
        ("Used of these people by now", row.used_before),
        ("What a project may use without a review", limits.ledger),
        ("Used of them if you allow this", row.reach),
        ("Twice what a project may use", min(2 * limits.ledger, whole)),
        ("What all projects together may use; nobody can allow more", whole),
    ]
    return sorted(marks, key=lambda mark: mark[1])


def _page(id: UUID, refuse: RefuseReviewForm) -> Response:
    page = render_template("custody/review.html", **_about(id), refuse=refuse)
    return make_response(page, 422 if refuse.errors else 200)


@pages.get("/<uuid:id>")
def look(id: UUID) -> Response:
    return _page(id, RefuseReviewForm(formdata=None))


@pages.route("/<uuid:id>/allow", methods=["GET", "POST"])
def allow(id: UUID) -> Response:
    about, form, place = _about(id), AllowForm(), here()
    if about["state"] != "waiting":
        raise Conflict("This review no longer waits. Nothing was changed.")
    if form.validate_on_submit():
        try:
            actions.allow_review(
                id,
                answer=form.answer.data,
                custodian=UUID(str(signed_in().id)),
                study=place.protocol.study.code,
                keys=load_keys(place.settings.key_file),
                now=clock.now(),
            )
        except Invalid as refusal:
            show_problems(form, {"answer": refusal.sentence})
        else:
            flash(f"Allowed, once, within {ALLOWED_FOR.days} days. {about['who']} sees your answer.")
            return redirect(url_for("reviews.look", id=id), 303)
    page = render_template("custody/allow_review.html", **about, form=form, word=ALLOW)
    return make_response(page, 422 if form.errors else 200)


@pages.post("/<uuid:id>/refuse")
def refuse(id: UUID) -> Response:
    form = RefuseReviewForm()
    if form.validate_on_submit():
        try:
            actions.refuse_review(id, answer=form.answer.data, custodian=UUID(str(signed_in().id)), now=clock.now())
        except Invalid as refusal:
            show_problems(form, {"answer": refusal.sentence})
        else:
            flash("Refused. The researcher sees your sentence.")
            return redirect(url_for("reviews.show"), 303)
    return _page(id, form)
