"""Where the ledger refuses: the way to a reviewer, the request, what became of it, and opening what was allowed.

Every page here is made from what was asked, so it is the same whoever is asked about.
"""

import json
from collections.abc import Mapping
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import Invalid, NotFound
from studyportal.research.access.project import project, still_approved
from studyportal.research.cohorts.blocks import opening, report
from studyportal.research.cohorts.opening import (
    REPORT,
    RESULTS,
    Ledger,
    ReviewNeeded,
    kept_block,
    ledger_of,
    opened_blocks,
)
from studyportal.research.cohorts.request import Asked, asked, asked_by
from studyportal.research.cohorts.showing import answer_now
from studyportal.research.disclosure.ledger import Block
from studyportal.research.holdings import holdings
from studyportal.research.reviews.actions import ask_review, open_allowed, take_back_review
from studyportal.research.reviews.forms import AskForm, PressForm
from studyportal.research.reviews.wording import told
from studyportal.statistics.guessing import guessed
from studyportal.web.access import signed_in
from studyportal.web.fields import show_problems
from studyportal.web.refusals import status_of, wants_json
from studyportal.web.request_log import request_id
from studyportal.web.sign_in.views import actor_of
from studyportal.workbench.ledger import blocks_of
from studyportal.workbench.reviews import (
    Told,
    blocks_in,
    find_review,
    in_order,
    open_review,
    reviews_of,
    state_of,
    told_in,
)

pages = Blueprint("reviews", __name__)

ABOUT = "about"
# How each state is shown: kind of state, and words.
STATES = {
    "waiting": ("attention", "Waits for the data custodian"),
    "allowed": ("good", "Allowed"),
    "refused": ("neutral", "Refused"),
    "used": ("good", "Opened"),
    "expired": ("neutral", "Allowed, and not opened in time"),
    "withdrawn": ("neutral", "Taken back by you"),
}


def lead_to_review(refusal: ReviewNeeded) -> Response:
    """The page in the place of what the ledger refuses."""
    if wants_json():
        body = jsonify(refusal=refusal.sentence, kind="LedgerSpent", request=request_id(), ask=refusal.ask)
        return make_response(body, status_of(refusal))
    page = render_template("research/review_needed.html", project=project(), sentence=refusal.sentence, ask=refusal.ask)
    return make_response(page, status_of(refusal))


def listed(connection: sa.Connection) -> list[tuple[sa.Row, tuple[Told, ...], tuple[str, str]]]:
    """The reviews of this project, newest first, each with its words and how its state is shown."""
    now = clock.now()
    return [
        (row, told_in(row.told), STATES[state_of(row, now=now)]) for row in reviews_of(connection, project().project)
    ]


@pages.get("/reviews")
def every() -> str:
    with reading("workbench") as connection:
        found = listed(connection)
    return render_template("research/reviews.html", project=project(), reviews=found)


def _blocks(question: Asked, about: str) -> list[Block]:
    """All that is asked for at once. Raises `NotFound` for what is neither."""
    made = {RESULTS: opening, REPORT: lambda one: report(one.snapshot, one.criteria)}
    if about not in made:
        raise NotFound("There is no such page.")
    return [*made[about](question)]


@pages.route("/reviews/ask", methods=["GET", "POST"])
def ask() -> Response:
    """The request; what is open already leads to its page, and what was asked for to what became of it."""
    about = request.args.get(ABOUT, RESULTS)
    question, form = asked(other=frozenset({ABOUT})), AskForm()
    blocks, ledger, now = _blocks(question, about), ledger_of(question.snapshot), clock.now()
    charged, price = ledger.charged(blocks), ledger.price(blocks, now=now)
    with reading("workbench") as connection:
        there = open_review(connection, ledger.project, in_order(map(kept_block, charged)), now=now)
        before = opened_blocks(blocks_of(connection, ledger.project))
    back = question.address(snapshot=question.snapshot.number)
    if there is not None:
        return redirect(url_for("project.reviews.look", identifier=there.id), 303)
    if price.is_within:
        flash("The ledger of the project holds this. Nobody has to allow it.")
        return redirect(url_for("project.cohorts.show", **back), 303)
    if price.may_be_reviewed and form.validate_on_submit():
        new, caller = uuid4(), signed_in()
        try:
            ask_review(
                new,
                blocks,
                ledger=ledger,
                address=json.dumps(back),
                reason=form.reason.data,
                account=UUID(str(caller.id)),
                still=still_approved(),
                actor=actor_of(caller),
                now=now,
            )
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            flash("Your request is with the data custodian. You can take it back until it is decided.")
            return redirect(url_for("project.reviews.look", identifier=new), 303)
    book = question.snapshot.codebook
    page = render_template(
        "research/ask_review.html",
        project=project(),
        snapshot=question.snapshot,
        form=form,
        about=about,
        told=told(charged - before, book),
        price=price,
        guessed=lambda units: guessed(units, noise=book.protection.noise),
        back=url_for("project.cohorts.show", **back),
    )
    return make_response(page, 422 if form.errors else 200)


@pages.get("/reviews/<uuid:identifier>")
def look(identifier: UUID) -> str:
    with reading("workbench") as connection:
        row = find_review(connection, identifier, project=project().project)
    state = state_of(row, now=clock.now())
    return render_template(
        "research/review.html",
        project=project(),
        row=row,
        state=state,
        shown=STATES[state],
        told=told_in(row.told),
        back=url_for("project.cohorts.show", **_address(row)),
        form=PressForm(formdata=None),
    )


def _address(row: sa.Row) -> Mapping[str, object]:
    found: dict[str, object] = json.loads(row.address)
    return found


def _parts(row: sa.Row) -> list[tuple[str, str]]:
    """The address as a request would bring it."""
    found = ((name, value if isinstance(value, list) else [value]) for name, value in _address(row).items())
    return [(name, str(one)) for name, values in found for one in values]


@pages.post("/reviews/<uuid:identifier>/withdraw")
def withdraw(identifier: UUID) -> Response:
    take_back_review(
        identifier, project=project().project, still=still_approved(), actor=actor_of(signed_in()), now=clock.now()
    )
    flash("You took the request back. Nobody decides on it any more.")
    return redirect(url_for("project.reviews.every"), 303)


@pages.post("/reviews/<uuid:identifier>/open")
def open_it(identifier: UUID) -> Response:
    """Open what was allowed and lead to it. The snapshot is read before: reading one can write."""
    caller, name, held = signed_in(), project().project, holdings()
    with reading("workbench") as connection:
        row = find_review(connection, identifier, project=name)
    question = asked_by(_parts(row), blocks_in(row)[0].snapshot)
    ledger = Ledger(question.snapshot, name)
    open_allowed(
        identifier,
        ledger=ledger,
        account=UUID(str(caller.id)),
        study=held.study,
        custody_public=held.custody_public,
        still=still_approved(),
        actor=actor_of(caller),
        now=clock.now(),
    )
    answer_now(question, ledger, now=clock.now())
    flash("What the data custodian allowed is open.")
    return redirect(url_for("project.cohorts.show", **_address(row)), 303)
