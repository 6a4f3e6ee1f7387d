"""The pages for new words: the code from the clinic, the new sheet, the proof that it was kept; and stopping it all."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.errors import Conflict, NotSignedIn
from studyportal.intake.enrolment.offers import make_offer, read_offer
from studyportal.intake.enrolment.visitors import caller
from studyportal.intake.resets import actions
from studyportal.intake.resets.forms import NewWordsForm, ResetForm
from studyportal.saying import said
from studyportal.sealing.passphrase import generate_passphrase
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.translating import tell

resets = Blueprint("resets", __name__, url_prefix="/new-words")

_OTHER_WORDS = said("These are not the words on the new sheet. Look again at each of them.")


@resets.get("/")
def ask() -> str:
    """What to do when the words are lost, and where the code goes."""
    return render_template("intake/new_words.html", form=ResetForm())


@resets.post("/")
def show() -> Response:
    """Six new words, once, for whoever brings a code that fits. Nothing is changed yet."""
    form, secret = ResetForm(request.form), here().settings.secret_key
    if not form.validate():
        return make_response(render_template("intake/new_words.html", form=form), 422)
    try:
        code, given = actions.check_code(
            form.code.data, form.reset_code.data, address=request.remote_addr, secret=secret, now=clock.now()
        )
    except NotSignedIn as refusal:
        form.form_errors.append(refusal.sentence)
        return make_response(render_template("intake/new_words.html", form=form), 401)
    words = generate_passphrase()
    page = render_template(
        "intake/new_sheet.html",
        words=words.split(),
        participant_code=code,
        offer=make_offer(given, code, words, secret=secret),
    )
    return make_response(page)


@resets.post("/keep")
def keep() -> Response:
    """Ask for the words that were just shown, and hand them over when they are typed right."""
    form, text = NewWordsForm(request.form), request.form.get("offer", "")
    secret = here().settings.secret_key
    offer = read_offer(text, secret=secret)
    if "passphrase" not in request.form:
        return make_response(render_template("intake/type_words.html", form=form, offer=text))
    if form.validate() and not offer.fits(form.passphrase.data, secret=secret):
        show_problems(form, {"passphrase": _OTHER_WORDS})
    if form.errors:
        return make_response(render_template("intake/type_words.html", form=form, offer=text), 422)
    try:
        actions.take(offer.participant_code, offer.code, form.passphrase.data, now=clock.now())
    except (Conflict, NotSignedIn) as refusal:
        asked = ResetForm()
        asked.form_errors.append(refusal.sentence)
        return make_response(render_template("intake/new_words.html", form=asked), 409)
    return redirect(url_for("resets.done"), 303)


@resets.get("/done")
def done() -> str:
    """What happens now."""
    return render_template("intake/new_words_done.html")


@resets.post("/stop")
def stop() -> Response:
    """Stop a reset that one did not want."""
    try:
        actions.stop(caller().enrolment, now=clock.now())
    except Conflict as refusal:
        tell(refusal.sentence)
    else:
        tell(said("Stopped. Your six words go on working. If you did not ask for new ones, tell your clinic."))
    return redirect(url_for("diary.today"), 303)
