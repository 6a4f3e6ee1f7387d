"""The consent form: read it, choose, sign; and later, look up what one has agreed to."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import Conflict, Invalid, NotSignedIn
from studyportal.intake.consent.actions import give_consent
from studyportal.intake.consent.forms import chosen_scopes, is_signed, signing_form
from studyportal.intake.enrolment import sign_in as signing_in
from studyportal.intake.enrolment.actions import claim
from studyportal.intake.enrolment.offers import Offer, read_offer
from studyportal.intake.enrolment.sessions import NOT_REMEMBERED, REMEMBERED
from studyportal.intake.enrolment.views import enter
from studyportal.intake.enrolment.visitors import caller
from studyportal.protocol import ConsentForm, Protocol, zone_named
from studyportal.registry.consents import agreed_scopes, consent_records, withdrawals_of
from studyportal.web.access import access
from studyportal.web.fields import show_problems
from studyportal.web.here import here

consent = Blueprint("consent", __name__)

_OTHER_TEXT = "The consent form is not as it was when you opened it. Read it again before you sign."
_OTHER_WORDS = "These are not the six words that were shown to you. Look at your sheet and type them again."


@consent.post("/join/consent")
@access("public")
def read() -> str:
    """The text, for somebody who has just been shown their words."""
    _offer()
    study = here().protocol
    return _to_sign(signing_form(study.consent, None), study)


def _to_sign(form, study: Protocol) -> str:  # type: ignore[no-untyped-def]
    return render_template(
        "intake/consent.html", form=form, offer=_sent_offer(), text=study.consent, language=study.language
    )


@consent.post("/join/sign")
@access("public")
def sign() -> Response:
    """Enrol and record consent, once the words are typed that were shown."""
    place, now, offer = here(), clock.now(), _offer()
    shown = _study_read()
    study, text = shown.study.code, shown.consent
    form = signing_form(text, request.form)
    if not _is_complete(form, text, offer):
        page = _to_sign(form, shown)
        return make_response(page, 422)
    zone = form["zone"].data
    claimed = claim(
        offer.code,
        zone=zone,
        study=study,
        custody_public_key=place.settings.custody_public,
        now=now,
        participant_code=offer.participant_code,
        passphrase=form["passphrase"].data,
    )
    give_consent(
        claimed.enrolment,
        text,
        chosen_scopes(form, text),
        study=study,
        zone=zone,
        consent_key=claimed.root.consent_key,
        now=now,
    )
    remember = form["remember"].data
    lasting = REMEMBERED if remember else NOT_REMEMBERED
    signed_in = signing_in.start_session(claimed.enrolment, claimed.root, study=study, lasting=lasting, now=now)
    return enter(signed_in, remember=remember)


def _sent_offer() -> str:
    return request.form.get("offer", "")


def _offer() -> Offer:
    return read_offer(_sent_offer(), secret=here().settings.secret_key)


def _study_read() -> Protocol:
    """The study in the language of the text that stood above the form which was sent: that is what is signed."""
    sent = request.form.get("text", "")
    for study in here().spoken:
        if study.consent.digest == sent:
            return study
    raise Conflict(_OTHER_TEXT)


def _is_complete(form, text: ConsentForm, offer: Offer) -> bool:  # type: ignore[no-untyped-def]
    complete = is_signed(form, text)
    if form["zone"].data:
        try:
            zone_named(form["zone"].data)
        except Invalid as refusal:
            show_problems(form, {"zone": refusal.sentence})
            complete = False
    if form["passphrase"].data and not offer.fits(form["passphrase"].data, secret=here().settings.secret_key):
        show_problems(form, {"passphrase": _OTHER_WORDS})
        complete = False
    return complete


@consent.get("/consent")
@access("participant")
def own() -> str:
    """What one has agreed to; the form to sign for somebody who has not yet."""
    found = caller()
    with reading("registry", enrolment=found.enrolment) as connection:
        records = consent_records(connection, found.enrolment)
        withdrawals = withdrawals_of(connection, found.enrolment)
    form = None if records else signing_form(here().protocol.consent, None, zone=found.enrolled.zone)
    study = _study_signed(records[0].text_sha256) if records else here().protocol
    return _own(form, [(record, agreed_scopes(record)) for record in records], withdrawals, study)


def _study_signed(digest: bytes) -> Protocol:
    """The study as it was signed, language and all, by its consent form; the present one if that is not here any more."""
    known = [study for first in here().spoken for study in (first, *first.earlier.values())]
    return next((study for study in known if study.consent.digest == digest.hex()), here().protocol)


def _own(form, records, withdrawals, study: Protocol) -> str:  # type: ignore[no-untyped-def]
    return render_template(
        "intake/own_consent.html",
        form=form,
        records=records,
        withdrawals=withdrawals,
        text=study.consent,
        language=study.language,
        zone=caller().enrolled.zone,
    )


@consent.post("/consent")
@access("participant")
def sign_later() -> Response:
    """Sign for somebody whose enrolment was kept while their signature got lost on the way."""
    found, place, now = caller(), here(), clock.now()
    if found.enrolled.started_on is not None:
        raise Conflict("Consent has been given already.")
    shown = _study_read()
    text = shown.consent
    form = signing_form(text, request.form, zone=found.enrolled.zone)
    if is_signed(form, text):
        try:
            _, root = signing_in.recognise(
                found.participant_code,
                form["passphrase"].data,
                address=request.remote_addr,
                secret=place.settings.secret_key,
                now=now,
            )
        except NotSignedIn:
            show_problems(form, {"passphrase": _OTHER_WORDS})
        else:
            give_consent(
                found.enrolment,
                text,
                chosen_scopes(form, text),
                study=place.protocol.study.code,
                zone=found.enrolled.zone,
                consent_key=root.consent_key,
                now=now,
            )
            return redirect(url_for("diary.today"), 303)
    return make_response(_own(form, [], [], shown), 422)
