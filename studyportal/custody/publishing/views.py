"""The page of snapshots: what is published, whether another may be, and publishing it."""

import secrets
from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from wtforms.validators import AnyOf

from studyportal import clock
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.publishing.actions import may_publish, publish
from studyportal.custody.publishing.cadence import EXCEPTIONS, Ruling
from studyportal.custody.publishing.forms import PublishForm
from studyportal.custody.spreading.workers import workers_of
from studyportal.database import reading
from studyportal.keyring.publications import publications
from studyportal.web.access import signed_in
from studyportal.web.here import here
from studyportal.web.sign_in.views import actor_of
from studyportal.web.words import counted

pages = Blueprint("snapshots", __name__, url_prefix="/snapshots")


def _exceptions(judged: Ruling, *, synthetic: bool) -> Mapping[str, str]:
    """Which exceptions may be chosen now: none if none is needed, and the demonstration's only where nobody is real."""
    if judged.may_publish:
        return {}
    return {name: words for name, words in EXCEPTIONS.items() if synthetic or name != "demonstration"}


@pages.route("/", methods=["GET", "POST"])
def show() -> Response:
    place, now, form = here(), clock.now(), PublishForm()
    keys, shelf = load_keys(place.settings.key_file), place.settings.shelf
    judged = may_publish(shelf, keys=keys, protocol=place.protocol, now=now)
    exceptions = _exceptions(judged, synthetic=place.settings.synthetic)
    if exceptions:
        form.exception.choices = list(exceptions.items())
        form.exception.validators = [AnyOf(list(exceptions), message="Choose why the rule should not hold.")]
    else:
        del form.exception
    if form.validate_on_submit():
        done = publish(
            shelf,
            keys=keys,
            protocol=place.protocol,
            exception=form.exception.data if exceptions else None,
            rng=secrets.SystemRandom(),
            workers=workers_of(place.settings.scheduler),
            actor=actor_of(signed_in()),
            now=now,
        )
        told = f"Snapshot {done.number} is published: {counted(done.participants, 'participant', 'participants')}"
        flash(f"{told}, {counted(done.rows, 'row', 'rows')}.")
        return redirect(url_for("snapshots.show"), 303)
    with reading("keyring") as connection:
        found = publications(connection)
    page = render_template("custody/snapshots.html", form=form, judged=judged, publications=found, now=now)
    return make_response(page, 422 if form.errors else 200)
