"""The consent form: read it, choose, sign; and later, look up what one has agreed to.

What was answered before comes along in the form, and is kept with the signature or not at all.
"""

import secrets
from datetime import datetime
from uuid import UUID, uuid4

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import Conflict, Invalid, NotSignedIn
from studyportal.intake.consent.actions import OTHER_TEXT, give_consent
from studyportal.intake.consent.forms import chosen_scopes, given_name, is_check_alone, is_signed, signing_form
from studyportal.intake.diary.keeping import SealedEntry
from studyportal.intake.diary.screening import screening_entry
from studyportal.intake.diary.signing import receipt_signer
from studyportal.intake.enrolment import sign_in as signing_in
from studyportal.intake.enrolment import tries
from studyportal.intake.enrolment.actions import claim
from studyportal.intake.enrolment.awaiting import awaited, study_signed, study_to_sign, waits
from studyportal.intake.enrolment.offers import Offer, read_offer
from studyportal.intake.enrolment.places import link_of
from studyportal.intake.enrolment.sessions import NOT_REMEMBERED, REMEMBERED, Enrolled
from studyportal.intake.enrolment.views import enter
from studyportal.intake.enrolment.visitors import caller
from studyportal.intake.joining.asking import CARRIED, Passed, ask, judged_again, not_now, take
from studyportal.intake.joining.judging import Judged
from studyportal.protocol import ConsentForm, Protocol, local_date, zone_named
from studyportal.protocol.agreeing import study_with_text
from studyportal.registry.consent_copies import copies_made
from studyportal.registry.consents import agreed_scopes, consent_records, withdrawals_of
from studyportal.registry.countersignatures import countersignatures_of
from studyportal.registry.enrolments import public_key
from studyportal.saying import said
from studyportal.sealing.signatures import BLIND_SIZE
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.translating import tell

consent = Blueprint("consent", __name__)

_GIVEN = said("Consent has been given already.")
SIGNED = said("Signed. Your receipt is under My consent now; a signed copy follows.")
_OTHER_WORDS = said("These are not the six words that were shown to you. Look at your sheet and type them again.")


@consent.post("/join/consent")
def read() -> str:
    """The text, for somebody who has just been shown their words."""
    _offer()
    study = _in_force()
    return _to_sign(signing_form(study.consent, None), study)


def _to_sign(form, study: Protocol) -> str:  # type: ignore[no-untyped-def]
    return render_template(
        "intake/consent.html",
        form=form,
        offer=_sent_offer(),
        screening=request.form.get(CARRIED, ""),
        text=study.consent,
        language=study.language,
    )


@consent.post("/join/sign")
def sign() -> Response:
    """Enrol and record consent, once the words are typed that were shown."""
    place, now, offer = here(), clock.now(), _offer()
    shown = _study_read()
    study, text = shown.study.code, shown.consent
    form = signing_form(text, request.form)
    if is_check_alone(form, text, request.form):
        return make_response(_to_sign(form, shown), 422 if form.errors else 200)
    if not _is_complete(form, text, offer):
        page = _to_sign(form, shown)
        return make_response(page, 422)
    if link_of(offer.code):
        # An open link has many places; one network shall not take them all with a script.
        tries.count_network(address=request.remote_addr, secret=place.settings.secret_key, now=now)
    zone = form["zone"].data
    judged = judged_again(whose=offer.code, zone=zone, now=now)
    if judged is not None and judged.reasons:
        return not_now(judged, zone)
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
        name=given_name(form, text),
        screening=_to_keep(judged, claimed.enrolment, zone, now=now),
    )
    tell(SIGNED)
    remember = form["remember"].data
    lasting = REMEMBERED if remember else NOT_REMEMBERED
    signed_in = signing_in.start_session(claimed.enrolment, claimed.root, study=study, lasting=lasting, now=now)
    return enter(signed_in, remember=remember)


