"""The pages of the preview. What is typed is read exactly as it would be, shown once, and forgotten."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from studyportal import clock
from studyportal.errors import Invalid, NotFound
from studyportal.intake.consent.forms import is_check_alone, signing_form
from studyportal.intake.course.alerting import Help, help_for
from studyportal.portal.preview.showing import would_keep
from studyportal.protocol import KINDS, Answers, Instrument, Protocol
from studyportal.protocol.alerts import raised
from studyportal.protocol.document import Alert
from studyportal.web.answering.forms import diary_form
from studyportal.web.answering.sent import read_form
from studyportal.web.fields import show_problems
from studyportal.web.here import here

preview = Blueprint("preview", __name__)

ZONE = "UTC"  # of moments that are typed here; the study itself uses the participant's own
# How pressing an alert is -> the shape and colour that pages give it.
LEVELS = {"low": "neutral", "high": "attention", "urgent": "urgent"}


def study() -> Protocol:
    """The study that is looked at, in the language that the reader has chosen."""
    return here().protocol  # type: ignore[no-any-return]


@preview.context_processor
def _shown() -> dict[str, Any]:
    return {"study": study(), "here_in": _here_in, "asked": _asked, "levels": LEVELS}


def _here_in(language: str) -> str:
    """The address of this page in another language of the study."""
    return url_for(request.endpoint or "preview.contents", **{**(request.view_args or {}), "language": language})


def _asked(instrument: Instrument) -> list[str]:
    """The questions that are answered, not those worked out or standing between."""
    return [name for name, item in instrument.items.items() if KINDS[item.kind].answered]


@preview.get("/")
def contents() -> str:
    """All parts of the study."""
    reasons = [(one.name, str(one.when), one.say) for one in study().ineligibility]
    contacts = [
        (country or "Elsewhere", one.name, one.phone, one.hours)
        for country, lines in study().contacts.items()
        for one in lines
    ]
    return render_template("preview/contents.html", reasons=reasons, contacts=contacts)


@preview.get("/instruments/<name>")
def instrument(name: str) -> str:
    """One instrument, empty."""
    return _questions(_instrument(name), diary_form(_instrument(name), None, language=study().language))


@preview.post("/instruments/<name>")
def answer(name: str) -> Response:
    """What would be kept, released and raised; or the form again with what to put right."""
    asked = _instrument(name)
    try:
        answers = _read(asked)
    except Invalid as refusal:
        form = diary_form(asked, request.form, language=study().language)
        show_problems(form, refusal.problems)
        return make_response(_questions(asked, form), 422)
    page = render_template(
        "preview/kept.html",
        instrument=asked,
        lines=would_keep(asked, answers),
        helps=[_help(alert) for alert in raised(study(), asked.name, answers.to_wire())],
        zone=ZONE,
    )
    return make_response(page)


def _read(asked: Instrument) -> Answers:
    sent = read_form(asked, request.form.copy())
    own = {name: value for name, value in sent.answers.items() if name != "csrf_token"}
    return asked.parse(own, missing=sent.missing, zone=ZONE)


def _instrument(name: str) -> Instrument:
    if name not in study().instruments:
        raise NotFound("The study has no such questions.")
    return study().instruments[name]


def _questions(asked: Instrument, form: Any) -> str:
    return render_template("preview/instrument.html", instrument=asked, form=form)


@preview.route("/consent", methods=["GET", "POST"])
def consent() -> str:
    """The consent form as it is read; its questions about the text can be answered."""
    form = signing_form(study().consent, request.form if request.method == "POST" else None)
    is_check_alone(form, study().consent, request.form)
    return render_template("preview/consent.html", form=form)


@preview.get("/alerts/<name>")
def alert(name: str) -> str:
    """What an alert tells the participant, and what it tells the clinician."""
    if name not in study().alerts:
        raise NotFound("The study has no such alert.")
    shown = study().alerts[name]
    return render_template("preview/alert.html", alert=shown, help=_help(shown), zone=ZONE)


def _help(alert: Alert) -> Help:
    return help_for([alert], study(), zone=ZONE, now=clock.now())
