"""The pages of a project's releases: those made, the form for a new one, the package."""

from itertools import groupby
from secrets import SystemRandom
from uuid import UUID, uuid4

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import Invalid
from studyportal.research.access.project import check_records, project, still_approved
from studyportal.research.cohorts.blocks import steps
from studyportal.research.cohorts.opening import charge
from studyportal.research.cohorts.request import Asked, asked
from studyportal.research.cohorts.selection import attrition
from studyportal.research.holdings import holdings
from studyportal.research.releases.actions import make_release, take_release
from studyportal.research.releases.fields import MOST_IN_SMALL_COHORTS, MOST_QUASI_IDENTIFIERS, SMALL_COHORT, offered
from studyportal.research.releases.making import Wanted
from studyportal.web.access import signed_in
from studyportal.web.sign_in.views import actor_of
from studyportal.workbench.releases import releases_of

pages = Blueprint("releases", __name__)


@pages.get("/releases")
def made() -> str:
    with reading("workbench") as connection:
        found = releases_of(connection, project().project)
    return render_template("research/releases.html", project=project(), releases=found)


def _page(question: Asked, form: FlaskForm, chosen: list[str]) -> str:
    snapshot = question.snapshot
    fields = offered(snapshot.codebook).values()
    return render_template(
        "research/new_release.html",
        project=project(),
        snapshot=snapshot,
        newest=holdings().shelf.newest,
        asked=question,
        form=form,
        chosen=chosen,
        attrition=attrition(snapshot, question.criteria),
        fields=[(one, [*many]) for one, many in groupby(fields, lambda field: field.instrument)],
        most=(MOST_QUASI_IDENTIFIERS, MOST_IN_SMALL_COHORTS, SMALL_COHORT),
    )


@pages.get("/releases/new")
def new() -> str:
    check_records()
    question = asked()
    charge(question, steps(question.snapshot.number, question.criteria))
    return _page(question, FlaskForm(formdata=None), [])


@pages.post("/releases/new")
def make() -> Response:
    check_records()
    question, form, caller, held = asked(), FlaskForm(), signed_in(), holdings()
    names, number = request.form.getlist("item")[:500], question.snapshot.number
    charge(question, steps(number, question.criteria))
    try:
        make_release(
            Wanted(
                release=uuid4(),
                project=project().project,
                snapshot=question.snapshot,
                snapshot_manifest=held.shelf.published(number).manifest_sha256,
                criteria=question.criteria,
                names=names,
            ),
            codes=held.shelf.codes(number, project().project),
            folder=held.releases,
            export_key=held.export_key,
            certificate=held.export_certificate,
            account=UUID(str(caller.id)),
            still=still_approved(),
            actor=actor_of(caller),
            rng=SystemRandom(),
            now=clock.now(),
        )
    except Invalid as refusal:
        form.form_errors.append(refusal.sentence)
        return make_response(_page(question, form, names), 422)
    flash("The release is made and checked. Download it below.")
    return redirect(url_for("project.releases.made"), 303)


@pages.get("/releases/<uuid:identifier>/package.zip")
def package(identifier: UUID) -> Response:
    check_records()
    held, name = holdings(), project().project
    data = take_release(
        identifier,
        project=name,
        folder=held.releases,
        codes=lambda snapshot: held.shelf.codes(snapshot, name).values(),
        still=still_approved(),
        actor=actor_of(signed_in()),
        now=clock.now(),
    )
    response = Response(data, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="release-{identifier}.zip"'
    return response