def _to_keep(judged: Judged | None, enrolment: UUID, zone: str, *, now: datetime) -> SealedEntry | None:
    """The answers given before, sealed to this person's key; None if the study asks nothing before consent."""
    if judged is None:
        return None
    with reading("registry", enrolment=enrolment) as connection:
        key = public_key(connection, enrolment, "diary")
    assert key is not None, "an enrolment is claimed with its keys"
    return screening_entry(
        uuid4(),
        Enrolled(enrolment, zone, local_date(now, zone), key.raw, has_stopped=False),
        judged.answers,
        blind=secrets.token_bytes(BLIND_SIZE),
        protocol=here().protocol,
        signer=receipt_signer(),
        now=now,
    )


def _sent_offer() -> str:
    return request.form.get("offer", "")


def _offer() -> Offer:
    return read_offer(_sent_offer(), secret=here().settings.secret_key)


def _in_force() -> Protocol:
    with reading("registry") as connection:
        return study_to_sign(connection)


def _study_read() -> Protocol:
    """The study in the language of the text that stood above the form which was sent: that is what is signed.

    That it is in force is asked once more where it is signed.
    """
    study = study_with_text(here().spoken, {request.form.get("text", "")})
    if study is None:
        raise Conflict(OTHER_TEXT)
    return study


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
def own() -> str:
    """What one has agreed to, with its papers; the form to sign for somebody who has not yet."""
    found = caller()
    with reading("registry", enrolment=found.enrolment) as connection:
        records = consent_records(connection, found.enrolment)
        withdrawals = withdrawals_of(connection, found.enrolment)
        copies = copies_made(connection, found.enrolment)
        to_sign = awaited(connection, found.enrolled)
        signed_by_clinic = {row.consent: row.signed_at for row in countersignatures_of(connection, found.enrolment)}
    if not records:
        if here().protocol.screening is not None:
            return ask(action=url_for("consent.screen"))
        study = _in_force()
        return _unsigned(signing_form(study.consent, None, zone=found.enrolled.zone), study)
    return render_template(
        "intake/own_consent.html",
        records=[(one, agreed_scopes(one), study_signed(one.text_sha256) or here().protocol) for one in records],
        copies=copies,
        signed_by_clinic=signed_by_clinic,
        withdrawals=withdrawals,
        to_sign=to_sign,
        waits=waits(to_sign),
        zone=found.enrolled.zone,
    )


@consent.post("/consent/screening")
def screen() -> Response:
    """Ask once more what comes before consent: the first answers got lost with the signature."""
    found = caller()
    if found.enrolled.started_on is not None:
        raise Conflict(_GIVEN)
    passed = take(action=url_for("consent.screen"), zone=found.enrolled.zone)
    if not isinstance(passed, Passed):
        return passed
    study = _in_force()
    form = signing_form(study.consent, None, zone=found.enrolled.zone)
    return make_response(_unsigned(form, study, passed=passed))


def _unsigned(form, study: Protocol, *, passed: Passed | None = None) -> str:  # type: ignore[no-untyped-def]
    screening = passed.carry(whose=str(caller().enrolment)) if passed else request.form.get(CARRIED, "")
    told = passed.told() if passed else {"help": None}
    return render_template(
        "intake/sign_later.html",
        form=form,
        text=study.consent,
        language=study.language,
        screening=screening,
        **{"zone": caller().enrolled.zone} | told,
    )


@consent.post("/consent")
def sign_later() -> Response:
    """Sign for somebody whose enrolment was kept while their signature got lost on the way."""
    found, place, now = caller(), here(), clock.now()
    if found.enrolled.started_on is not None:
        raise Conflict(_GIVEN)
    shown = _study_read()
    text = shown.consent
    form = signing_form(text, request.form, zone=found.enrolled.zone)
    if is_check_alone(form, text, request.form):
        return make_response(_unsigned(form, shown), 422 if form.errors else 200)
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
            judged = judged_again(whose=str(found.enrolment), zone=found.enrolled.zone, now=now)
            if judged is not None and judged.reasons:
                return not_now(judged, found.enrolled.zone)
            give_consent(
                found.enrolment,
                text,
                chosen_scopes(form, text),
                study=place.protocol.study.code,
                zone=found.enrolled.zone,
                consent_key=root.consent_key,
                now=now,
                name=given_name(form, text),
                screening=_to_keep(judged, found.enrolment, found.enrolled.zone, now=now),
            )
            tell(SIGNED)
            return redirect(url_for("diary.today"), 303)
    return make_response(_unsigned(form, shown), 422)
