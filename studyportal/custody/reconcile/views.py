"""Exact counts, for the custodian alone, made when asked for."""

from flask import Blueprint, render_template, request
from flask_wtf import FlaskForm

from studyportal import clock
from studyportal.custody.opening.entries import REASONS
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.reconcile.actions import reconcile
from studyportal.web.access import signed_in
from studyportal.web.here import here
from studyportal.web.sign_in.views import actor_of

pages = Blueprint("reconcile", __name__, url_prefix="/counts")


@pages.route("/", methods=["GET", "POST"])
def show() -> str:
    place, form, found = here(), FlaskForm(), None
    if request.method == "POST" and form.validate_on_submit():
        keys = load_keys(place.settings.key_file)
        found = reconcile(
            place.settings.shelf,
            keys=keys,
            protocol=place.protocol,
            check_receipts=False,
            actor=actor_of(signed_in()),
            now=clock.now(),
        )
    return render_template("custody/counts.html", found=found, reasons=REASONS, now=clock.now())
