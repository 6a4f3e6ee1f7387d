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
from studyportal.protocol import zone_named
from studyportal.registry.consents import agreed_scopes, consent_records, withdrawals_of
from studyportal.web.access import access
from studyportal.web.fields import show_problems
from studyportal.web.here import here

consent = Blueprint("consent", __name__)

_OTHER_WORDS = "These are not the six words that were shown to you. Look at your sheet and type them again."


@consent.post("/join/consent")
@access("public")
def read() -> str:
    """The text, for somebody who has just been shown their words."""
    _offer()
    return render_template("intake/consent.html", form=signing_form(here().protocol.consent, None), offer=_sent_offer())


@consent.post("/join/sign")
@access("public")
def sign() -> Response:
    """Enrol and record consent, once the words are typed that were shown."""
    place, now, offer = here(), clock.now(), _offer()
    study, text = place.protocol.study.code, place.protocol.consent
    form = signing_form(text, request.form)
    if not _is_complete(form, offer):
        page = render_template("intake/consent.html", form=form, offer=_sent_offer())
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


def _is_complete(form, offer: Offer) -> bool:  # type: ignore[no-untyped-def]
    complete = is_signed(form, here().protocol.consent)
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
    return _own(form, [(record, agreed_scopes(record)) for record in records], withdrawals)


def _own(form, records, withdrawals) -> str:  # type: ignore[no-untyped-def]
    return render_template(
        "intake/own_consent.html", form=form, records=records, withdrawals=withdrawals, zone=caller().enrolled.zone
    )


@consent.post("/consent")
@access("participant")
def sign_later() -> Response:
    """Sign for somebody whose enrolment was kept while their signature got lost on the way."""
    found, place, now = caller(), here(), clock.now()
    if found.enrolled.started_on is not None:
        raise Conflict("Consent has been given already.")
    text = place.protocol.consent
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
    return make_response(_own(form, [], []), 422)
