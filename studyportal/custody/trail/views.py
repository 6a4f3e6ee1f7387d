"""The trail's page. Checking reads everything, so it happens when it is asked for."""

from flask import Blueprint, render_template, request
from flask_wtf import FlaskForm

from studyportal import clock
from studyportal.audit import verify
from studyportal.custody.trail.reading import latest
from studyportal.database import BINDS, reading

pages = Blueprint("trail", __name__, url_prefix="/trail")

SHOWN = 60


@pages.route("/", methods=["GET", "POST"])
def show() -> str:
    form, verdicts = FlaskForm(), {}
    if request.method == "POST" and form.validate_on_submit():
        for bind in BINDS:
            with reading(bind) as connection:
                verdicts[bind] = verify(connection, bind)
    return render_template("custody/trail.html", events=latest(SHOWN), verdicts=verdicts, now=clock.now())
