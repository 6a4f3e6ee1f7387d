"""The data-use agreement of a project: its text with the grant's terms beside it, and the signature under both."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for

from studyportal import clock
from studyportal.database import reading, writing
from studyportal.errors import Invalid
from studyportal.protocol.offering import by_instrument, offered_questions
from studyportal.research.access import actions
from studyportal.research.access.forms import AgreementForm
from studyportal.research.access.project import own_grant, running
from studyportal.research.holdings import holdings
from studyportal.web.access import signed_in
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.sign_in.views import actor_of
from studyportal.workbench.agreements import agreement_of, signature_of
from studyportal.workbench.grants import GrantDocument, authentic, standing_of
from studyportal.workbench.levels import LEVELS

pages = Blueprint("agreements", __name__, url_prefix="/agreements/<name>")


def _account() -> UUID:
    return UUID(str(signed_in().id))


def _page(document: GrantDocument, form: AgreementForm) -> Response:
    with reading("workbench") as connection:
        row, signature = own_grant(connection, document.project, account=_account()), signature_of(connection, document)
    page = render_template(
        "research/agreement.html",
        document=document,
        agreement=agreement_of(document),
        asked=by_instrument(document.items, offered_questions(here().protocol)),
        level=LEVELS[document.level],
        signature=signature,
        standing=standing_of(row, now=clock.now()),
        form=form,
    )
    return make_response(page, 422 if form.errors else 200)


@pages.get("/")
def read(name: str) -> Response:
    """The text stays readable when access is over: its promises stay as well."""
    held, account = holdings(), _account()
    with reading("workbench") as connection:
        row = own_grant(connection, name, account=account)
    document = authentic(row, study=held.study, account=account, custody_public=held.custody_public)
    return _page(document, AgreementForm(formdata=None, digest=actions.shown_digest(document)))


@pages.post("/")
def sign(name: str) -> Response:
    form = AgreementForm()
    with reading("workbench") as connection:
        document = running(connection, name, account=_account(), holdings=holdings(), now=clock.now())
    if form.validate_on_submit():
        try:
            with writing("workbench") as connection:
                actions.sign(
                    connection,
                    document,
                    signed_name=form.signed_name.data,
                    own_name=signed_in().name,
                    digest=form.digest.data or "",
                    actor=actor_of(signed_in()),
                    now=clock.now(),
                )
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            flash("Signed. Your project is open.")
            return redirect(url_for("project.snapshot.show", project=name), 303)
    return _page(document, form)
